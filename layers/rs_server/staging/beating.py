"""Heartbeats: something done every few seconds while a long piece of work goes on, which can also end it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any


class JobEnded(Exception):
    """The job no longer wants this work: it failed, was dismissed, or another worker took over."""


class Progressed(Exception):
    """An attempt was broken off by a fault that may pass, but brought bytes: it does not count as one that failed."""

    def __init__(self, retry_after: int | None) -> None:
        super().__init__()
        self.retry_after = retry_after


class Busy(Exception):
    """Another worker is on this job, and only one may be."""


class Exhausted(Exception):
    """All attempts at a message ended without a word."""


class OutOfTime(Exception):
    """The function's own time is nearly over; another invocation must go on."""


async def while_beating[Result](
    work: Coroutine[Any, Any, Result], beat: Callable[[], Awaitable[None]], seconds: float
) -> Result:
    """Do `work` and meanwhile `beat` every few seconds; whichever raises ends both.

    The work is cancelled at its next await, so a stream that is being read is closed within one beat.
    """
    working = asyncio.ensure_future(work)
    beating = asyncio.ensure_future(_repeat(beat, seconds))
    try:
        await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        beating.result()
        raise AssertionError("a heartbeat ends only by raising")
    finally:
        for task in (working, beating):
            task.cancel()
        await asyncio.gather(working, beating, return_exceptions=True)


async def _repeat(beat: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        await beat()
