"""The same product at several stations: shown once, with its other places as alternates.

A product belongs to the first station of its collection that has it and whose copy passes the search; other stations'
copies are left out of the page, which may make it shorter. That needs no memory from page to page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rs_server.errors import BackendFailed, BackendTimeout, BackendUnavailable, NotFound, RsServerError
from rs_server.stations.filters.evaluation import matcher
from rs_server.stations.filters.odata import one_of
from rs_server.stations.filters.syntax import Filter
from rs_server.stations.interfaces.model import Interface, Item, belongs
from rs_server.stations.odata.client import ODataClient, Row
from rs_server.stations.odata.http import Deadline
from rs_server.stations.odata.query import ODataQuery
from rs_server.stations.profiles.model import Station, VirtualCollection
from rs_server.stations.queryables import Column

ALTERNATES = "https://stac-extensions.github.io/alternate-assets/v1.2.0/schema.json"
ROOM = 700
"""Characters of an address that are not for names."""


@dataclass(frozen=True, slots=True)
class Found:
    """An item of a page, and where it came from."""

    item: Item
    row: Row
    station: Station
    collection: VirtualCollection


@dataclass(slots=True)
class Copies:
    """Unites the copies of products at the stations with these clients."""

    interface: Interface
    name: Column
    """The property by which products are the same everywhere."""
    clients: Mapping[str, ODataClient]
    """By the names of stations, of those that can be asked."""
    search: Filter
    deadline: Deadline
    failures: dict[str, RsServerError] = field(default_factory=dict)
    """Station id, and what its failure means."""

    async def unite(self, found: Sequence[Found | None]) -> list[Item | None]:
        """The items with their alternates; None for what another station shows."""
        wanted: dict[str, set[str]] = {}
        for one in filter(None, found):
            for other in self._others(one):
                wanted.setdefault(other, set()).add(self._name_of(one.row))
        stations = sorted(wanted)
        rows = await asyncio.gather(*(self._ask(self.clients[name], sorted(wanted[name])) for name in stations))
        known = dict(zip(stations, rows, strict=True))
        return [self._united(one, known) if one else None for one in found]

    def _others(self, one: Found) -> Iterator[str]:
        return (name for name in one.collection.stations if name in self.clients and name != one.station.name)

    def _name_of(self, row: Row) -> str:
        return str(row.get(self.name.path))

    async def _ask(self, client: ODataClient, names: Sequence[str]) -> dict[str, Row]:
        """The products of these names at one station, by name."""
        found: dict[str, Row] = {}
        try:
            for condition in self._conditions(client.station, names):
                query = ODataQuery(
                    filter=condition,
                    top=client.station.limits.max_top,
                    expand=self.interface.expand(client.station, whole=True),
                )
                page = await client.get_page(self.interface.entity_set, query, self.deadline)
                found |= {self._name_of(row): row for row in page.rows}
        except (BackendFailed, BackendTimeout, BackendUnavailable, NotFound) as error:
            self.failures[client.station.id] = error
        return found

    def _conditions(self, station: Station, names: Iterable[str]) -> Iterator[str]:
        group: list[str] = []
        room = station.limits.url_length - ROOM
        for name in names:
            if group and sum(len(member) + 20 for member in (*group, name)) > room:
                yield one_of(station, self.name, group).text or ""
                group = []
            group.append(name)
        if group:
            yield one_of(station, self.name, group).text or ""

    def _united(self, one: Found, known: Mapping[str, Mapping[str, Row]]) -> Item | None:
        rank = one.collection.stations.index(one.station.name)
        name = self._name_of(one.row)
        alternates: dict[str, dict[str, object]] = {}
        for other in self._others(one):
            row = known[other].get(name)
            if row is None:
                continue
            station = self.clients[other].station
            item = self.interface.item_of_row(row, station) | {"collection": one.collection.id}
            if one.collection.stations.index(other) < rank and self._shown(item, row, one.collection):
                return None
            alternates[station.id] = _alternate(item, name, station)
        return _with_alternates(one.item, name, alternates) if alternates else one.item

    def _shown(self, item: Item, row: Row, collection: VirtualCollection) -> bool:
        return belongs(row, collection.query, self.interface.query_columns) and matcher(self.search)(item)


def _alternate(item: Item, name: str, station: Station) -> dict[str, object]:
    """What an alternate says of a copy: where it is, which bytes it has, and whether it is online."""
    asset = item["assets"][name]
    of_the_bytes = {member: asset[member] for member in ("file:size", "file:checksum") if member in asset}
    status = item["properties"].get("order:status")
    return {
        "href": asset["href"],
        "alternate:name": station.title,
        "rs:station": station.id,
        "externalIds": asset["externalIds"],
        "auth:refs": asset["auth:refs"],
        **of_the_bytes,
    } | ({"order:status": status} if status else {})


def _with_alternates(item: Item, name: str, alternates: dict[str, dict[str, object]]) -> Item:
    assets = item["assets"] | {name: item["assets"][name] | {"alternate": alternates}}
    return item | {"assets": assets, "stac_extensions": [*item["stac_extensions"], ALTERNATES]}
