"""A server that answers as the tests tell it, without a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from rs_client import Client
from rs_client.cli import app
from rs_client.cli.connection import Connection
from rs_client.profiles import NoKeyring, Profiles

URL = "https://rs.example.org/v1"
KEY = "rss_01234567890123456789012345678901" + "1FFJsV"

Handler = Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers by method and path; keeps the requests."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], Handler] = {}
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)

    def on(self, method: str, path: str, body: Any = None, status: int = 200, **parts: Any) -> None:
        """Answer with JSON `body`, or with what the function `body` makes of the request."""
        self.routes[method, path.removeprefix(URL)] = (
            body if callable(body) else lambda _: httpx.Response(status, json=body, **parts)
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        handler = self.routes.get((request.method, str(request.url.copy_with(query=None)).removeprefix(URL)))
        if handler is None:
            return httpx.Response(404, json={"code": "NotFound", "description": f"No {request.url.path} here."})
        return handler(request)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def client(server: Server) -> Client:
    return Client(URL, KEY, transport=server.transport)


class MemoryKeyring:
    """A keyring for one test, which can be locked."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.locked = False

    def get(self, name: str) -> str:
        self._open()
        return self.keys.get(name, "")

    def put(self, name: str, key: str) -> None:
        self._open()
        self.keys[name] = key

    def forget(self, name: str) -> None:
        self._open()
        self.keys.pop(name, None)

    def _open(self) -> None:
        if self.locked:
            raise NoKeyring("It is locked.")


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def profiles(tmp_path_factory: pytest.TempPathFactory, keyring: MemoryKeyring) -> Profiles:
    return Profiles(tmp_path_factory.mktemp("home") / "rs-server", keyring)


@pytest.fixture
def rs(server: Server, profiles: Profiles) -> Callable[..., Any]:
    """Run `rs` with arguments, as a user of the server whose address and key are in the environment."""

    def run(*arguments: str, stdin: str = "", key: str = KEY, url: str = URL, **environment: str) -> Any:
        environment |= {"RS_URL": url, "RS_API_KEY": key, "COLUMNS": "200"}
        connection = Connection(transport=server.transport, profiles=profiles)
        return CliRunner().invoke(app, list(arguments), input=stdin, env=environment, obj=connection)

    return run
