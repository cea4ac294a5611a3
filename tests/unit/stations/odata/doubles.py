"""A station of our own: an httpx transport that answers as the test says, and a clock that never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx

from rs_server.stations.credentials import Credentials
from rs_server.stations.odata.client import ODataClient
from rs_server.stations.odata.gate import Gate
from rs_server.stations.odata.http import Timing
from rs_server.stations.odata.token_endpoint import TokenEndpoint
from rs_server.stations.odata.token_store import MemoryTokenStore
from rs_server.stations.odata.tokens import StationTokens, TokenStore
from rs_server.stations.profiles.model import Authentication, Limits, Station

ROOT = "https://station.test/odata/v1/"
TOKEN_URL = "https://station.test/oauth2/token"
CREDENTIALS = Credentials(username="rs", password="s3cret", client_id="client", client_secret="cl1ent")

Answer = Callable[[httpx.Request], httpx.Response]


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0
        self.pauses: list[float] = []
        self._runs = asyncio.Event()
        self._runs.set()
        self._expected: list[tuple[float, asyncio.Future[None]]] = []

    def read(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        for expected, told in self._expected:
            if expected == seconds and not told.done():
                told.set_result(None)
        await self._runs.wait()
        self.time += seconds

    def stands_still(self) -> None:
        """From now on nobody's pause ends."""
        self._runs.clear()

    def goes_on(self) -> None:
        """Pauses end again."""
        self._runs.set()

    async def asked_to_sleep(self, seconds: float) -> None:
        """Wait until somebody begins a pause of so many seconds."""
        told = asyncio.get_running_loop().create_future()
        self._expected.append((seconds, told))
        async with asyncio.timeout(30):
            await told

    @property
    def timing(self) -> Timing:
        return Timing(monotonic=self.read, now=self.read, sleep=self.sleep, jitter=lambda: 1.0)


class FakeStation:
    """Grants tokens `token-1`, `token-2`, ... and answers OData calls with what `answer` returns."""

    def __init__(self, answer: Answer, *, expires_in: float = 600, refresh_expires_in: float = 3600) -> None:
        self.answer = answer
        self.grant: dict[str, Any] = {"expires_in": expires_in, "refresh_expires_in": refresh_expires_in}
        self.token_calls: list[dict[str, str]] = []
        self.token_headers: list[httpx.Headers] = []
        self.requests: list[httpx.Request] = []
        self.token_status = 200

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) == TOKEN_URL:
            return self.token(request)
        self.requests.append(request)
        return self.answer(request)

    def token(self, request: httpx.Request) -> httpx.Response:
        self.token_headers.append(request.headers)
        form = parse_qs(request.content.decode())
        self.token_calls.append({name: values[0] for name, values in form.items()})
        if self.token_status != 200:
            return httpx.Response(self.token_status, json={"error": "unauthorized_client"})
        number = len(self.token_calls)
        body = {"access_token": f"token-{number}", "refresh_token": f"refresh-{number}", "token_type": "bearer"}
        return httpx.Response(200, json=body | self.grant)


def station(**changes: Any) -> Station:
    authentication = changes.pop("authentication", {})
    fields: dict[str, Any] = {
        "service": "cadip",
        "name": "mti",
        "title": "Matera",
        "service_root": ROOT,
        "authentication": Authentication(token_url=TOKEN_URL, **authentication),
        "operators": frozenset({"eq", "and"}),
        "limits": Limits(timeout_seconds=20),
    }
    return Station(**(fields | changes))


def client_of(
    fake: Callable[[httpx.Request], httpx.Response],
    clock: Clock,
    store: TokenStore | None = None,
    profile: Station | None = None,
    gate: Gate | None = None,
) -> ODataClient:
    profile = profile or station()
    http = httpx.AsyncClient(transport=httpx.MockTransport(fake), follow_redirects=False, trust_env=False)
    issuer = TokenEndpoint(profile, CREDENTIALS, http)
    tokens = StationTokens(profile.id, issuer, store or MemoryTokenStore(), clock.timing)
    return ODataClient(profile, http, tokens, gate, clock.timing)
