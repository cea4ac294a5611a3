"""An access table in memory, a clock that tests set, and the gateway's part between authorizer and access service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI
from moto import mock_aws
from starlette.types import ASGIApp, Receive, Scope, Send

from rs_server.access.api.app import create_app
from rs_server.access.api.stores import Stores
from rs_server.access.audited import Audited
from rs_server.access.authentication import Authenticator
from rs_server.access.authorizer import Unauthorized, authorizer_handler
from rs_server.access.credentials import digest_of, new_id, new_key
from rs_server.access.principals import Scope as KeyScope
from rs_server.access.store.audit import AuditEntry
from rs_server.access.store.keys import ApiKey
from rs_server.access.store.table import AccessTable
from rs_server.access.store.users import User
from rs_server.http import serve
from tests.access_table import make_access_table
from tests.atomic_table import atomic_dynamodb
from tests.of_this_test import OfThisTest

BASE_URL = "https://api.example/prod"
ADDRESS = "203.0.113.7"
METHOD_ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod"


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **duration: float) -> None:
        self.time += timedelta(**duration)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    """DynamoDB in memory."""
    with mock_aws():
        yield atomic_dynamodb("eu-west-1")


@pytest.fixture
def table(dynamodb: Any) -> AccessTable:
    """An empty access table, as the template makes it."""
    name = f"access-{new_id()}"
    make_access_table(dynamodb, name)
    return AccessTable(dynamodb, name)


STORES: Any = OfThisTest()


@cache
def shared_app() -> FastAPI:
    """The access service over the stores of the running test."""
    return create_app(STORES)


class Gateway:
    """The REST API in front of the access service: asks the authorizer, then calls the service with its context."""

    def __init__(self, table: AccessTable, clock: FakeClock) -> None:
        self.stores = Stores.of(table, clock)
        self.clock = clock
        self.authorize = authorizer_handler(Authenticator(table, now=clock))
        self.app: ASGIApp = serve(Audited(shared_app(), self.stores.audit), _base_url, "/access")

    def add_user(
        self, login: str, *, groups: tuple[str, ...] = (), admin: bool = False, scope: KeyScope | None = None
    ) -> str:
        """Make a user with a key; returns the key."""
        user = User(login, frozenset(groups), admin, created=self.clock())
        self.stores.users.create(user, AuditEntry("user.created", f"user:{login}"))
        return self.add_key(login, scope=scope)

    def add_key(self, login: str, *, days: float = 90, scope: KeyScope | None = None) -> str:
        """Make one more key; returns it."""
        text, now = new_key(), self.clock()
        key = ApiKey(digest_of(text), new_id(), login, "test", now, now + timedelta(days=days), scope)
        self.stores.keys.create(key, AuditEntry("key.created", f"key:{key.key_id}"))
        return text

    async def request(
        self,
        method: str,
        path: str,
        key: str | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
        parameters: dict[str, str] | None = None,
        as_is: bool = False,
    ) -> httpx.Response:
        """Send a request through authorizer and service; `as_is` keeps the path from the client's tidying."""
        STORES.part = self.stores
        given = dict(headers or {}) | ({"x-api-key": key} if key is not None else {})
        event = gateway_event(method, path, given)
        try:
            answer = self.authorize(event, None)
        except Unauthorized:
            return httpx.Response(401, json={"code": "Unauthenticated"})
        if answer["policyDocument"]["Statement"][0]["Effect"] == "Deny":
            return httpx.Response(403, json={"code": "Forbidden", "description": answer["context"]["message"]})
        event["requestContext"]["authorizer"] = answer["context"]
        app = _with_event(self.app, event, {"path": unquote(path)} if as_is else {})
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://internal") as client:
            content = body if isinstance(body, bytes) else json.dumps(body) if body is not None else None
            sent = given | ({"content-type": "application/json"} if body is not None else {})
            return await client.request(method, path, content=content, headers=sent, params=parameters)


@pytest.fixture
def gateway(table: AccessTable, clock: FakeClock) -> Gateway:
    return Gateway(table, clock)


def gateway_event(method: str, path: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """An event as the REST API sends it to the authorizer."""
    plain, _, _ = path.partition("?")
    return {
        "type": "REQUEST",
        "methodArn": f"{METHOD_ARN}/{method}{plain}",
        "resource": "/access/{proxy+}",
        "path": plain,
        "httpMethod": method,
        "headers": headers or {},
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
        "requestContext": {"identity": {"sourceIp": ADDRESS}, "stage": "prod"},
    }


async def _base_url() -> str:
    return BASE_URL


def _with_event(app: ASGIApp, event: dict[str, Any], changes: dict[str, str]) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "aws.event": event, **changes}, receive, send)

    return call
