"""Awaited items: those whose archive holds them offline, and what has been done to have them brought online.

A record for each, `job#{id}`/`awaited#{first transfer}`, from planning until its files can be transferred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from rs_server.staging.concurrency import each
from rs_server.staging.leases import Lease
from rs_server.staging.table import Change, Key, Record, Removal, Table

AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedItem:
    """An item that an archive has to bring online. Its transfers are those numbered `first` to `last`."""

    job: str
    item: str
    collection: str
    """The station collection under which its archives know it, such as `s1_lta`."""
    first: int
    last: int
    order: str = ""
    """Id of the order that is under way, such as `acri:2b17b57d-...`; empty before one was placed."""
    station: str = ""
    """Where it is ordered."""
    estimated: str = ""
    """When the archive expects to have it, as it told last."""
    orders: int = 0
    """How many orders were placed so far, those that failed included."""
    missed: tuple[str, ...] = ()
    """Archives that were to have it online and did not."""


class AwaitedStore:
    """Awaited items in the jobs table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    async def create_all(self, lease: Lease, items: Iterable[AwaitedItem]) -> bool:
        """Record the items of a job that is planned; False when another worker has taken it."""
        return await self.table.put_while(lease.check, map(_record, items))

    async def update(self, lease: Lease, item: AwaitedItem) -> bool:
        """Record what is now known of an item; False if it was missed again meanwhile, or its job is another's."""
        return await self.table.change_all(
            lease.check,
            Change(
                key=_key(item.job, item.first),
                put=_plain(item),
                when="#missed = :missed",
                values={"missed": list(item.missed)},
            ),
        )

    async def add(self, item: AwaitedItem) -> bool:
        """Record an item unless it is awaited already since it was missed the same times; whether it was new."""
        record = _record(item)
        return await self.table.put(
            record, "attribute_not_exists(#pk) OR #missed <> :missed", {"missed": record["missed"]}
        )

    async def of_job(self, job_id: str) -> list[AwaitedItem]:
        """The items that a job still waits for, in their order."""
        return [_read(record) for record in await self.table.below(f"job#{job_id}", "awaited#")]

    async def delete(self, lease: Lease, item: AwaitedItem) -> None:
        """Forget an item that is online, or given up.

        Unless it was missed again since `item` was read, or another worker has taken its job.
        """
        same = {"missed": list(item.missed)}
        await self.table.change_all(
            lease.check, Removal(key=_key(item.job, item.first), when="#missed = :missed", values=same)
        )

    async def delete_all(self, job_id: str) -> None:
        """Forget all items of a job that has ended."""
        items = await self.of_job(job_id)
        await each(items, lambda item: self.table.delete(_key(item.job, item.first)), AT_ONCE)


def _key(job_id: str, first: int) -> Key:
    return Key(f"job#{job_id}", f"awaited#{first:05d}")


def _read(record: Record) -> AwaitedItem:
    known = {field.name: record[field.name] for field in fields(AwaitedItem)}
    return AwaitedItem(**known | {"missed": tuple(record["missed"])})


def _record(item: AwaitedItem) -> Record:
    key = _key(item.job, item.first)
    return {"pk": key.pk, "sk": key.sk, **_plain(item)}


def _plain(item: AwaitedItem) -> Record:
    return asdict(item) | {"missed": list(item.missed)}
