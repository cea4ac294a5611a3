"""A search under way: from the planned streams to one page of items and the token of the next."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from rs_server.errors import BackendFailed, BackendTimeout, BackendUnavailable, InvalidRequest, RsServerError
from rs_server.stac.pagination import MAX_TOKEN, encode_token
from rs_server.stations.filters.syntax import properties_of
from rs_server.stations.interfaces.model import Interface, Item
from rs_server.stations.odata.client import ODataClient
from rs_server.stations.odata.http import Deadline
from rs_server.stations.odata.stations import StationClients
from rs_server.stations.queryables import Named, Same
from rs_server.stations.search.fields import Fields
from rs_server.stations.search.merge import MergedPage, failures, merge, write_items
from rs_server.stations.search.order import Cursor, KeySet, SortKey
from rs_server.stations.search.plan import StreamPlan
from rs_server.stations.search.request import SearchRequest
from rs_server.stations.search.streams import Stream


class Bounds(NamedTuple):
    """What one search may cost."""

    seconds: float = 20.0
    """Time for it; the gateway cuts an answer off at 29 s."""
    scanned_rows: int = 5000
    """Rows looked at for one page. A filter that few rows pass gives short pages with a `next`."""
    item_bytes: int = 5_800_000
    """Size of the items of a page as Lambda sends them, which ends at 6 MiB."""


class ItemPage(NamedTuple):
    """Items in order, the token of the next page, and the stations that could not be asked."""

    items: list[Item]
    token: str = ""
    previous: str = ""
    """The token of the page before, where the way back is known."""
    matched: int | None = None
    """How many items there are in all, where that is known anyway, or was asked for and all stations tell."""
    fields: Fields = Fields()
    """Which members of the items are to be sent."""
    unknown: tuple[str, ...] = ()
    """Properties of the filter that no item here has."""
    partial: Mapping[str, RsServerError] = {}
    """Station and what its failure means, of stations that are missing in this page."""


class Run:
    """One search under way: opens the streams, takes a page from them, writes its items."""

    def __init__(
        self,
        interface: Interface,
        clients: StationClients,
        request: SearchRequest,
        state: Mapping[str, Any],
        deadline: Deadline,
        bounds: Bounds,
    ) -> None:
        self.interface = interface
        self.clients = clients
        self.request = request
        self.state = state
        self.deadline = deadline
        self.bounds = bounds
        self.keyset = keyset_of(request.order, interface)
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
        items, matched = await self._united(merged, streams, items, matched)
        kept = self._cut(merged, items)
        token = self._token(asked, merged, kept, streams) if merged.more or kept < len(items) else ""
        if not self.state and not self.failed and matched is None:
            matched = self._counted(streams) if token else sum(item is not None for item in items)
        previous = self._previous(asked)
        sent = [item for item in items[:kept] if item is not None]
        unknown = sorted(properties_of(self.request.filter) - set(self.interface.queryables))
        return ItemPage(sent, token, previous, matched, self.request.fields, tuple(unknown), self.failed)

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
                with_count=self.request.with_count and self.keyset is not None,
            )
            for index, (plan, client) in enumerate(zip(plans, clients, strict=True))
            if client is not None
        ]

    async def _client(self, plan: StreamPlan) -> ODataClient | None:
        try:
            return await self.clients.of(plan.station)
        except BackendUnavailable as error:
            self.failed[plan.station.id] = error
            return None

    async def _take(self, streams: Sequence[Stream]) -> tuple[MergedPage, int | None]:
        scanned_rows = self.bounds.scanned_rows
        if self.keyset is not None:
            return await merge(streams, self.request.limit, scanned_rows, self.deadline), None
        from rs_server.stations.search.whole import WholeSet  # few searches need it, and no cold start

        whole = WholeSet(self.request.order, self.interface.queryables, scanned_rows)
        placed = await whole.collect(streams, self.deadline)
        return whole.page(placed, streams, self.state.get("a"), self.request.limit), len(placed)

    def _counted(self, streams: Sequence[Stream]) -> int | None:
        """The sum of the stations' counts, if all gave one and they have no products in common."""
        counts = [stream.counted for stream in streams if stream.counted is not None]
        several = len({stream.plan.station.id for stream in streams}) > 1
        if len(counts) < len(streams) or (several and self.interface.same_by is not None):
            return None
        return sum(counts)

    async def _united(
        self, merged: MergedPage, streams: Sequence[Stream], items: list[Item | None], matched: int | None
    ) -> tuple[list[Item | None], int | None]:
        """Each product once, where several stations have the same ones; how many there are is not known then."""
        clients = {
            stream.plan.station.name: stream.client for stream in streams if stream.plan.station.id not in self.failed
        }
        same_by = self.interface.same_by
        if same_by is None or len(clients) < 2:
            return items, matched
        from rs_server.stations.search.copies import Copies, Found  # only where stations have products in common

        found = [
            Found(item, taken.candidate.row, streams[taken.stream].client.station, taken.candidate.collection)
            if item and taken.candidate.collection
            else None
            for taken, item in zip(merged.taken, items, strict=True)
        ]
        copies = Copies(self.interface, same_by, clients, self.request.filter, self.deadline)
        united = await copies.unite(found)
        self.failed |= copies.failures
        return united, matched if united == items else None

    def _cut(self, merged: MergedPage, items: Sequence[Item | None]) -> int:
        """How many rows of the page are sent: as many items as fit into an answer, at least one."""
        size = 0
        for position, item in enumerate(items):
            size += _size_as_sent(item) if item else 0
            if size > self.bounds.item_bytes and position:
                return position
        return len(merged.taken)

    def _token(self, asked: Mapping[str, Any], merged: MergedPage, kept: int, streams: Sequence[Stream]) -> str:
        """The token of the next page, which knows the way back."""
        state: dict[str, Any] = {}
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
        begin = {name: self.state[name] for name in ("a", "c") if name in self.state}
        return _encoded(state, [*self._way_back(), begin], asked)

    def _way_back(self) -> list[Any]:
        """Where the pages before this one began, as far as this page's token tells."""
        steps = self.state.get("h", [])
        if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
            raise InvalidRequest("The page token is not one of ours. Start again from the first page.")
        return steps

    def _previous(self, asked: Mapping[str, Any]) -> str:
        steps = self._way_back()
        return _encoded(steps[-1], steps[:-1], asked) if steps else ""


def _encoded(begin: Mapping[str, Any], steps: list[Any], asked: Mapping[str, Any]) -> str:
    """A token of where a page begins and of the steps back from it, the farthest of which are left out for brevity.

    It holds the whole request; of one too long for a token its digest, and then the request has to be sent again.
    """
    state = {"v": 1, "q": dict(asked)} | {name: begin[name] for name in ("a", "c") if name in begin}
    while steps and len(token := encode_token(state | {"h": steps})) > MAX_BRIEF:
        steps = steps[1:]
    if not steps:
        token = encode_token(state)
    if len(token) <= MAX_TOKEN:
        return token
    return encode_token(state | {"q": None, "d": digest_of_request(asked)})


MAX_BRIEF = 2000
"""Characters that a token may have for the sake of the way back."""
LINKS = 800
"""Bytes that the links of an item take, which are not written yet."""


def _size_as_sent(item: Item) -> int:
    """Bytes of an item within Lambda's answer: there a body is a JSON text, in which quotes and backslashes double."""
    written = orjson.dumps(item)
    return len(written) + written.count(b'"') + written.count(b"\\") + LINKS


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


def digest_of_request(asked: Mapping[str, Any]) -> str:
    """What tells requests apart, where they are too long for a token."""
    return hashlib.blake2s(json.dumps(dict(asked), sort_keys=True).encode(), digest_size=12).hexdigest()


def _worst(errors: Sequence[RsServerError]) -> RsServerError:
    """The failure to answer with when no station answered: out of reach before slow, slow before broken."""
    for kind in (BackendUnavailable, BackendTimeout, BackendFailed):
        for error in errors:
            if isinstance(error, kind):
                return error
    return errors[0]
