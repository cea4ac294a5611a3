"""Ordering: what archives hold offline is ordered, looked after now and then, and transferred once it is online.

Nobody waits in the meantime: a look is one short message, and the next one is a message that comes later. The LTA
service places orders with the rights of the job's owner, one product once, and at another archive where one failed
(LTA ICD, order flow).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from rs_server.errors import BackendFailed, BackendUnavailable, Conflict, NotFound, RsServerError
from rs_server.staging.addresses import ServiceAddress
from rs_server.staging.awaited import AwaitedItem
from rs_server.staging.concurrency import each
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.documents import JobDocuments
from rs_server.staging.jobs import Clock, Failure, Job, timestamp, utc_now
from rs_server.staging.leases import Lease
from rs_server.staging.messages import Message
from rs_server.staging.selection import SelectedAsset, copies_of, is_offline
from rs_server.staging.services import Services
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer

Document = dict[str, Any]
MOST_ORDERED = 10
"""Items of a job that are ordered at a time: archives serve few orders at once, and evict what comes too early."""
MOST_ORDERS = 6
"""Orders for one item that may fail before it is given up: each archive (there are four) once, two of them again."""
PATIENCE = timedelta(days=7)
"""How long after its start a job stops waiting for archives."""
AT_ONCE = 4
LOOKS = (5, 10, 20, 40, 80, 160, 300)
"""Seconds between looks: an order takes seconds to hours. None is so long that the job would seem to stand still."""
CLOCKS_DIFFER = timedelta(seconds=2)
"""How much earlier than the worker thinks a delayed message may come."""
ONLINE, UNDER_WAY = "succeeded", frozenset({"ordered", "pending", "shipping"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at one item found: the item as it now is, the station where it is online, or why it will not come."""

    item: AwaitedItem
    online: str = ""
    refusal: str = ""


class Ordering:
    """Has the awaited items of jobs brought online."""

    def __init__(self, stores: Stores, services: Services, dispatcher: Dispatcher, clock: Clock = utc_now) -> None:
        self.clock = clock
        self.stores = stores
        self.services = services
        self.dispatcher = dispatcher
        self.documents = JobDocuments(stores.objects)

    async def look(self, job: Job, number: int, lease: Lease) -> None:
        """Look after the orders of `job`, and have it done again while some are under way.

        `number` looks in a row have found nothing new; 0 is one out of turn. Each of those plans the next looks, and
        what was planned before is then not done, so that a job has one row of looks however many items are evicted.
        """
        if job.stage != "transferring" or (number and timestamp(self.clock() + CLOCKS_DIFFER) < job.next_look):
            return
        if job.started < timestamp(self.clock() - PATIENCE):
            reason = f"Its archives did not bring all items online within {PATIENCE.days} days."
            await self.stores.jobs.fail(lease, Failure(HTTPStatus.GATEWAY_TIMEOUT, reason))
            return
        awaited = await self.stores.awaited.of_job(job.id)
        ordered = sorted(awaited, key=lambda item: not item.order)[:MOST_ORDERED]
        seen = await each(ordered, lambda item: self._look_at(job, item), AT_ONCE)
        arrived = [one for one in seen if one.online]
        if arrived:
            await self._release(job, arrived, lease)
        for one in seen:
            if one.refusal:
                await self._give_up(job, one, lease)
        left = [one.item for one in seen if not one.online and not one.refusal]
        for item in left:
            await self.stores.awaited.update(lease, item)
        later = len(awaited) - len(ordered)
        next_look = await self._look_again(job, 0 if arrived else number) if left or later else ""
        await self.stores.jobs.note_orders(lease, in_words(left, later), next_look)

    async def _look_again(self, job: Job, number: int) -> str:
        """Have the orders looked after once more, and tell when."""
        delay = LOOKS[min(number, len(LOOKS) - 1)]
        next_look = timestamp(self.clock() + timedelta(seconds=delay))
        await self.stores.queue.send([Message("order", job.id, look=number + 1)], delay=delay)
        return next_look

    async def _look_at(self, job: Job, item: AwaitedItem) -> Seen:
        try:
            order = await self._order_under_way(job, item) or await self._order(job, item)
        except (Conflict, BackendFailed) as error:
            item = replace(item, orders=item.orders + (0 if isinstance(error, Conflict) else 1), order="")
            return Seen(item, refusal="" if item.orders < MOST_ORDERS else error.message)
        except RsServerError as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return Seen(item)  # it may be reached again at the next look
            return Seen(item, refusal=error.message)
        status, station = str(order.get("order:status")), str(order.get("rs:station", ""))
        if status == ONLINE:
            return Seen(item, online=station)
        name, estimated = str(order.get("id") or ""), str(order.get("estimated") or "")
        placed = item.orders + (1 if name != item.order else 0)
        item = replace(item, order=name, station=station, estimated=estimated, orders=placed)
        if status in UNDER_WAY:
            return Seen(item)
        reason = str(order.get("message") or status)
        return Seen(
            replace(item, order=""),
            refusal=f"its order at {station} ended: {reason}" if placed >= MOST_ORDERS else "",
        )

    async def _order_under_way(self, job: Job, item: AwaitedItem) -> Document | None:
        """The order that was placed, as its archive tells it; None before there is one, or where it was forgotten."""
        if not item.order:
            return None
        try:
            return await self.services.get(ServiceAddress("lta", f"/lta/orders/{item.order}"), job.principal)
        except NotFound:
            return None
        except BackendFailed as error:  # the archive fails to tell; its order may be well
            raise BackendUnavailable(error.message) from error

    async def _order(self, job: Job, item: AwaitedItem) -> Document:
        """A new order, or the one that somebody else has under way."""
        query = (("without", ",".join(sorted(set(item.missed)))),) if item.missed else ()
        address = ServiceAddress("lta", f"/lta/collections/{item.collection}/items/{item.item}/order", query)
        return await self.services.post(address, job.principal)

    async def _release(self, job: Job, arrived: Sequence[Seen], lease: Lease) -> None:
        """Let the files of items that are online wait for their turn at the archive that has them."""
        plan = {item["id"]: item for item in await self.documents.read_plan(job.id) or []}
        for one in arrived:
            transfers = [transfer for transfer in await self._transfers_of(one.item) if transfer.status == "offline"]
            copies = await self._copies(job, plan[one.item.item], one, {transfer.asset for transfer in transfers})
            if missing := [transfer.asset for transfer in transfers if transfer.asset not in copies]:
                await self._give_up(job, replace(one, refusal=f"{one.online} has it without {missing[0]!r}."), lease)
                continue
            for transfer in transfers:
                await self.stores.transfers.bring_online(transfer, one.online, copies[transfer.asset], lease)
            await self.dispatcher.enter_ordered(job, one.online, one.item.first, one.item.last, lease)
            await self.stores.awaited.delete(lease, one.item)

    async def _copies(self, job: Job, planned: Document, one: Seen, assets: Set[str]) -> dict[str, SelectedAsset]:
        """The assets of an item as the archive that has it online has them, by asset name."""
        known = copies_of(planned, one.online)
        if assets <= known.keys():
            return known
        # The item was planned without this archive: it was out of reach at that search, or got the product since.
        address = ServiceAddress("lta", f"/lta/collections/{one.item.collection}/items/{one.item.item}")
        return copies_of(await self.services.get(address, job.principal), one.online)

    async def _transfers_of(self, item: AwaitedItem) -> list[Transfer]:
        numbers = range(item.first, item.last + 1)
        found = [await self.stores.transfers.get(item.job, number) for number in numbers]
        return [transfer for transfer in found if transfer]

    async def _give_up(self, job: Job, one: Seen, lease: Lease) -> None:
        """Fail the files of an item that no archive brings, where the rest may be published; else the job."""
        reason = f"Item {one.item.item!r} could not be brought online: {one.refusal}"
        if job.publication == "partial":
            for transfer in await self._transfers_of(one.item):
                await self.stores.transfers.failed(transfer, reason, lease)
        else:
            await self.stores.jobs.fail(lease, Failure(HTTPStatus.BAD_GATEWAY, reason))
        await self.stores.awaited.delete(lease, one.item)


def awaited_items(job: Job, items: Sequence[Document], transfers: Sequence[Transfer]) -> list[AwaitedItem]:
    """Those of `items` that are offline and have something to transfer."""
    numbers: dict[str, list[int]] = {}
    for transfer in transfers:
        numbers.setdefault(transfer.item, []).append(transfer.number)
    return [
        AwaitedItem(
            job=job.id,
            item=item["id"],
            collection=item["collection"],
            first=min(numbers[item["id"]]),
            last=max(numbers[item["id"]]),
        )
        for item in items
        if item["id"] in numbers and is_offline(item)
    ]


def put_off(transfers: Sequence[Transfer], awaited: Sequence[AwaitedItem]) -> list[Transfer]:
    """The transfers, those of awaited items as offline."""
    items = {one.item for one in awaited}
    return [replace(one, status="offline", ordered=True) if one.item in items else one for one in transfers]


def in_words(ordered: Sequence[AwaitedItem], later: int) -> str:
    """Where the orders of a job stand, for its owner; empty when none is left."""
    under_way = [item for item in ordered if item.order]
    later += len(ordered) - len(under_way)
    words = [
        f"{count} {'item is' if count == 1 else 'items are'} ordered at {station}"
        for station, count in sorted(Counter(item.station for item in under_way).items())
    ]
    if estimates := [item.estimated for item in under_way if item.estimated]:
        words[-1] += f", expected by {max(estimates)}"
    if later:
        words.append(f"{later} {'waits' if later == 1 else 'wait'} to be ordered")
    return "; ".join(words)
