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

URL = "https://rs.example.org/v1"
KEY = "rss_0123456789"

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
def client(server: Server) -> Client:
    return Client(URL, KEY, transport=server.transport)


@pytest.fixture
def rs(server: Server) -> Callable[..., Any]:
    """Run `rs` with arguments, as a user of the server."""

    def run(*arguments: str, stdin: str = "", key: str = KEY) -> Any:
        environment = {"RS_URL": URL, "RS_API_KEY": key, "COLUMNS": "200"}
        return CliRunner().invoke(
            app, list(arguments), input=stdin, env=environment, obj=Connection(transport=server.transport)
        )

    return run
