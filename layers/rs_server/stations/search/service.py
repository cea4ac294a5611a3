"""The search of one service: a request and a caller's rights in, a page of items out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rs_server.access.resources import station_resource
from rs_server.access.rights import Rights
from rs_server.errors import InvalidRequest, NotFound
from rs_server.stac.pagination import decode_token
from rs_server.stations.interfaces.model import Interface, Item
from rs_server.stations.odata.http import Deadline, Timing
from rs_server.stations.odata.stations import StationClients
from rs_server.stations.profiles.model import ServiceProfile, Station, VirtualCollection
from rs_server.stations.search.plan import Planner
from rs_server.stations.search.request import PARAMETERS, SearchRequest, read_request
from rs_server.stations.search.run import Bounds, ItemPage, Run, digest_of_request


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

    async def search(self, parameters: Mapping[str, Any], rights: Rights, deadline: Deadline | None = None) -> ItemPage:
        """One page of a search, with `token` in `parameters` a later one; `deadline` where it is part of more."""
        state = decode_token(parameters["token"]) if parameters.get("token") else {}
        asked = _restored(parameters, state)
        request = read_request(asked, self.interface.queryables)
        collections = self._chosen(request, rights)
        planner = Planner(self.interface, self.readable(rights))
        deadline = deadline or Deadline.after(self.bounds.seconds, self.timing)
        run = Run(self.interface, self.clients, request, state, deadline, self.bounds)
        return await run.page(asked, planner.plan(request, collections))

    async def item(self, collection_id: str, item_id: str, rights: Rights, deadline: Deadline | None = None) -> Item:
        """One item; raises NotFound, or what a station's failure means."""
        self.collection(collection_id, rights)
        page = await self.search(
            {"collections": [collection_id], "ids": [item_id], "limit": len(self.profile.stations)}, rights, deadline
        )
        if not page.items:
            if page.partial:
                raise next(iter(page.partial.values()))
            raise NotFound(f"There is no item {item_id!r} in the collection {collection_id!r}.")
        return page.items[0]

    def _chosen(self, request: SearchRequest, rights: Rights) -> list[VirtualCollection]:
        if request.collections is None or not request.collections:
            return self.collections(rights)
        return [self.collection(name, rights) for name in request.collections]


def _restored(parameters: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """The request that a token belongs to, or the one given."""
    given = {name: value for name, value in parameters.items() if name in PARAMETERS and value is not None}
    if not state:
        return given
    if isinstance(state.get("q"), dict):
        return {name: value for name, value in state["q"].items() if name in PARAMETERS}
    if state.get("d") != digest_of_request(given):
        raise InvalidRequest("This page token goes with a long request: send the same request again, with the token.")
    return given
