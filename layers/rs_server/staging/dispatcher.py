"""The dispatcher: gives a station's free places to waiting work, and sends the messages.

It runs wherever a place may have come free or work may have come: behind planning, and behind each transfer. Several
may run at once; a place is taken and a cursor moved by conditional writes.
"""

from __future__ import annotations

from rs_server.staging.jobs import Job, timestamp
from rs_server.staging.leases import Lease
from rs_server.staging.messages import Message
from rs_server.staging.sources import Capacity
from rs_server.staging.stores import Stores
from rs_server.staging.turns import Piece, Place, Waiting, next_in_turn

UNSENT_SECONDS = 30
"""How long a place is held for a piece whose message has not been sent yet."""
HELD_SECONDS = 1200
"""How long a place is held from when a worker begins: longer than a function runs, or pauses between attempts."""


class Dispatcher:
    """Dispatches the work of all jobs."""

    def __init__(self, stores: Stores, capacity: Capacity) -> None:
        self.stores = stores
        self.turns = stores.turns
        self.capacity = capacity

    async def enter(self, job: Job) -> None:
        """Have a job that is planned wait for its stations, and begin with what has a place."""
        transfers = await self.stores.transfers.of_job(job.id)
        for station in sorted({transfer.station for transfer in transfers if not transfer.ordered}):
            await self.turns.wait(
                Waiting(station=station, job=job.id, login=job.owner, priority=job.priority, since=job.created)
            )
            await self.dispatch(station)

    async def enter_ordered(self, job: Job, station: str, first: int, last: int, lease: Lease) -> None:
        """Have the transfers of an item that an archive brought online wait there, and begin with what has a place."""
        await self.turns.wait(
            Waiting(
                station=station,
                job=job.id,
                login=job.owner,
                priority=job.priority,
                since=job.created,
                transfer=first,
                last=last,
                ordered=True,
            ),
            lease,
        )
        await self.dispatch(station)

    async def ended(self, message: Message) -> None:
        """Give back the place of a piece that needs no more work, and let the next one have it."""
        await self.turns.give_up(message.station, message.place, piece_of(message))
        await self.dispatch(message.station)

    async def keep(self, message: Message, seconds: int = 0) -> None:
        """Hold the place of a piece on which a worker is, or will be in `seconds`."""
        await self.turns.keep(message.station, message.place, piece_of(message), seconds + HELD_SECONDS)

    async def dispatch(self, station: str) -> None:
        """Fill the free places of a station."""
        most = await self.capacity.places(station)
        while True:
            places = await self._current(station)
            taken = {place.number for place in places}
            free = next((number for number in range(most) if number not in taken), None)
            waiting = await self.turns.waiting(station) if free is not None else []
            if free is None or not waiting:
                return
            await self._serve(next_in_turn(waiting, places), free)

    async def _current(self, station: str) -> list[Place]:
        """The places that are held; one whose end has come is held on if its piece still waits, and sent again."""
        current = []
        now = timestamp(self.turns.clock())
        for place in await self.turns.places(station):
            if place.until < now:
                if not await self._needed(place.piece):
                    await self.turns.give_up(station, place.number, place.piece)
                    continue
                if await self.turns.renew(place, HELD_SECONDS):
                    await self._send(place)
            current.append(place)
        return current

    async def _serve(self, waiting: Waiting, number: int) -> None:
        """Give a free place to the next piece of a job; if there is none, the job waits no more."""
        piece = await self._next(waiting)
        if piece is None:
            await self.turns.leave(waiting)
            return
        until = self.turns.end(UNSENT_SECONDS)
        place = Place(station=waiting.station, number=number, piece=piece, login=waiting.login, until=until)
        if not await self.turns.take(place):
            return
        if not await self.turns.advance(waiting, piece):
            await self.turns.give_up(place.station, place.number, piece)
            return
        await self._send(place)
        await self.turns.renew(place, HELD_SECONDS)

    async def _send(self, place: Place) -> None:
        piece = place.piece
        message = Message("transfer", piece.job, piece.transfer, piece.range, place.station, place.number)
        await self.stores.queue.send([message])

    async def _next(self, waiting: Waiting) -> Piece | None:
        """The first piece at or behind the cursor that still has to be done."""
        job = await self.stores.jobs.get(waiting.job)
        if job is None or job.stage != "transferring":
            return None
        async for transfer in self.stores.transfers.waiting_from(waiting.job, waiting.transfer):
            first = waiting.range if transfer.number == waiting.transfer else 0
            if transfer.number > waiting.last:
                return None
            if (transfer.station, transfer.ordered) == (waiting.station, waiting.ordered) and first < transfer.ranges:
                return Piece(waiting.job, transfer.number, first)
        return None

    async def _needed(self, piece: Piece) -> bool:
        job = await self.stores.jobs.get(piece.job)
        transfer = await self.stores.transfers.get(piece.job, piece.transfer)
        return bool(job and job.stage == "transferring" and transfer and transfer.status == "waiting")


def piece_of(message: Message) -> Piece:
    """The piece of work that a message is for."""
    return Piece(message.job, message.transfer, message.range)
