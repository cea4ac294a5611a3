"""A station of our profiles in front of the simulator of the same station, in one process."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from fastapi import FastAPI

from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.stations.credentials import Credentials, StationSecrets
from rs_server.stations.interfaces.auxip import auxip_interface
from rs_server.stations.interfaces.cadip import CadipInterface
from rs_server.stations.interfaces.lta import lta_interface
from rs_server.stations.interfaces.model import Interface
from rs_server.stations.interfaces.prip import prip_interface
from rs_server.stations.odata.http import Timing
from rs_server.stations.odata.stations import GateOf, StationClients, StoreOf
from rs_server.stations.odata.token_store import MemoryTokenStore
from rs_server.stations.profiles import ServiceProfile, Station, load_profiles
from rs_server.stations.search.run import Bounds
from rs_server.stations.search.service import StationSearch
from simulators.service.app import create_app
from simulators.service.station import Station as SimulatedStation

ADMIN = Rights(Principal(login="admin", admin=True))
HOST = "http://station.test"
INTERFACES = {
    "cadip": CadipInterface,
    "auxip": auxip_interface,
    "prip": prip_interface,
    "lta": lta_interface,
}


class KnownSecrets(StationSecrets):
    def __init__(self, root: str, token_path: str) -> None:
        self.known = Credentials(
            username="rs",
            password="rs-password",
            client_id="rs-client",
            client_secret="rs-client-secret",
            service_root=HOST + root + "/",
            token_url=HOST + token_path,
        )

    async def of(self, station: Station) -> Credentials:
        return self.known


@dataclass
class Simulated:
    """One simulated station behind the search of its service."""

    service: str
    name: str
    station: SimulatedStation
    search: StationSearch
    http: httpx.AsyncClient
    requests: list[httpx.Request] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        station: SimulatedStation,
        *,
        app: FastAPI | None = None,
        timing: Timing | None = None,
        bounds: Bounds | None = None,
        gate_of: GateOf | None = None,
        store_of: StoreOf = lambda _: MemoryTokenStore(),
        known_as: str = "",
    ) -> Simulated:
        """`known_as`: the station of our profiles that it stands for, where it is none of them itself."""
        service, name = station.profile.interface, known_as or station.profile.name
        requests: list[httpx.Request] = []

        async def note(request: httpx.Request) -> None:
            requests.append(request)

        transport = httpx.ASGITransport(app or create_app(station))
        http = httpx.AsyncClient(transport=transport, event_hooks={"request": [note]})
        secrets = KnownSecrets(station.profile.context, station.profile.auth.token_path)
        clients = StationClients(secrets, store_of, http, gate_of, timing)
        interface: Interface = INTERFACES[service]()
        search = StationSearch(only(profile_of(service), name), interface, clients, timing, bounds)
        return cls(service, name, station, search, http, requests)

    async def rows(self) -> list[dict[str, Any]]:
        """Every row that the station shows, as it writes them."""
        client = await self.search.clients.of(self.search.profile.stations[self.name])
        entity_set = self.search.interface.entity_set
        expand = "Files,QualityInfo" if self.service == "cadip" else "Attributes"
        rows: list[dict[str, Any]] = []
        while True:
            address = f"{client.url_of(entity_set)}?$orderby=Id asc&$top=500&$skip={len(rows)}&$expand={expand}"
            page = (await client.get_json(address))["value"]
            rows += page
            if len(page) < 500:
                return rows

    async def walk(self, **parameters: Any) -> list[list[dict[str, Any]]]:
        """All pages of a search."""
        pages = []
        token = ""
        while True:
            page = await self.search.search(parameters | ({"token": token} if token else {}), ADMIN)
            assert not page.partial, page.partial
            pages.append(page.items)
            token = page.token
            if not token:
                return pages

    @property
    def filters(self) -> list[str]:
        """The `$filter` of each request."""
        return [parse_qs(urlsplit(str(each.url)).query).get("$filter", [""])[0] for each in self.requests]


def only(profile: ServiceProfile, name: str) -> ServiceProfile:
    """The profile with one of its stations."""
    collections = tuple(one._replace(stations=(name,)) for one in profile.collections if name in one.stations)
    return profile._replace(stations={name: profile.stations[name]}, collections=collections)


def stations_of(service: str) -> list[str]:
    """The stations of our operational profiles."""
    return sorted(profile_of(service).stations)


@functools.cache
def profile_of(service: str) -> ServiceProfile:
    """Our operational profile of a service."""
    return load_profiles("operational", service)
