"""The catalog's application on a real engine, asked by principals whose grants the test names."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx
import pytest
from starlette.types import ASGIApp

from rs_server.access.principals import ANONYMOUS, Principal
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant, Rights
from rs_server.catalog.app import create_app
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of, prepare
from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.http import serve
from rs_server.settings import SearchEngineSettings
from rs_server.storage.presigning import Presigner
from tests.of_this_test import OfThisTest

from .layouts import OWN, QUICKLY, MovedWhenMade, forget_all

BUCKET = "rs-bucket"
BASE = "https://api.test/v1"
"""The deployment's address has a path of its own, as a stage of the gateway would give it."""


class FixedGrants:
    """Grants that a test names one by one."""

    def __init__(self) -> None:
        self.grants: list[Grant] = []

    def give(self, subject: str, resource: str, *actions: str) -> None:
        self.grants.append(Grant(subject, ResourcePattern.parse(resource), frozenset(actions)))

    async def rights_of(self, principal: Principal) -> Rights:
        return Rights.of(principal, self.grants)


@dataclass
class MemoryObjects:
    """A bucket that holds keys and sizes."""

    bucket: str = BUCKET
    keys: dict[str, int] = field(default_factory=dict)

    async def sizes(self, prefix: str) -> dict[str, int]:
        return {key: size for key, size in self.keys.items() if key.startswith(prefix)}

    async def delete_prefix(self, prefix: str) -> None:
        self.keys = {key: size for key, size in self.keys.items() if not key.startswith(prefix)}


@dataclass
class World:
    """Everything a test acts on."""

    catalog: Catalog
    grants: FixedGrants
    objects: MemoryObjects
    as_user: Callable[[str], httpx.AsyncClient]
    as_principal: Callable[[Principal], httpx.AsyncClient]

    @property
    def anonymous(self) -> httpx.AsyncClient:
        return self.as_principal(ANONYMOUS)


def collection(collection_id: str, **members: Any) -> dict[str, Any]:
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": collection_id,
        "description": f"The collection {collection_id}",
        "license": "proprietary",
        "links": [],
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [["2014-04-03T00:00:00Z", None]]},
        },
    } | members


def item(item_id: str, *, assets: Mapping[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": item_id,
        "geometry": {"type": "Point", "coordinates": [16.7, 40.6]},
        "bbox": [16.7, 40.6, 16.7, 40.6],
        "properties": {"datetime": "2024-11-14T14:30:38.056552Z"} | properties,
        "links": [],
        "assets": dict(assets or {}),
    }


def s3_asset(key: str, **members: Any) -> dict[str, Any]:
    return {"href": f"s3://{BUCKET}/{key}"} | members


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


async def make(client: httpx.AsyncClient, collection_id: str, items: Sequence[Mapping[str, Any]] = ()) -> None:
    """Make a collection with items, as its owner."""
    answer = await client.post("/collections", json=collection(collection_id))
    assert answer.status_code == 201, answer.text
    if items:
        body = {"type": "FeatureCollection", "features": list(items)}
        answer = await client.post(f"/collections/{collection_id}/items", json=body)
        assert answer.status_code == 201, answer.text


@pytest.fixture(scope="session")
def search_engine(search_engine_url: str) -> SearchEngineSettings:
    kind = "elasticsearch" if os.environ.get("RS_TEST_SEARCH_ENGINE") == "elasticsearch" else "opensearch"
    return SearchEngineSettings(search_engine=kind, search_engine_url=search_engine_url)  # type: ignore[arg-type]  # one of the two


@pytest.fixture(scope="module")
def indices(search_engine: SearchEngineSettings) -> Iterator[Indices]:
    """Indices of this module's own."""
    indices = Indices(f"test-{uuid.uuid4().hex[:12]}")

    async def make() -> None:
        engine = engine_of(search_engine)
        await prepare(engine, indices)
        for alias in (indices.items, indices.collections):  # so that writes do not wait a second to be found
            await engine.put(f"/{alias}/_settings", QUICKLY)
        await engine.close()

    async def remove() -> None:
        engine = engine_of(search_engine)
        for alias in (indices.items, indices.collections):
            await engine.remove(f"/{alias}-000001")
            await engine.remove(f"/_index_template/{alias}")
        for alias in (indices.names, indices.batches):
            await engine.remove(f"/{alias}-000001")
            await engine.remove(f"/_index_template/{alias}")
        await engine.close()

    asyncio.run(make())
    yield indices
    asyncio.run(remove())


@pytest.fixture
async def engine(search_engine: SearchEngineSettings, indices: Indices) -> AsyncIterator[Engine]:
    """The engine, with nothing in the indices."""
    engine = engine_of(search_engine)
    yield engine
    if OWN:
        await forget_all(engine, indices)
    for index in (indices.items, indices.collections, indices.names, indices.batches):
        await engine.delete_by_query(index, {"match_all": {}})
    await engine.close()


def as_principal(app: ASGIApp, principal: Principal) -> httpx.AsyncClient:
    """A client of the service at its public address, for which the gateway has found out who calls."""

    async def base_url() -> str:
        return BASE

    service = serve(app, base_url, "/catalog")
    event = {"requestContext": {"authorizer": principal.to_context()}}

    async def gateway(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"].removeprefix("/v1")  # the gateway takes its stage off
        await service({**scope, "path": path, "aws.event": event}, receive, send)

    transport = httpx.ASGITransport(gateway, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="https://api.test/catalog")


@pytest.fixture(scope="session")
def presigner() -> Presigner:
    s3 = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="id", aws_secret_access_key="secret")
    return Presigner(s3, BUCKET, 900)


@dataclass
class SharedApp:
    """The catalog's application over the engine, the objects and the grants of the running test."""

    app: ASGIApp
    engine: OfThisTest
    objects: OfThisTest
    grants: OfThisTest


@pytest.fixture(scope="module")
def shared_app(indices: Indices, presigner: Presigner) -> SharedApp:
    parts: Any = [OfThisTest(), OfThisTest(), OfThisTest()]
    engine, objects, grants = parts
    return SharedApp(create_app(Catalog(engine, indices, objects), grants, presigner), *parts)


@pytest.fixture
async def world(engine: Engine, indices: Indices, shared_app: SharedApp) -> AsyncIterator[World]:
    objects, grants = MemoryObjects(), FixedGrants()
    catalog = Catalog(engine, indices, objects)
    shared_app.engine.part, shared_app.objects.part, shared_app.grants.part = engine, objects, grants
    app = shared_app.app
    if OWN:
        app = MovedWhenMade(app, catalog)
    clients: dict[Principal, httpx.AsyncClient] = {}

    def client(principal: Principal) -> httpx.AsyncClient:
        if principal not in clients:
            clients[principal] = as_principal(app, principal)
        return clients[principal]

    yield World(catalog, grants, objects, lambda login: client(Principal(login=login)), client)
    for each in clients.values():
        await each.aclose()
