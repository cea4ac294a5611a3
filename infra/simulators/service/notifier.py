"""Pushes a station's notices to its clients, for as long as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from simulators.notices import Notice
from simulators.service.station import Station

INTERVAL_SECONDS = 0.25


@asynccontextmanager
async def notifying(station: Station) -> AsyncIterator[None]:
    """Push notices while the context lasts."""
    task = asyncio.create_task(_push_for_ever(station))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _push_for_ever(station: Station) -> None:
    async with asyncio.TaskGroup() as pushes:
        while True:
            for notice in await asyncio.to_thread(station.root.notices, station.clock.now()):
                pushes.create_task(_push(notice, station))
            await asyncio.sleep(INTERVAL_SECONDS)


async def _push(notice: Notice, station: Station) -> None:
    from simulators.service.pushes import push  # an HTTP client, which most stations never need

    if await push(notice):
        station.stats.notices_pushed += 1
    else:
        station.stats.notices_lost += 1
