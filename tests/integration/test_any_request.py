"""Whatever requests Schemathesis makes up from the API descriptions: no 5xx, and no way past the authorizer."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import ignored_auth
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rs_server.access.api.app import create_app as create_access
from rs_server.access.api.stores import Stores
from rs_server.access.audited import Audited
from rs_server.access.authentication import Authenticator
from rs_server.access.authorizer import Handler, Unauthorized, authorizer_handler
from rs_server.access.credentials import digest_of, new_id, new_key
from rs_server.access.grants import GrantReader
from rs_server.access.instants import utc_now
from rs_server.access.store.audit import AuditEntry
from rs_server.access.store.grants import GrantStore
from rs_server.access.store.keys import ApiKey
from rs_server.access.store.table import AccessTable
from rs_server.access.store.tokens import TokenStore
from rs_server.access.store.users import User
from rs_server.catalog.app import create_app as create_catalog
from rs_server.catalog.bucket import Bucket
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of, prepare
from rs_server.catalog.engine.indices import Indices
from rs_server.http import serve
from rs_server.settings import SearchEngineSettings
from rs_server.storage.presigning import Presigner
from tests import aws
from tests.access_table import make_access_table
from tests.atomic_table import atomic_dynamodb

EXAMPLES = int(os.environ.get("RS_TEST_EXAMPLES", "3"))
BUCKET = "rs-bucket"
HIDDEN = "HIDDENBYCAROL"
WRONG = new_key()
WRITES = {"PUT", "PATCH", "DELETE"}
IDS = st.sampled_from(["alice:s1", "s1", "bob:s1", "one", "data"])
"""What path parameters often are, so that requests get past a first look."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The REST API: asks the authorizer, then passes the request on to the service of its first segment."""

    authorize: Handler
    services: dict[str, ASGIApp]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        headers = {name: request.headers.getlist(name) for name in request.headers}
        event = {
            "methodArn": f"arn:aws:execute-api:eu-west-1:123456789012:abc123/v1/{request.method}{scope['path']}",
            "path": scope["path"],
            "httpMethod": request.method,
            "multiValueHeaders": headers,
            "requestContext": {"identity": {"sourceIp": "203.0.113.7"}},
        }
        try:
            answer = await asyncio.to_thread(self.authorize, event, None)
        except Unauthorized:
            await JSONResponse({"code": "Unauthenticated"}, 401)(scope, receive, send)
            return
        if answer["policyDocument"]["Statement"][0]["Effect"] == "Deny":
            await JSONResponse({"code": "Forbidden"}, 403)(scope, receive, send)
            return
        event["requestContext"]["authorizer"] = answer["context"]
        service = self.services.get(scope["path"].split("/")[1], self.services["catalog"])
        await service({**scope, "aws.event": event}, receive, send)


@dataclass(frozen=True, slots=True)
class Deployment:
    """Both services behind the gateway, and the keys of a user and an administrator."""

    url: str
    apps: dict[str, FastAPI]
    keys: dict[str, str]

    def schema(self, service: str) -> Any:
        """What Schemathesis knows of a service."""
        document = self.apps[service].openapi() | {"servers": [{"url": f"{self.url}/{service}"}]}
        return schemathesis.openapi.from_dict(document)


@pytest.fixture(scope="module")
def deployment(search_engine_url: str) -> Iterator[Deployment]:
    """The services over AWS in memory and the real engine, served at a port of their own."""
    indices = Indices(f"test-{uuid.uuid4().hex[:12]}")
    engine = engine_of(SearchEngineSettings(search_engine="opensearch", search_engine_url=search_engine_url))
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def base_url() -> str:
        return url

    with mock_aws():
        dynamodb, s3 = atomic_dynamodb("eu-west-1"), aws.client("s3", "eu-west-1")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        make_access_table(dynamodb, "access")
        table = AccessTable(dynamodb, "access")
        stores = Stores.of(table)
        keys = {login: add_user(stores, login, admin=login == "admin") for login in ("alice", "carol", "admin")}
        grants = GrantReader(GrantStore(table), TokenStore(table))
        catalog = create_catalog(Catalog(engine, indices, Bucket(s3, BUCKET)), grants, Presigner(s3, BUCKET, 900))
        apps = {"access": create_access(stores), "catalog": catalog}
        services = {name: serve(Audited(app, stores.audit), base_url, f"/{name}") for name, app in apps.items()}
        gateway = Gateway(authorizer_handler(Authenticator(table)), services)
        server = uvicorn.Server(uvicorn.Config(gateway, lifespan="off", log_level="critical"))

        async def run() -> None:
            await prepare(engine, indices)
            await server.serve([listener])
            for alias in (indices.items, indices.collections, indices.names, indices.batches):
                await engine.remove(f"/{alias}-000001")
                await engine.remove(f"/_index_template/{alias}")
            await engine.close()

        thread = threading.Thread(target=lambda: asyncio.run(run()))
        thread.start()
        yield Deployment(url, apps, keys)
        server.should_exit = True
        thread.join()


def add_user(stores: Stores, login: str, *, admin: bool = False) -> str:
    """Make a user with a key; returns the key."""
    stores.users.create(User(login, admin=admin, created=utc_now()), AuditEntry("user.created", f"user:{login}"))
    text, now = new_key(), utc_now()
    key = ApiKey(digest_of(text), new_id(), login, "test", now, now + timedelta(days=1))
    stores.keys.create(key, AuditEntry("key.created", f"key:{key.key_id}"))
    return text


@pytest.mark.filterwarnings("default")  # of Schemathesis' own
@pytest.mark.parametrize("service", ["access", "catalog"])
def test_no_request_is_a_fault_of_ours_or_opens_a_door(deployment: Deployment, service: str) -> None:
    hide_something(deployment)
    asked = 0
    for result in deployment.schema(service).get_all_operations():
        check(deployment, result.ok(), f"{deployment.url}/{service}")
        asked += 1
    assert asked > 10


def hide_something(deployment: Deployment) -> None:
    """Have carol own a collection with an item that nobody else may know of."""
    collection = {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": "carol:s1",
        "title": HIDDEN,
        "description": HIDDEN,
        "license": "other",
        "links": [],
        "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}},
    }
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "one",
        "geometry": {"type": "Point", "coordinates": [0, 0]},
        "bbox": [0, 0, 0, 0],
        "properties": {"datetime": "2024-11-14T14:30:38Z", "title": HIDDEN, f"x:{HIDDEN}": 1},
        "links": [],
        "assets": {},
    }
    with httpx.Client(base_url=f"{deployment.url}/catalog", headers={"x-api-key": deployment.keys["carol"]}) as carol:
        carol.post("/collections", json=collection, timeout=60)
        carol.post("/collections/s1/items", json=item, timeout=60)
        assert HIDDEN in carol.get("/search", timeout=60).text


def check(deployment: Deployment, operation: Any, address: str) -> None:
    """Ask for one operation in many ways."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(),
        names=st.lists(IDS, min_size=4, max_size=4),
        who=st.sampled_from(["alice", "admin"]),
    )
    def ask(case: Any, names: list[str], who: str) -> None:
        if names[0] != "bob:s1":  # else with whatever parameters were made up
            case.path_parameters = dict(zip(case.path_parameters or {}, names, strict=False))
        key = {"x-api-key": deployment.keys[who]}
        checks = [not_a_server_error, ignored_auth]
        answer = case.call_and_validate(base_url=address, headers=key, checks=checks, timeout=60)
        assert who == "admin" or HIDDEN not in answer.text, case.formatted_path
        anonymous = case.call(base_url=address, timeout=60)
        assert anonymous.status_code < 500, anonymous.text
        assert HIDDEN not in anonymous.text, case.formatted_path
        assert case.method not in WRITES or anonymous.status_code >= 400, (case.method, case.formatted_path)

    ask()
    bad = httpx.request(operation.method, f"{address}{operation.path}", headers={"x-api-key": WRONG})
    assert bad.status_code == 401
