"""Calls that go on beside each other, a few at a time, while their maker goes on making the next ones."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self


class UnderWay[T]:
    """A block of calls that ends when all of them have ended, so that none goes on unseen."""

    def __init__(self, most: int) -> None:
        self._gate = asyncio.Semaphore(most)
        self._tasks: list[asyncio.Task[T]] = []
        self.results: list[T] = []
        """What the calls have returned, in the order in which they were added, once the block has ended."""

    async def add(self, call: Coroutine[Any, Any, T]) -> None:
        """Begin a call, as soon as there is room for it; raises the error of one that has failed, and begins none."""
        try:
            await self._gate.acquire()
        except asyncio.CancelledError:
            call.close()
            raise
        for ended in self._tasks:
            if ended.done() and (error := ended.exception()):
                call.close()
                raise error
        task = asyncio.create_task(call)
        task.add_done_callback(lambda _: self._gate.release())
        self._tasks.append(task)
        await asyncio.sleep(0)  # so that it is sent before the next one is made

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for all calls; the first one's error is raised, unless the block itself has failed.

        Who is cancelled himself, since his time is over, does not wait.
        """
        if kind is asyncio.CancelledError:
            for task in self._tasks:
                task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for answer in ended:
            if isinstance(answer, BaseException) and error is None:
                raise answer
        self.results = [answer for answer in ended if not isinstance(answer, BaseException)]
