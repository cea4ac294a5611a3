"""Doing one thing to many entries, a few at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any


async def each[Entry, Result](
    entries: Iterable[Entry], act: Callable[[Entry], Coroutine[Any, Any, Result]], at_once: int
) -> list[Result]:
    """The results of `act` for each entry, in their order. The first failure ends the others and is raised as it is."""
    limit = asyncio.Semaphore(at_once)

    async def limited(entry: Entry) -> Result:
        async with limit:
            return await act(entry)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(limited(entry)) for entry in entries]
    except* Exception as failures:
        first = failures.exceptions[0]
        while isinstance(first, ExceptionGroup):
            first = first.exceptions[0]
        failure = first
    else:
        return [task.result() for task in tasks]
    raise failure
