"""One page out of several streams: the smallest key first, within a limit of rows looked at and of time.

A stream that fails is left where it was, and named; the others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any, NamedTuple

from rs_server.errors import (
    BackendFailed,
    BackendTimeout,
    BackendUnavailable,
    NotFound,
    RsServerError,
)
from rs_server.stations.interfaces.model import Entity, Interface, Item
from rs_server.stations.odata.http import Deadline
from rs_server.stations.search.order import Cursor, Key
from rs_server.stations.search.streams import Candidate, Stream

ENOUGH_TIME = 8.0
"""Seconds that must be left to look further once something was found."""


class Taken(NamedTuple):
    """A row of the page, and where all streams stood when it was taken."""

    stream: int
    candidate: Candidate
    cursors: tuple[Cursor, ...]
    place: tuple[Any, ...] = ()
    """Its place in an order that is made here."""


class MergedPage(NamedTuple):
    """Rows of a page in order, before their items are written."""

    taken: list[Taken]
    cursors: tuple[Cursor, ...]
    """Where the next page begins."""
    more: bool


async def merge(streams: Sequence[Stream], limit: int, scanned_rows: int, deadline: Deadline) -> MergedPage:
    """Take up to `limit` matching rows, looking at no more than `scanned_rows`."""
    taken: list[Taken] = []
    scanned = 0
    while len(taken) < limit and scanned < scanned_rows:
        if taken and deadline.remaining < ENOUGH_TIME:
            break
        await _fill(streams, deadline)
        index = _smallest(streams)
        if index is None:
            break
        candidate = streams[index].take()
        scanned += 1
        if candidate.collection is not None:
            taken.append(Taken(index, candidate, tuple(stream.cursor for stream in streams)))
    more = any(stream.open and stream.failure is None for stream in streams)
    return MergedPage(taken, tuple(stream.cursor for stream in streams), more)


async def _fill(streams: Sequence[Stream], deadline: Deadline) -> None:
    """Bring the next row of every stream that has none, at the same time."""
    empty = [stream for stream in streams if stream.failure is None and stream.open and stream.head is None]
    if empty:
        await asyncio.gather(*(fill_one(stream, deadline) for stream in empty))


async def fill_one(stream: Stream, deadline: Deadline) -> None:
    """Bring the next row of a stream, or note why that failed."""
    try:
        await stream.fill(deadline)
    except NotFound:
        stream.failure = BackendFailed(f"Station {stream.plan.station.id} has no {stream.interface.entity_set}.")
    except (BackendFailed, BackendTimeout, BackendUnavailable) as error:
        stream.failure = error


def _smallest(streams: Sequence[Stream]) -> int | None:
    heads = [(index, stream.head) for index, stream in enumerate(streams) if stream.failure is None and stream.head]
    if not heads:
        return None
    descending = streams[0].order.descending
    before = cmp_to_key(_compare)
    choose = max if descending else min
    return choose(heads, key=lambda entry: before(entry[1].key))[0]


def _compare(left: Key, right: Key) -> int:
    """Keys of one search are of one kind."""
    return (left > right) - (left < right)  # type: ignore[operator]  # both texts, both numbers or both dates


async def write_items(
    page: MergedPage, streams: Sequence[Stream], interface: Interface, deadline: Deadline
) -> list[Item | None]:
    """The items of a page, fetched to the end for each station at the same time; None where that failed."""
    entities: list[Entity | None] = [taken.candidate.entity for taken in page.taken]
    groups: dict[str, list[int]] = {}
    for position, taken in enumerate(page.taken):
        if entities[position] is None:
            groups.setdefault(streams[taken.stream].plan.station.id, []).append(position)

    async def complete(positions: list[int]) -> None:
        stream = streams[page.taken[positions[0]].stream]
        rows = [page.taken[position].candidate.row for position in positions]
        try:
            for position, entity in zip(
                positions, await interface.complete(stream.client, rows, deadline), strict=True
            ):
                entities[position] = entity
        except (BackendFailed, BackendTimeout, BackendUnavailable, NotFound) as error:
            stream.failure = error

    await asyncio.gather(*(complete(positions) for positions in groups.values()))
    return [
        interface.item(entity, streams[taken.stream].client.station) | _collection(taken) if entity else None
        for taken, entity in zip(page.taken, entities, strict=True)
    ]


def _collection(taken: Taken) -> dict[str, str]:
    assert taken.candidate.collection is not None
    return {"collection": taken.candidate.collection.id}


def failures(streams: Sequence[Stream]) -> dict[str, RsServerError]:
    """The stations that failed, and how."""
    return {stream.plan.station.id: stream.failure for stream in streams if stream.failure}
