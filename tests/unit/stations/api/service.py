"""A station service over one doubled station, as its users reach it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from rs_server.access.principals import ANONYMOUS, Principal
from rs_server.access.rights import Rights
from rs_server.http import serve
from rs_server.stations.api.app import create_app
from tests.of_this_test import OfThisTest
from tests.unit.stations.search.doubles import ADMIN, Service, session

START = datetime(2024, 11, 14, 12, 0, tzinfo=UTC)
BASE = "https://api.test/prod"
ROOT = f"{BASE}/cadip"


class Grants:
    def __init__(self, rights: Rights) -> None:
        self.rights = rights

    async def rights_of(self, principal: Principal) -> Rights:
        assert principal == ANONYMOUS
        return self.rights


async def base_url() -> str:
    return BASE


def sessions() -> list[dict[str, Any]]:
    made = [session(n, START + timedelta(minutes=n)) for n in range(15)]
    return made + [session(100 + n, START + timedelta(minutes=n), "S2A") for n in range(5)]


SEARCH: Any = OfThisTest()
GRANTS: Any = OfThisTest()


@cache
def shared_app() -> ASGIApp:
    """The service over the search and the grants of the running test."""
    return serve(create_app(SEARCH, GRANTS), base_url, "/cadip")


def client_of(service: Service, rights: Rights = ADMIN) -> httpx.AsyncClient:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        SEARCH.part, GRANTS.part = service.search, Grants(rights)
        await shared_app()(scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="https://x/cadip")


def links(document: dict[str, Any], rel: str) -> list[dict[str, Any]]:
    return [link for link in document["links"] if link["rel"] == rel]
