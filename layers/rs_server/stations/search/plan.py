"""From a request to the streams that answer it: which stations are asked, for what, for which collections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rs_server.stations.filters import odata
from rs_server.stations.filters.evaluation import Item, matcher
from rs_server.stations.filters.pushdown import Pushdown
from rs_server.stations.filters.syntax import TRUE, all_of, properties_of
from rs_server.stations.interfaces.model import Interface, belongs
from rs_server.stations.odata.client import Row
from rs_server.stations.profiles.model import Station, VirtualCollection
from rs_server.stations.search.request import SearchRequest, ids_filter

RESERVE = 700
"""Bytes of an address that its root, the cursor and the other options take."""
FEW = 20
"""Ids so few that what hangs on their entities is fetched along."""


class Member(NamedTuple):
    """A collection within a stream: which rows are its, and which of their items pass the rest of the filter."""

    collection: VirtualCollection
    passes: Callable[[Item], bool] | None
    """None: the station's answer passes as it is."""


class StreamPlan(NamedTuple):
    """One query on one station, whose rows become items of `members`."""

    station: Station
    condition: str
    members: tuple[Member, ...]
    late: bool = False
    """Whether the filter looks at properties that need more than the entity itself."""
    few: bool = False
    """Whether the condition names the entities, so that there are but a few."""
    countable: bool = False
    """Whether the station's count is that of the items: it is asked for them, and for nothing else."""

    @property
    def exact(self) -> bool:
        """Whether every row is an item of the answer."""
        return all(member.passes is None for member in self.members)


class Planner:
    """Plans searches of one service over the stations and collections that a caller may read."""

    def __init__(self, interface: Interface, stations: Mapping[str, Station]) -> None:
        self.interface = interface
        self.stations = stations

    def plan(self, request: SearchRequest, collections: Sequence[VirtualCollection]) -> list[StreamPlan]:
        """The streams of `request` over `collections`, always in the same order: page tokens count on it."""
        return [
            stream
            for name, station in sorted(self.stations.items())
            for ids in self._groups(request.ids, station)
            if (stream := self._stream(request, ids, station, [one for one in collections if name in one.stations]))
        ]

    def _groups(self, ids: tuple[str, ...] | None, station: Station) -> Iterator[tuple[str, ...] | None]:
        """The ids in groups that fit into an address."""
        if ids is None:
            yield None
            return
        room = (station.limits.url_length - RESERVE) // 2
        group: list[str] = []
        for name in ids:
            if group and sum(len(member) + 30 for member in (*group, name)) > room:
                yield tuple(group)
                group = []
            group.append(name)
        if group:
            yield tuple(group)

    def _stream(
        self,
        request: SearchRequest,
        ids: tuple[str, ...] | None,
        station: Station,
        collections: Sequence[VirtualCollection],
    ) -> StreamPlan | None:
        whole = all_of([request.filter] + ([ids_filter(ids)] if ids is not None else []))
        conditions: dict[str, list[VirtualCollection]] = {}
        members = []
        for collection in collections:
            query = self._queries(station, [collection])
            longest = (station.limits.url_length - RESERVE) // len(collections) - len(query.text or "")
            constants = {"collection": collection.id, "rs:station": station.id}
            split = Pushdown(station, self.interface.queryables, constants).split(whole, longest)
            if split.condition is None:
                continue
            conditions.setdefault(split.condition, []).append(collection)
            members.append(Member(collection, None if split.rest == TRUE else matcher(split.rest)))
        if not members:
            return None
        if len(conditions) > 1:  # a row may have come by the condition of another collection, or by none
            members = [Member(member.collection, matcher(whole)) for member in members]
        alternatives = [
            odata.all_of([self._queries(station, members), odata.Condition(condition)])
            for condition, members in conditions.items()
        ]
        asked = odata.any_of(station, alternatives)
        looked_at = properties_of(whole) | {key.property for key in request.order}
        late = bool(looked_at & self.interface.late_properties)
        few = ids is not None and len(ids) <= FEW
        countable = asked.exact and all(member.passes is None for member in members)
        return StreamPlan(station, asked.text or "", tuple(members), late, few, countable)

    def _queries(self, station: Station, collections: Sequence[VirtualCollection]) -> odata.Condition:
        """The condition for what belongs to one of `collections`; values of one property go into one list."""
        columns = self.interface.query_columns
        names = {tuple(collection.query) for collection in collections}
        if len(names) == 1 and len(shared := names.pop()) == 1:
            values = [value for collection in collections for value in collection.query[shared[0]]]
            return odata.one_of(station, columns[shared[0]], values)
        return odata.any_of(
            station,
            [
                odata.all_of(odata.one_of(station, columns[name], values) for name, values in collection.query.items())
                for collection in collections
            ],
        )


def member_of(row: Row, members: Sequence[Member], interface: Interface) -> Member | None:
    """The first of `members` whose collection a row belongs to."""
    return next((member for member in members if belongs(row, member.collection.query, interface.query_columns)), None)
