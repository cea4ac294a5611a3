"""Eviction: a product that its archive was to have online, and has not when it is read, is ordered and waited for.

An archive says so with 202, 404 or 403 (LTA ICD and stations in use). What was planned as online, or was brought online
before, then waits like any other offline item, and comes from another archive if one has it.
"""

from __future__ import annotations

from rs_server.errors import NotFound, RsServerError
from rs_server.staging.awaited import AwaitedItem
from rs_server.staging.documents import JobDocuments
from rs_server.staging.jobs import Job
from rs_server.staging.messages import Message
from rs_server.staging.ordering import LOOKS, in_words
from rs_server.staging.reading import NotOnline
from rs_server.staging.selection import has_order_address
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.stations.odata.http import AccessRefused

MOST_MISSED = 6
"""How often an asset may turn out to be offline before that is its end."""


class Evictions:
    """Sends what has gone offline back to those who wait for archives."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.documents = JobDocuments(stores.objects)

    async def order_again(self, job: Job, message: Message, error: RsServerError) -> bool:
        """Have what `message` is about ordered because of `error`; False where that is no remedy."""
        if message.kind != "transfer" or not isinstance(error, NotOnline | NotFound | AccessRefused):
            return False
        transfer = await self.stores.transfers.get(job.id, message.transfer)
        if transfer is None or not transfer.station.startswith("lta:") or len(transfer.missed) >= MOST_MISSED:
            return False
        if not await self._collection(transfer):
            return False
        for one in await self._waiting_together(transfer):
            if await self.stores.transfers.go_offline(one) and one.upload_id:
                await self.stores.uploads.abort(one.upload)
        current = await self.stores.transfers.get(job.id, transfer.number)
        if current and current.status == "offline":
            await self.wait(job, current)
        return True

    async def wait(self, job: Job, transfer: Transfer) -> None:
        """Have the item of an offline transfer awaited, unless it is; also after a worker died before it was."""
        numbers = [one.number for one in await self._of_item(transfer)]
        item = AwaitedItem(
            job=job.id,
            item=transfer.item,
            collection=await self._collection(transfer),
            first=min(numbers),
            last=max(numbers),
            missed=transfer.missed,
        )
        for station in set(transfer.missed):
            await self.stores.turns.forget_item(station, job.id, item.last)
        if await self.stores.awaited.add(item):
            await self.stores.jobs.note_orders(job.id, in_words([item], 0))
            delay = LOOKS[min(2 * len(transfer.missed) - 2, len(LOOKS) - 1)]
            await self.stores.queue.send([Message("order", job.id)], delay=delay)

    async def _waiting_together(self, transfer: Transfer) -> list[Transfer]:
        """The transfers of the same item that wait for the same archive: it has all of a product or nothing."""
        same = await self._of_item(transfer)
        return [one for one in same if (one.station, one.status) == (transfer.station, "waiting")]

    async def _of_item(self, transfer: Transfer) -> list[Transfer]:
        """The transfers of the item, whose numbers follow each other."""
        found = [transfer]
        for step in (-1, 1):
            number = transfer.number + step
            while (one := await self.stores.transfers.get(transfer.job, number)) and one.item == transfer.item:
                found.append(one)
                number += step
        return found

    async def _collection(self, transfer: Transfer) -> str:
        """The station collection under which the item can be ordered; empty if its plan does not say."""
        plan = await self.documents.read_plan(transfer.job) or []
        item = next((item for item in plan if item["id"] == transfer.item), {})
        return str(item["collection"]) if has_order_address(item) else ""
