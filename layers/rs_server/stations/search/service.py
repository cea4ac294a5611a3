"""The search of one service: a request and a caller's rights in, a page of items out."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rs_server.access.resources import station_resource
from rs_server.access.rights import Rights
from rs_server.errors import BackendFailed, BackendTimeout, BackendUnavailable, InvalidRequest, NotFound, RsServerError
from rs_server.stac.pagination import MAX_TOKEN, decode_token, encode_token
from rs_server.stations.filters.syntax import properties_of
from rs_server.stations.interfaces.model import Interface, Item
from rs_server.stations.odata.http import Deadline, Timing
from rs_server.stations.odata.stations import StationClients
from rs_server.stations.profiles.model import ServiceProfile, Station, VirtualCollection
from rs_server.stations.queryables import Named, Same
from rs_server.stations.search.fields import Fields
from rs_server.stations.search.merge import MergedPage, failures, merge, write_items
from rs_server.stations.search.order import Cursor, KeySet, SortKey
from rs_server.stations.search.plan import Planner, StreamPlan
from rs_server.stations.search.request import PARAMETERS, SearchRequest, read_request
from rs_server.stations.search.streams import Stream
from rs_server.stations.search.whole import WholeSet


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one search may cost."""

    seconds: float = 20.0
    """Time for it; the gateway cuts an answer off at 29 s."""
    scanned_rows: int = 5000
    """Rows looked at for one page. A filter that few rows pass gives short pages with a `next`."""
    item_bytes: int = 4_500_000
    """Size of the items of a page, below what Lambda can answer with."""


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Items in order, the token of the next page, and the stations that could not be asked."""

    items: list[Item]
    token: str = ""
    matched: int | None = None
    """How many items there are in all, where that is known without another request."""
    fields: Fields = field(default_factory=Fields)
    """Which members of the items are to be sent."""
    unknown: tuple[str, ...] = ()
    """Properties of the filter that no item here has."""
    partial: Mapping[str, RsServerError] = field(default_factory=dict)
    """Station and what its failure means, of stations that are missing in this page."""


class StationSearch:
    """Searches the stations of one service."""

    def __init__(
        self,
        profile: ServiceProfile,
        interface: Interface,
        clients: StationClients,
        timing: Timing | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self.profile = profile
        self.interface = interface
        self.clients = clients
        self.timing = timing or Timing()
        self.bounds = bounds or Bounds()

    def readable(self, rights: Rights) -> dict[str, Station]:
        """The stations whose metadata the caller may read."""
        allowed = rights.filter("read", self.profile.service)
        return {
            name: station
            for name, station in self.profile.stations.items()
            if allowed.matches(station_resource(self.profile.service, name))
        }

    def collections(self, rights: Rights) -> list[VirtualCollection]:
        """The collections with a station that the caller may read."""
        stations = self.readable(rights)
        return [one for one in self.profile.collections if any(name in stations for name in one.stations)]

    def collection(self, collection_id: str, rights: Rights) -> VirtualCollection:
        """One collection; raises what `Rights.require` says of the stations that it is on."""
        absent = f"There is no collection {collection_id!r} in {self.profile.service}."
        found = next((one for one in self.profile.collections if one.id == collection_id), None)
        if found is None:
            rights.require("read", (self.profile.service, ""), absent)
            raise NotFound(absent)
        if not any(name in self.readable(rights) for name in found.stations):
            seen = [name for name in found.stations if rights.sees(station_resource(self.profile.service, name))]
            rights.require("read", station_resource(self.profile.service, (seen or found.stations)[0]), absent)
        return found

    async def search(self, parameters: Mapping[str, Any], rights: Rights) -> ItemPage:
        """One page of a search, with `token` in `parameters` a later one."""
        state = decode_token(parameters["token"]) if parameters.get("token") else {}
        asked = _restored(parameters, state)
        request = read_request(asked, self.interface.queryables)
        collections = self._chosen(request, rights)
        planner = Planner(self.interface, self.readable(rights))
        deadline = Deadline.after(self.bounds.seconds, self.timing)
        run = _Run(self, request, deadline, state)
        return await run.page(asked, planner.plan(request, collections))

    async def item(self, collection_id: str, item_id: str, rights: Rights) -> Item:
        """One item; raises NotFound, or what a station's failure means."""
        self.collection(collection_id, rights)
        page = await self.search({"collections": [collection_id], "ids": [item_id], "limit": 1}, rights)
        if not page.items:
            if page.partial:
                raise next(iter(page.partial.values()))
            raise NotFound(f"There is no item {item_id!r} in the collection {collection_id!r}.")
        return page.items[0]

    def _chosen(self, request: SearchRequest, rights: Rights) -> list[VirtualCollection]:
        if request.collections is None or not request.collections:
            return self.collections(rights)
        return [self.collection(name, rights) for name in request.collections]


class _Run:
    """One search under way."""

    def __init__(
        self, search: StationSearch, request: SearchRequest, deadline: Deadline, state: Mapping[str, Any]
    ) -> None:
        self.search = search
        self.interface = search.interface
        self.request = request
        self.deadline = deadline
        self.state = state
        self.keyset = keyset_of(request.order, search.interface)
        self.failed: dict[str, RsServerError] = {}

    async def page(self, asked: Mapping[str, Any], plans: Sequence[StreamPlan]) -> ItemPage:
        """Open the streams, take a page from them, write its items."""
        streams = await self._open(plans)
        merged, matched = await self._take(streams)
        items = await write_items(merged, streams, self.interface, self.deadline)
        self.failed |= failures(streams)
        stations = {plan.station.id for plan in plans}
        if stations and stations <= set(self.failed):
            raise _worst(list(self.failed.values()))
        kept = self._cut(merged, items)
        token = self._token(asked, merged, kept, streams) if merged.more or kept < len(items) else ""
        if not self.state and not token and not self.failed and matched is None:
            matched = len(items)
        sent = [item for item in items[:kept] if item is not None]
        unknown = sorted(properties_of(self.request.filter) - set(self.interface.queryables))
        return ItemPage(sent, token, matched, self.request.fields, tuple(unknown), self.failed)

    async def _open(self, plans: Sequence[StreamPlan]) -> list[Stream]:
        cursors = self.state.get("c", {})
        if not isinstance(cursors, dict):
            raise InvalidRequest("The page token is not one of ours. Start again from the first page.")
        order = self.keyset or KeySet(self.interface.published, descending=True)
        clients = await asyncio.gather(*(self._client(plan) for plan in plans))
        return [
            Stream(
                plan,
                client,
                self.interface,
                order,
                Cursor.from_json(cursors.get(_name(plans, index), [None, ""]), order.column.kind),
                None if self.keyset is None else self.request.limit + 1,
            )
            for index, (plan, client) in enumerate(zip(plans, clients, strict=True))
            if client is not None
        ]

    async def _client(self, plan: StreamPlan) -> Any:
        try:
            return await self.search.clients.of(plan.station)
        except BackendUnavailable as error:
            self.failed[plan.station.id] = error
            return None

    async def _take(self, streams: Sequence[Stream]) -> tuple[MergedPage, int | None]:
        scanned_rows = self.search.bounds.scanned_rows
        if self.keyset is not None:
            return await merge(streams, self.request.limit, scanned_rows, self.deadline), None
        whole = WholeSet(self.request.order, self.interface.queryables, scanned_rows)
        placed = await whole.collect(streams, self.deadline)
        return whole.page(placed, streams, self.state.get("a"), self.request.limit), len(placed)

    def _cut(self, merged: MergedPage, items: Sequence[Item | None]) -> int:
        """How many rows of the page are sent: as many items as fit into an answer, at least one."""
        size = 0
        for position, item in enumerate(items):
            size += len(json.dumps(item)) if item else 0
            if size > self.search.bounds.item_bytes and position:
                return position
        return len(merged.taken)

    def _token(self, asked: Mapping[str, Any], merged: MergedPage, kept: int, streams: Sequence[Stream]) -> str:
        """The whole state; of a request too long for a token its digest, and then it has to be sent again."""
        state: dict[str, Any] = {"v": 1}
        cut = kept < len(merged.taken)
        if self.keyset is None:
            state["a"] = merged.taken[kept - 1].place if merged.taken else None
        else:
            cursors = merged.taken[kept - 1].cursors if cut else merged.cursors
            plans = [stream.plan for stream in streams]
            state["c"] = {
                _name(plans, index): (stream.start if stream.plan.station.id in self.failed else cursor).to_json()
                for index, (stream, cursor) in enumerate(zip(streams, cursors, strict=True))
            }
        token = encode_token(state | {"q": dict(asked)})
        return token if len(token) <= MAX_TOKEN else encode_token(state | {"d": _digest(asked)})


def _name(plans: Sequence[StreamPlan], index: int) -> str:
    """The name of a stream in page tokens: its station, and its number among that station's streams."""
    station = plans[index].station
    return f"{station.name}/{sum(plan.station == station for plan in plans[:index])}"


def keyset_of(order: Sequence[SortKey], interface: Interface) -> KeySet | None:
    """The column to page along, where the station's own order is that of the search."""
    source = interface.queryables[order[0].property].source
    if len(order) > 1:
        return None
    if isinstance(source, Named) and source.longer == "station":
        return KeySet(source.column, order[0].descending)
    if not isinstance(source, Same) or source.fallback or source.partial:
        return None
    column = source.column
    if column.nullable or column.attribute or column.kind == "boolean":
        return None
    return KeySet(column, order[0].descending)


def _restored(parameters: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """The request that a token belongs to, or the one given."""
    given = {name: value for name, value in parameters.items() if name in PARAMETERS and value is not None}
    if not state:
        return given
    if isinstance(state.get("q"), dict):
        return {name: value for name, value in state["q"].items() if name in PARAMETERS}
    if state.get("d") != _digest(given):
        raise InvalidRequest("This page token goes with a long request: send the same request again, with the token.")
    return given


def _digest(asked: Mapping[str, Any]) -> str:
    return hashlib.blake2s(json.dumps(dict(asked), sort_keys=True).encode(), digest_size=12).hexdigest()


def _worst(errors: Sequence[RsServerError]) -> RsServerError:
    """The failure to answer with when no station answered: out of reach before slow, slow before broken."""
    for kind in (BackendUnavailable, BackendTimeout, BackendFailed):
        for error in errors:
            if isinstance(error, kind):
                return error
    return errors[0]
