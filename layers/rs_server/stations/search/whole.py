"""Sorting by what a station cannot page along: only where all that matches is few enough to be sorted here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from rs_server.errors import InvalidRequest
from rs_server.stations.filters.evaluation import value_of
from rs_server.stations.interfaces.model import Item
from rs_server.stations.odata.http import Deadline
from rs_server.stations.odata.query import parse_datetime
from rs_server.stations.queryables import Queryables
from rs_server.stations.search.merge import MergedPage, Taken, fill_one
from rs_server.stations.search.order import SortKey
from rs_server.stations.search.streams import Candidate, Stream


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and its place in the order: the values of the sort keys, then id and station, so that no two are equal."""

    place: tuple[Any, ...]
    stream: int
    candidate: Candidate


class WholeSet:
    """The order of a search that has to know all that matches."""

    def __init__(self, order: Sequence[SortKey], queryables: Queryables, scanned_rows: int) -> None:
        self.order = order
        self.queryables = queryables
        self.scanned_rows = scanned_rows

    async def collect(self, streams: Sequence[Stream], deadline: Deadline) -> list[Placed]:
        """All that matches, in order; raises InvalidRequest where it is too much."""
        found = await asyncio.gather(*(self._all_of(index, stream, deadline) for index, stream in enumerate(streams)))
        placed = [entry for entries in found for entry in entries]
        in_order = cmp_to_key(self.compare)
        return sorted(placed, key=lambda entry: in_order(entry.place))

    async def _all_of(self, index: int, stream: Stream, deadline: Deadline) -> list[Placed]:
        placed: list[Placed] = []
        scanned = 0
        while stream.failure is None and stream.open:
            await fill_one(stream, deadline)
            while stream.head is not None:
                candidate = stream.take()
                scanned += 1
                if candidate.collection is not None:
                    placed.append(Placed(self._place(stream, candidate), index, candidate))
            if scanned > self.scanned_rows:
                names = ", ".join(str(key) for key in self.order)
                raise InvalidRequest(
                    f"Sorting by {names} needs everything that matches, which at {stream.plan.station.id} is more than "
                    f"{self.scanned_rows} entities. Narrow the search, or sort by published alone."
                )
        return placed if stream.failure is None else []

    def _place(self, stream: Stream, candidate: Candidate) -> tuple[Any, ...]:
        station = stream.client.station
        entity = candidate.entity
        item: Item = (
            stream.interface.item(entity, station) if entity else stream.interface.properties(candidate.row, station)
        )
        assert candidate.collection is not None
        item["collection"] = candidate.collection.id
        values = [value_of(item, key.property) for key in self.order]
        return (*values, item["id"], station.id, str(candidate.row.get("Id")))

    def compare(self, left: Sequence[Any], right: Sequence[Any]) -> int:
        """The order of two places: what lacks a value comes last, up and down."""
        for key, one, other in zip(self.order, left, right, strict=False):
            if one is None or other is None:
                if (one is None) != (other is None):
                    return 1 if one is None else -1
                continue
            if self.queryables[key.property].kind == "datetime":
                one, other = parse_datetime(one), parse_datetime(other)
            if one != other:
                return (1 if one > other else -1) * (-1 if key.descending else 1)
        identity, another = list(left[len(self.order) :]), list(right[len(self.order) :])
        return (identity > another) - (identity < another)

    def page(self, placed: Sequence[Placed], streams: Sequence[Stream], after: Any, limit: int) -> MergedPage:
        """The rows behind the place `after`."""
        self._check(after)
        rest = [entry for entry in placed if after is None or self.compare(entry.place, after) > 0]
        cursors = tuple(stream.start for stream in streams)
        taken = [Taken(entry.stream, entry.candidate, cursors, entry.place) for entry in rest[:limit]]
        return MergedPage(taken, cursors, len(rest) > limit)

    def _check(self, after: Any) -> None:
        """A place comes back from outside, in a page token."""
        if after is None:
            return
        wrong = InvalidRequest("The page token is not one of ours. Start again from the first page.")
        if not isinstance(after, list) or len(after) != len(self.order) + 3:
            raise wrong
        if not all(isinstance(name, str) for name in after[len(self.order) :]):
            raise wrong
        for key, value in zip(self.order, after, strict=False):
            kind = self.queryables[key.property].kind
            expected = {"boolean": bool, "integer": int, "number": (int, float)}.get(kind, str)
            try:
                valid = value is None or isinstance(value, expected)  # type: ignore[arg-type]  # a type or two
                if valid and value is not None and kind == "datetime":
                    parse_datetime(value)
            except ValueError:
                raise wrong from None
            if not valid:
                raise wrong
