"""A station whose answers tests can bend, and the lines of worker processes to it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from rs_server.errors import BackendFailed, BackendUnavailable, InvalidRequest, NotFound
from rs_server.stations.odata.http import AccessRefused
from tests.unit.staging.cast import ROOT
from tests.unit.staging.processes import Process

if TYPE_CHECKING:
    from tests.unit.staging.world import World


@dataclass
class FakeStation:
    """A station: files by name, and what it does wrong, as a function from the request to an answer or None."""

    files: dict[str, bytes] = field(default_factory=dict)
    root: str = ROOT
    fault: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    requests: list[httpx.Request] = field(default_factory=list)
    process: Process = field(default_factory=Process)

    def owns(self, url: str) -> bool:
        return url.startswith(self.root) and ".." not in url

    def stream(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        return self.stream_to(self.process, url, headers)

    @asynccontextmanager
    async def stream_to(
        self, process: Process, url: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[httpx.Response]:
        if not self.owns(url):
            raise InvalidRequest("not an address of the station")

        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            served: httpx.Response = process.ask(self._served, request)
            return served

        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client,
            client.stream("GET", url, headers=dict(headers or {})) as response,
        ):
            if response.status_code == 404:
                raise NotFound("Station cadip:mti does not have it (any more).")
            if response.status_code in {429, 503}:
                wait = response.headers.get("retry-after")
                raise BackendUnavailable("busy", retry_after=int(wait) if wait else None)
            if response.status_code == 403:
                raise AccessRefused("Station cadip:mti refuses our credentials (403).")
            if response.status_code >= 300:
                raise BackendFailed(f"Station cadip:mti answered with status {response.status_code}.")
            yield response

    def _served(self, request: httpx.Request) -> httpx.Response:
        return self.fault(request) or self.serve(request)

    def serve(self, request: httpx.Request) -> httpx.Response:
        """The right answer."""
        body = self.files.get(name_in(request))
        if body is None:
            return httpx.Response(404)
        asked = request.headers.get("range")
        if not asked:
            return streamed(200, body, {"content-length": str(len(body)), "etag": etag_of(body)})
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = int(first), int(last) if last else len(body) - 1
        piece = body[start : end + 1]
        headers = {
            "content-range": f"bytes {start}-{end}/{len(body)}",
            "content-length": str(len(piece)),
            "etag": etag_of(body),
        }
        return streamed(206, piece, headers)


@dataclass
class Line:
    """The line of one worker process to the station."""

    station: FakeStation
    process: Process

    def owns(self, url: str) -> bool:
        return self.station.owns(url)

    def stream(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        return self.station.stream_to(self.process, url, headers)


@dataclass
class Lines:
    """The stations as one worker process reaches them."""

    world: World
    process: Process

    async def of(self, station: str) -> Line:
        return Line(await self.world.of(station), self.process)

    async def places(self, station: str) -> int:
        return await self.world.places(station)


def name_in(request: httpx.Request) -> str:
    """Name of the file that a request is for."""
    return request.url.path.split("Files(")[1].split(")")[0]


def etag_of(body: bytes) -> str:
    return f'"{hashlib.sha1(body).hexdigest()}"'


CHUNK = 1_000_000


def streamed(
    status: int, body: bytes, headers: Mapping[str, str], *, breaks_after: int | None = None
) -> httpx.Response:
    """An answer in chunks, which may break off after so many bytes."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), CHUNK):
            piece = body[start : start + CHUNK]
            if breaks_after is not None and start + len(piece) > breaks_after:
                yield piece[: breaks_after - start]
                raise httpx.ReadError("connection lost")
            yield piece
            await asyncio.sleep(0)

    return httpx.Response(status, headers=dict(headers), content=chunks())
