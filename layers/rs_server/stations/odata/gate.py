"""The gate before a station: no more connections and requests a minute than it allows, over all our instances.

A connection is a slot in the `stations` table: a record that its holder keeps extending, so that the slot of an
instance that died is free again after a while. The first slot is kept for queries, so that downloads, which hold their
connection for minutes, never shut searches out. Requests are counted by the minute; an instance reserves some at once.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Protocol

from rs_server.errors import BackendUnavailable
from rs_server.stations.odata.http import Deadline, Timing
from rs_server.stations.odata.state import StationState
from rs_server.stations.profiles.model import Limits

SLOT_SECONDS = 60.0
EXTENDED_EVERY = 20.0
POLL_SECONDS = 0.2
MINUTE = 60
RESERVATIONS = 60
"""An instance reserves one of so many parts of a minute's requests at once."""


class Gate(Protocol):
    """Lets requests through to a station."""

    def hold(self, deadline: Deadline, *, download: bool) -> AbstractAsyncContextManager[None]:
        """A connection, from now to the end of the block; raises BackendUnavailable when none comes free in time.

        A block that no longer has its connection, since nothing was heard of it for too long, is cancelled, and
        BackendUnavailable raised. When the block ends, its connection to the station must have ended.
        """


class OpenGate:
    """Lets everything through: for tests and tools."""

    @asynccontextmanager
    async def hold(self, deadline: Deadline, *, download: bool) -> AsyncIterator[None]:
        """A connection at once."""
        del deadline, download
        yield


class TableGate:
    """Slots and counters in the station's records `slot#{n}` and `minute#{epoch minute}`."""

    def __init__(self, state: StationState, limits: Limits, timing: Timing | None = None) -> None:
        self.state = state
        self.limits = limits
        self.timing = timing or Timing()
        self._here = asyncio.Semaphore(limits.connections)
        self._minute = 0
        self._reserved = 0

    @asynccontextmanager
    async def hold(self, deadline: Deadline, *, download: bool) -> AsyncIterator[None]:
        """Count the request, then take a slot and extend it until the end of the block."""
        async with self._here:
            await self._count(deadline)
            owner = uuid.uuid4().hex
            slot = await self._take(owner, deadline, download=download)
            try:
                async with asyncio.timeout(None) as until_lost:
                    extending = asyncio.create_task(self._extend(slot, owner, until_lost))
                    try:
                        yield
                    finally:
                        extending.cancel()
                        with suppress(asyncio.CancelledError):
                            await extending
            except TimeoutError:
                if not until_lost.expired():
                    raise
                raise BackendUnavailable(
                    f"The connection to station {self.state.station} was not kept up, and another request has it now.",
                    retry_after=1,
                ) from None
            finally:
                await self.state.leave(slot, owner)

    async def _take(self, owner: str, deadline: Deadline, *, download: bool) -> str:
        kept = 1 if download and self.limits.connections > 1 else 0
        slots = [f"slot#{number}" for number in range(kept, self.limits.connections)]
        random.shuffle(slots)
        wait = POLL_SECONDS
        while True:
            now = self.timing.now()
            held = await self.state.listed("slot#")
            free = [slot for slot in slots if slot not in held or float(held[slot]["until"]["N"]) < now]
            for slot in free:
                if await self.state.take(slot, owner, now, now + SLOT_SECONDS) is None:
                    return slot
            if deadline.remaining <= wait:
                raise BackendUnavailable(
                    f"All {self.limits.connections} connections that station {self.state.station} allows are in use. "
                    "Try again in a moment.",
                    retry_after=5,
                )
            await self.timing.sleep(wait)
            wait = min(2.0, wait * 1.5)

    async def _extend(self, slot: str, owner: str, until_lost: asyncio.Timeout) -> None:
        while True:
            await self.timing.sleep(EXTENDED_EVERY)
            with suppress(BackendUnavailable):  # it holds for two more rounds
                if not await self.state.extend(slot, owner, self.timing.now() + SLOT_SECONDS):
                    until_lost.reschedule(asyncio.get_running_loop().time())
                    return

    async def _count(self, deadline: Deadline) -> None:
        """Use one of the requests of this minute, reserving some where this instance has none left."""
        most = self.limits.requests_per_minute
        while True:
            now = self.timing.now()
            minute = int(now // MINUTE)
            if minute != self._minute:
                self._minute, self._reserved = minute, 0
            if self._reserved > 0:
                self._reserved -= 1
                return
            step = max(1, most // RESERVATIONS)
            if await self.state.count(f"minute#{minute}", step, most, now):
                self._reserved += step - 1
                return
            wait = (minute + 1) * MINUTE - now
            if deadline.remaining <= wait:
                raise BackendUnavailable(
                    f"The {most} requests a minute that station {self.state.station} allows are used up.",
                    retry_after=max(1, round(wait)),
                )
            await self.timing.sleep(wait)
