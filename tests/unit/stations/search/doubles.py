"""A service over stations in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from rs_server.access.principals import Principal
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant, Rights
from rs_server.errors import BackendUnavailable
from rs_server.stations.credentials import Credentials, StationSecrets
from rs_server.stations.interfaces.cadip import CadipInterface
from rs_server.stations.interfaces.model import Interface
from rs_server.stations.odata.query import datetime_literal
from rs_server.stations.odata.stations import StationClients
from rs_server.stations.odata.token_store import MemoryTokenStore
from rs_server.stations.profiles.model import (
    Authentication,
    Limits,
    Operator,
    ServiceProfile,
    Station,
    VirtualCollection,
)
from rs_server.stations.search.run import Bounds
from rs_server.stations.search.service import StationSearch
from tests.unit.stations.odata.doubles import Clock
from tests.unit.stations.station_double import StationDouble

ALL_OPERATORS: frozenset[Operator] = frozenset(
    {"eq", "ne", "gt", "ge", "lt", "le", "in", "and", "or", "not", "contains", "startswith", "endswith", "tolower"}
)
ADMIN = Rights(Principal(login="admin", admin=True))


def user(*resources: str, action: str = "read") -> Rights:
    principal = Principal(login="alice")
    grants = [Grant("user:alice", ResourcePattern.parse(each), frozenset({action})) for each in resources]
    return Rights.of(principal, grants)


def session(number: int, published: datetime, satellite: str = "S1A", files: int = 2, **changes: Any) -> dict[str, Any]:
    start = published - timedelta(seconds=27)
    name = f"{satellite}_{start:%Y%m%d%H%M%S}{number:06d}"
    entity_id = f"00000000-0000-4000-8000-{number:012d}"
    fields = {
        "Id": entity_id,
        "SessionId": name,
        "PublicationDate": datetime_literal(published),
        "Satellite": satellite,
        "StationUnitId": "04",
        "DownlinkOrbit": number,
        "AcquisitionId": f"{number}_1",
        "AntennaId": f"TLR{number % 3}",
        "NumChannels": 1,
        "Retransfer": False,
        "DownlinkStart": datetime_literal(start),
        "DownlinkStop": datetime_literal(start + timedelta(seconds=60)),
    } | changes
    fields["Files"] = [
        {
            "Id": f"{block:08d}-0000-4000-9000-{number:012d}",
            "Name": f"DCS_04_{name}_ch1_DSDB_{block:05d}.raw",
            "SessionId": fields["SessionId"],
            "Channel": 1,
            "BlockNumber": block,
            "FinalBlock": block == files,
            "PublicationDate": datetime_literal(published + timedelta(seconds=block)),
            "EvictionDate": None,
            "Size": 1000 + block,
            "Retransfer": fields["Retransfer"],
        }
        for block in range(1, files + 1)
    ]
    return fields


class KnownSecrets(StationSecrets):
    def __init__(self) -> None:
        self.missing: set[str] = set()

    async def of(self, station: Station) -> Credentials:
        if station.id in self.missing:
            raise BackendUnavailable(f"The credentials of station {station.id} are not at hand.")
        return Credentials(username="rs", password="s3cret", client_id="c", client_secret="s")


def product(number: int, published: datetime, station: str, *, online: bool = True, **changes: Any) -> dict[str, Any]:
    """A product at an archive; the same number is the same product everywhere, under another Id."""
    return {
        "Id": f"{sum(map(ord, station)):08d}-0000-4000-8000-{number:012d}",
        "Name": f"S1A_IW_RAW__0SDV_{number:06d}.SAFE.zip",
        "PublicationDate": datetime_literal(published),
        "ContentDate": {"Start": datetime_literal(published), "End": datetime_literal(published)},
        "ContentLength": 1000 + number,
        "Online": online,
        "Files": [],
        "Attributes": [{"Name": "platformShortName", "Value": "SENTINEL-1"}],
    } | changes


def profile_of(name: str, **changes: Any) -> Station:
    root = f"https://{name}.test/odata/v1/"
    fields: dict[str, Any] = {
        "service": "cadip",
        "name": name,
        "title": name.upper(),
        "service_root": root,
        "authentication": Authentication(token_url=f"https://{name}.test/token"),
        "operators": ALL_OPERATORS,
        "limits": Limits(timeout_seconds=20),
    }
    return Station(**(fields | changes))


def collection(name: str, stations: tuple[str, ...], satellites: tuple[str, ...]) -> VirtualCollection:
    return VirtualCollection(
        id=name,
        title=name,
        description=name,
        stations=stations,
        query={"Satellite": satellites},
        start="2014-04-03T00:00:00Z",
    )


class Service:
    """A StationSearch over station doubles, with its profile and clock at hand."""

    def __init__(
        self,
        stations: Mapping[str, StationDouble],
        profiles: Mapping[str, Station] | None = None,
        collections: tuple[VirtualCollection, ...] | None = None,
        bounds: Bounds | None = None,
        interface: Interface | None = None,
    ) -> None:
        self.stations = stations
        self.clock = Clock()
        self.secrets = KnownSecrets()
        interface = interface or CadipInterface()
        known = {name: profile_of(name, service=interface.service) for name in stations} | dict(profiles or {})
        self.profile = ServiceProfile(
            service=interface.service,  # type: ignore[arg-type]  # one of the four
            title="CADIP",
            description="Sessions",
            stations=known,
            collections=collections
            or tuple(
                collection(f"s{mission}_{name}", (name,), (f"S{mission}A", f"S{mission}B"))
                for name in known
                for mission in (1, 2)
            ),
        )
        self.search = StationSearch(self.profile, interface, self._clients(), self.clock.timing, bounds)

    def _clients(self) -> StationClients:
        def route(request: httpx.Request) -> httpx.Response:
            return self.stations[request.url.host.split(".")[0]](request)

        stores: dict[str, MemoryTokenStore] = {}
        http = httpx.AsyncClient(transport=httpx.MockTransport(route), trust_env=False)

        def store(name: str) -> MemoryTokenStore:
            return stores.setdefault(name, MemoryTokenStore())

        return StationClients(self.secrets, store, http, timing=self.clock.timing)

    async def walk(self, rights: Rights = ADMIN, **parameters: Any) -> list[list[dict[str, Any]]]:
        """All pages of a search."""
        pages = []
        token = ""
        while True:
            page = await self.search.search(parameters | ({"token": token} if token else {}), rights)
            pages.append(page.items)
            token = page.token
            if not token:
                return pages
            assert len(pages) < 500

    async def ids(self, rights: Rights = ADMIN, **parameters: Any) -> list[str]:
        return [item["id"] for page in await self.walk(rights, **parameters) for item in page]


def with_limits(station: Station, **limits: Any) -> Station:
    return station._replace(limits=station.limits._replace(**limits))
