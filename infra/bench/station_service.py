"""A station service in one process, in front of a simulator whose answers are kept: what is left is our own work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.stations.api.app import create_app
from rs_server.stations.credentials import Credentials, StationSecrets
from rs_server.stations.interfaces.auxip import auxip_interface
from rs_server.stations.interfaces.cadip import CadipInterface
from rs_server.stations.interfaces.lta import lta_interface
from rs_server.stations.interfaces.model import Interface
from rs_server.stations.interfaces.prip import prip_interface
from rs_server.stations.odata.stations import StationClients, new_http_client
from rs_server.stations.odata.token_store import MemoryTokenStore
from rs_server.stations.profiles import ServiceProfile, Station, load_profiles
from rs_server.stations.search.service import StationSearch
from simulators.assembly import Options, build_station
from simulators.profiles.model import Profile
from simulators.service.app import create_app as create_simulator

HOST = "http://station.test"
READER = Principal(login="reader", admin=True)
INTERFACES: dict[str, Callable[[], Interface]] = {
    "cadip": CadipInterface,
    "auxip": auxip_interface,
    "prip": prip_interface,
    "lta": lta_interface,
}


class Grants:
    """The reader may read everything."""

    async def rights_of(self, principal: Principal) -> Rights:
        """The rights of `principal`."""
        return Rights(principal)


class OwnSecrets(StationSecrets):
    """What the simulator of a profile knows its client by."""

    def __init__(self, profile: Profile) -> None:
        self.known = Credentials(
            username="rs",
            password="rs-password",
            client_id="rs-client",
            client_secret="rs-client-secret",
            service_root=f"{HOST}{profile.context}/",
            token_url=HOST + profile.auth.token_path,
        )

    async def of(self, station: Station) -> Credentials:
        """The credentials of `station`, whichever it is."""
        del station
        return self.known


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the station."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class KeptAnswers(httpx.AsyncBaseTransport):
    """Passes each request on once, and answers it from memory from then on; or each time, where `keeps` is not set."""

    inner: httpx.AsyncBaseTransport
    keeps: bool = True
    kept: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Addresses of all requests."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The station's answer."""
        address = str(request.url)
        self.asked.append(address)
        if not self.keeps:
            return await self.inner.handle_async_request(request)
        if address not in self.kept:
            answer = await self.inner.handle_async_request(request)
            self.kept[address] = Answer(answer.status_code, answer.headers.raw, await answer.aread())
        kept = self.kept[address]
        return httpx.Response(kept.status, headers=kept.headers, content=kept.body)


class StationService:
    """The STAC API of one service, asked as the gateway asks it, with one simulated station behind it."""

    address = "https://api.test"

    def __init__(self, service: str, station: str, count: int) -> None:
        self.simulator = build_station(Options(interface=service, profile=station, count=count))
        self.answers = KeptAnswers(httpx.ASGITransport(create_simulator(self.simulator)))
        clients = StationClients(
            OwnSecrets(self.simulator.profile),
            lambda _: MemoryTokenStore(),
            new_http_client(self.answers),
            decode=orjson.loads,
        )
        profile = _only(load_profiles("operational", service), station)
        self.app = create_app(StationSearch(profile, INTERFACES[service](), clients), Grants())

    async def get(self, path: str) -> bytes:
        """The body of the answer to a GET; raises ValueError unless it is a 200."""
        status, body = 0, bytearray()

        async def send(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            body.extend(message.get("body", b""))

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        await self.app(_scope(path), receive, send)
        if status != httpx.codes.OK:
            raise ValueError(f"GET {path} gave {status}: {bytes(body[:500]).decode()}")
        return bytes(body)

    def close(self) -> None:
        """End the simulator."""
        self.simulator.database.close()


def _scope(path: str) -> dict[str, Any]:
    plain, _, query = path.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": plain,
        "raw_path": plain.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"api.test")],
        "server": ("api.test", 443),
        "client": ("127.0.0.1", 1),
        "aws.event": {"requestContext": {"authorizer": READER.to_context()}},
    }


def _only(profile: ServiceProfile, name: str) -> ServiceProfile:
    """The profile with one of its stations."""
    collections = tuple(one._replace(stations=(name,)) for one in profile.collections if name in one.stations)
    return profile._replace(stations={name: profile.stations[name]}, collections=collections)
