"""A staging deployment for each test, and its HTTP face."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from rs_server.access.principals import ANONYMOUS, Principal
from rs_server.http import serve
from rs_server.staging.api import create_app
from tests.unit.staging.archives import Archives
from tests.unit.staging.cast import ADMIN, ALICE, BASE_URL, BOB
from tests.unit.staging.world import World, Worlds

Client = httpx.AsyncClient


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    made = Worlds()
    yield made
    made.close()


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds.new()


@pytest.fixture
def archives(world: World) -> Archives:
    return Archives(world)


class Gateway:
    """Calls the service as API Gateway does for a principal."""

    def __init__(self, app: ASGIApp, principal: Principal) -> None:
        self.app = app
        self.principal = principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stage = "/v1"
        event = {"requestContext": {"authorizer": self.principal.to_context()}}
        path = scope["path"].removeprefix(stage)
        await self.app({**scope, "path": path, "raw_path": path.encode(), "aws.event": event}, receive, send)


@pytest.fixture
def client_of(world: World) -> Callable[[Principal], Client]:
    """Gives a client that calls the process service as a principal."""
    app = serve(
        create_app(world.stores(), world.submissions(), world.subscriptions(), world.dead_letters(), world.people),
        world.base_url,
    )
    return lambda principal: httpx.AsyncClient(
        transport=httpx.ASGITransport(Gateway(app, principal), raise_app_exceptions=False), base_url=BASE_URL
    )


@pytest.fixture
async def alice(client_of: Callable[[Principal], Client]) -> AsyncIterator[Client]:
    async with client_of(ALICE) as client:
        yield client


@pytest.fixture
async def bob(client_of: Callable[[Principal], Client]) -> AsyncIterator[Client]:
    async with client_of(BOB) as client:
        yield client


@pytest.fixture
async def admin(client_of: Callable[[Principal], Client]) -> AsyncIterator[Client]:
    async with client_of(ADMIN) as client:
        yield client


@pytest.fixture
async def anonymous(client_of: Callable[[Principal], Client]) -> AsyncIterator[Client]:
    async with client_of(ANONYMOUS) as client:
        yield client
