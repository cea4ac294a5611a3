"""Awaited items: those whose archive holds them offline, and what has been done to have them brought online.

A record for each, `job#{id}`/`awaited#{first transfer}`, from planning until its files can be transferred.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from rs_server.staging.concurrency import each
from rs_server.staging.table import Key, Record, Table

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

    async def put_all(self, items: Iterable[AwaitedItem]) -> None:
        """Record items, over what is known of them."""
        await self.table.put_all(
            {"pk": _key(one.job, one.first).pk, "sk": _key(one.job, one.first).sk, **_plain(one)} for one in items
        )

    async def add(self, item: AwaitedItem) -> bool:
        """Record an item unless it is awaited already since it was missed the same times; whether it was new."""
        key = _key(item.job, item.first)
        record = {"pk": key.pk, "sk": key.sk, **_plain(item)}
        return await self.table.put(
            record, "attribute_not_exists(#pk) OR #missed <> :missed", {"missed": record["missed"]}
        )

    async def of_job(self, job_id: str) -> list[AwaitedItem]:
        """The items that a job still waits for, in their order."""
        return [_read(record) for record in await self.table.below(f"job#{job_id}", "awaited#")]

    async def delete(self, item: AwaitedItem) -> None:
        """Forget an item that is online, or given up; unless it was missed again since `item` was read."""
        await self.table.delete(_key(item.job, item.first), "#missed = :missed", {"missed": list(item.missed)})

    async def delete_all(self, job_id: str) -> None:
        """Forget all items of a job that has ended."""
        await each(await self.of_job(job_id), self.delete, AT_ONCE)


def _key(job_id: str, first: int) -> Key:
    return Key(f"job#{job_id}", f"awaited#{first:05d}")


def _read(record: Record) -> AwaitedItem:
    known = {field.name: record[field.name] for field in fields(AwaitedItem)}
    return AwaitedItem(**known | {"missed": tuple(record["missed"])})


def _plain(item: AwaitedItem) -> Record:
    return asdict(item) | {"missed": list(item.missed)}
