"""Claims: a target item belongs to one job at a time.

Whoever holds the claim may write the item's objects and undo its own; no one else touches them. A claim ends when its
job is closed, that is when everything is published or undone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import batched

from rs_server.errors import Conflict
from rs_server.stac.ids import CollectionId, document_id
from rs_server.staging.concurrency import each
from rs_server.staging.leases import Lease
from rs_server.staging.table import Key, Record, Removal, Table

AT_ONCE = 16
TRANSACTION = 50
"""Claims that are taken together; DynamoDB takes 100 writes in a transaction."""
FREE_OR_MINE = "attribute_not_exists(#pk) OR #holder = :me"
WAIT_SECONDS = 30
"""How long a job that wants a claimed item waits before it asks again."""


class Claims:
    """Claim records in the jobs table."""

    def __init__(self, table: Table, is_closed: Callable[[str], Awaitable[bool]]) -> None:
        self.table = table
        self.is_closed = is_closed
        """Says of a holder whether it has ended, so that its claim no longer counts."""

    async def take_all(self, collection: CollectionId, items: Iterable[str], lease: Lease) -> None:
        """Take the claim of a job on each item; raises Conflict, holding none, when another has one of them."""
        wanted = sorted(set(items))
        batches = list(batched(wanted, TRANSACTION, strict=False))
        each_batch = await each(batches, lambda batch: self._take_batch(collection, batch, lease.job), AT_ONCE)
        taken = [mine for batch in each_batch for mine in batch]
        refused = [item for item, mine in zip(wanted, taken, strict=True) if not mine]
        if refused:
            mine = [item for item, mine in zip(wanted, taken, strict=True) if mine]
            await self._give_back(collection, mine, lease)
            raise Conflict(
                f"Item {refused[0]!r} of {collection} is being changed by another job. Try again later.",
                retry_after=WAIT_SECONDS,
            )

    async def _take_batch(self, collection: CollectionId, items: Sequence[str], holder: str) -> list[bool]:
        """Take claims in one transaction, which does where no other holder ever was; else one by one."""
        records = [_record(collection, item, holder) for item in items]
        if await self.table.put_together(records, FREE_OR_MINE, {"me": holder}):
            return [True] * len(items)
        return [await self.take(collection, item, holder) for item in items]

    async def take(self, collection: CollectionId, item: str, holder: str) -> bool:
        """Take the claim on one item, or keep it; False when another holder has it."""
        key = claim_key(collection, item)
        record = _record(collection, item, holder)
        if await self.table.put(record, FREE_OR_MINE, {"me": holder}):
            return True
        current = await self.table.get(key)
        if current is None:
            return await self.table.put(record, "attribute_not_exists(#pk)")
        other = current["holder"]
        if not await self.is_closed(other):
            return False
        return await self.table.put(record, "#holder = :other", {"other": other})

    async def _give_back(self, collection: CollectionId, items: Sequence[str], lease: Lease) -> None:
        """Give back claims that were taken, unless another worker has taken the job since: they are its by now."""
        for batch in batched(items, TRANSACTION, strict=False):
            removals = [
                Removal(key=claim_key(collection, item), when="#holder = :me", values={"me": lease.job})
                for item in batch
            ]
            if not await self.table.change_all(lease.check, *removals):
                return

    async def release_all(self, collection: CollectionId, items: Iterable[str], holder: str) -> None:
        """Give back the claims on `items` that `holder` has."""
        await each(
            sorted(set(items)),
            lambda item: self.table.delete(claim_key(collection, item), "#holder = :me", {"me": holder}),
            AT_ONCE,
        )


def claim_key(collection: CollectionId, item: str) -> Key:
    """Where the claim on an item is."""
    return Key(f"item#{document_id(collection, item)}", "claim")


def _record(collection: CollectionId, item: str, holder: str) -> Record:
    key = claim_key(collection, item)
    return {"pk": key.pk, "sk": key.sk, "holder": holder}
