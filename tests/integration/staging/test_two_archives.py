"""Products of two simulated archives, ordered, waited for and staged through the LTA service as it is deployed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from rs_server.http import serve
from rs_server.staging.process import Document
from rs_server.stations.api.app import create_app
from rs_server.stations.interfaces.lta import lta_interface
from rs_server.stations.odata.client import ODataClient
from rs_server.stations.odata.state import StationState
from rs_server.stations.odata.stations import StationClients
from rs_server.stations.odata.token_store import MemoryTokenStore
from rs_server.stations.orders.records import OrderRecords
from rs_server.stations.orders.service import OrderService
from rs_server.stations.profiles import Station, load_profiles
from rs_server.stations.search.service import StationSearch
from simulators.assembly import Options, build_station
from simulators.service.app import create_app as create_simulator
from simulators.service.faults import Fault
from simulators.service.station import Station as Simulator
from tests.integration.stations.served import Grants
from tests.integration.stations.simulated import HOST, KnownSecrets
from tests.unit.staging.checks import check_idle
from tests.unit.staging.processes import Process
from tests.unit.staging.station import FakeStation
from tests.unit.staging.world import World, Worlds, create_table

NAMES = ("acri", "cloudferro")


class Secrets(KnownSecrets):
    """Each archive has a host of its own."""

    def __init__(self, archives: dict[str, Simulator]) -> None:
        self.archives = archives

    async def of(self, station: Station) -> Any:
        profile = self.archives[station.name].profile
        known = KnownSecrets(profile.context, profile.auth.token_path).known
        host = HOST.replace("station", station.name)
        return replace(
            known,
            service_root=known.service_root.replace(HOST, host),
            token_url=known.token_url.replace(HOST, host),
        )


class Archive(FakeStation):
    """A simulated archive as staging's worker reaches it."""

    client: ODataClient

    def owns(self, url: str) -> bool:
        return self.client.owns(url)

    def stream_to(self, process: Process, url: str, headers: Any = None) -> Any:
        return self.client.stream(url, headers)


@dataclass
class Deployment:
    """Staging, the LTA service, and two archives behind it."""

    world: World
    archives: dict[str, Simulator]
    search: StationSearch

    async def ask(self, event: Document) -> Document:
        """What the LTA service answers to staging."""

        async def base_url() -> str:
            return "https://api.test"

        orders = OrderService(self.search, OrderRecords(self.state))
        app = serve(create_app(self.search, Grants(), lambda: orders), base_url, "/lta")
        path = f"{event['path'].removeprefix('/lta')}?{urlencode(event['queryStringParameters'] or {})}"
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://api.test") as client:
            answer = await client.request(event["httpMethod"], path, content=event["body"] or "")
        return {"statusCode": answer.status_code, "body": answer.text, "isBase64Encoded": False}

    def state(self, station: str) -> StationState:
        return StationState(self.world.dynamodb, "stations", station)

    async def offline(self) -> Document:
        """An item that both archives hold offline."""
        query = {"filter": "order:status = 'orderable'", "limit": "20"}
        event = {"httpMethod": "GET", "path": "/lta/search", "queryStringParameters": query, "body": None}
        found = json.loads((await self.ask(event))["body"])["features"]
        return next(item for item in found if self.copies(item).keys() == {"lta:acri", "lta:cloudferro"})

    def copies(self, item: Document) -> dict[str, Document]:
        """What is said of the item's only file by each archive."""
        (asset,) = item["assets"].values()
        return {item["properties"]["rs:station"]: asset, **asset.get("alternate", {})}


@pytest.fixture
def deployment(worlds: Worlds) -> Iterator[Deployment]:
    world = worlds.new()
    create_table(world.dynamodb, "stations")
    archives = {name: build_station(Options(interface="lta", profile=name, count=40, speed=100_000)) for name in NAMES}
    hosts = {f"all://{name}.test": httpx.ASGITransport(create_simulator(one)) for name, one in archives.items()}
    http = httpx.AsyncClient(mounts=hosts)
    clients = StationClients(Secrets(archives), lambda _: MemoryTokenStore(), http)
    profile = load_profiles("operational", "lta")
    collections = tuple(
        one._replace(stations=tuple(name for name in NAMES if name in one.stations))
        for one in profile.collections
        if set(NAMES) & set(one.stations)
    )
    stations = {name: profile.stations[name] for name in NAMES}
    search = StationSearch(profile._replace(stations=stations, collections=collections), lta_interface(), clients)
    made = Deployment(world, archives, search)
    world.services.functions["lta-fn"] = lambda event: asyncio.run(made.ask(event))
    for name, station in stations.items():
        archive = Archive()
        archive.client = asyncio.run(clients.of(station))
        world.stations[f"lta:{name}"] = archive
        grant = Grant("user:alice", ResourcePattern.parse(f"lta:{name}"), frozenset({"read", "download"}))
        world.people.grants.append(grant)
    yield made
    for one in archives.values():
        one.database.close()


@pytest.mark.parametrize("fault", [{"kind": "order_fails"}, {"kind": "unauthorized", "target": "download"}])
async def test_what_one_archive_does_not_bring_comes_from_the_other(deployment: Deployment, fault: Any) -> None:
    """The order fails, or the archive has it no more when it is read; then all its bytes are the other's."""
    world, item = deployment.world, await deployment.offline()
    first = item["properties"]["rs:station"].partition(":")[2]
    (second,) = set(NAMES) - {first}
    deployment.archives[first].faults.add(Fault(**fault))
    job_id = await world.submit({"value": item})
    await world.run()
    job = await world.job(job_id)
    assert job.status == "successful", job.message
    (body,) = world.objects().values()
    copy = deployment.copies(item)[f"lta:{second}"]
    assert len(body) == copy["file:size"]
    assert copy["file:checksum"] == f"d50110{hashlib.md5(body).hexdigest()}"
    assert deployment.archives[second].stats.bytes_served == len(body)
    assert deployment.archives[first].stats.bytes_served == 0
    check_idle(world)
