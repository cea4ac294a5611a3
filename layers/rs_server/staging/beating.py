"""Heartbeats: something done every few seconds while a long piece of work goes on, which can also end it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any


class JobEnded(Exception):
    """The job no longer wants this work: it failed, was dismissed, or another worker took over."""


class Progressed(Exception):
    """An attempt was broken off, but what it brought stays: another goes on, and this one does not count as failed."""

    def __init__(self, retry_after: int | None) -> None:
        super().__init__()
        self.retry_after = retry_after


class Busy(Exception):
    """Another worker is on this job, and only one may be."""


class Exhausted(Exception):
    """All attempts at a message ended without a word."""


class OutOfTime(Exception):
    """The function's own time is nearly over."""


async def while_beating[Result](
    work: Coroutine[Any, Any, Result], beat: Callable[[], Awaitable[None]], seconds: float
) -> Result:
    """Do `work` and meanwhile `beat` every few seconds; whichever raises ends both.

    The work is cancelled at its next await, so a stream that is being read is closed within one beat. A beat that has
    begun is never cut off, since it may have been half written down.
    """
    over = asyncio.Event()
    working = asyncio.ensure_future(work)
    beating = asyncio.ensure_future(_repeat(beat, seconds, over))
    try:
        await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        over.set()
        if not working.done():
            working.cancel()
        await asyncio.wait({working, beating})
    if beating.exception() and (working.cancelled() or not working.exception()):
        beating.result()
    return working.result()


async def _repeat(beat: Callable[[], Awaitable[None]], seconds: float, over: asyncio.Event) -> None:
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), seconds)
            return
        await beat()
