"""Downloads by urllib3 in threads, from a server that answers with the bytes it is told to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from rs_server.stations.credentials import Credentials
from rs_server.stations.odata.client import ODataClient
from rs_server.stations.odata.downloads import ThreadedTransport
from rs_server.stations.odata.gate import TableGate
from rs_server.stations.odata.state import StationState
from rs_server.stations.odata.stations import new_http_client
from rs_server.stations.odata.token_endpoint import TokenEndpoint
from rs_server.stations.odata.token_store import MemoryTokenStore
from rs_server.stations.odata.tokens import StationTokens
from rs_server.stations.profiles.model import Authentication, Limits, Station
from tests.integration.simulators.conftest import CLIENT, USER, RunningStation, station

Answer = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await answer(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with new_http_client(ThreadedTransport()) as client:
            yield client, f"http://127.0.0.1:{port}/"
    finally:
        server.close()


def body_of(head: str, *pieces: bytes) -> Answer:
    async def answer(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)

    return answer


async def read(client: httpx.AsyncClient, url: str, **arguments: float) -> bytes:
    async with client.stream("GET", url, **arguments) as response:  # type: ignore[arg-type]
        return b"".join([chunk async for chunk in response.aiter_raw()])


async def test_bytes_come_as_they_were_sent() -> None:
    sent = bytes(range(256)) * 20_000
    async with served(body_of(f"HTTP/1.1 200 OK\r\ncontent-length: {len(sent)}", sent)) as (client, url):
        assert await read(client, url) == sent
        assert await read(client, url) == sent


async def test_a_chunked_body_is_taken_apart_and_a_compressed_one_left_as_it_is() -> None:
    head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-encoding: gzip"
    async with served(body_of(head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")) as (client, url):
        assert await read(client, url) == b"abcde"


async def test_request_arrives_whole_and_redirects_are_the_callers() -> None:
    seen: list[bytes] = []

    async def answer(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(head + await reader.readexactly(5))
        writer.write(
            b"HTTP/1.1 307 Go\r\nlocation: /there\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n"
        )

    async with served(answer) as (client, url):
        response = await client.post(
            f"{url}Files(1)/$value?$top=1&a='x%2Fy'", content=b"hello", headers={"range": "bytes=1-"}
        )
    assert seen[0].startswith(b"POST /Files(1)/$value?$top=1&a='x%2Fy' HTTP/1.1\r\n")
    assert b"range: bytes=1-\r\n" in seen[0].lower()
    assert seen[0].endswith(b"hello")
    assert response.status_code == 307
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]


async def test_what_breaks_is_told_in_the_words_of_httpx() -> None:
    cut = "HTTP/1.1 200 OK\r\ncontent-length: 10"

    async def break_off(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await body_of(cut, b"abc")(head, reader, writer)
        writer.close()

    async with served(break_off) as (client, url):
        with pytest.raises(httpx.RemoteProtocolError):
            await read(client, url)
    async with served(body_of(cut, b"abc")) as (client, url):
        with pytest.raises(httpx.ReadTimeout):
            await read(client, url, timeout=0.2)
    async with served(body_of("no such protocol")) as (client, url):
        pass
    with pytest.raises(httpx.ConnectError):
        async with new_http_client(ThreadedTransport()) as refused:
            await refused.get(url)


async def test_bytes_before_a_break_are_not_lost() -> None:
    async def break_off(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await body_of("HTTP/1.1 200 OK\r\ncontent-length: 10", b"abc")(head, reader, writer)
        writer.close()

    async with served(break_off) as (client, url), client.stream("GET", url) as response:
        chunks = response.aiter_raw()
        assert await anext(chunks) == b"abc"
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(chunks)


@pytest.mark.parametrize("head", ["", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"])
async def test_a_cancelled_download_ends_at_once_and_so_does_its_connection(head: str) -> None:
    """While it waits for the answer's head, and in the middle of the body."""
    asked, gone = asyncio.Event(), asyncio.Event()

    async def stall(_: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode())
        asked.set()
        await reader.read()
        gone.set()

    async with served(stall) as (client, url):
        task = asyncio.create_task(read(client, url, timeout=60.0))
        await asked.wait()
        await asyncio.sleep(0.05)
        task.cancel()
        async with asyncio.timeout(30):
            with pytest.raises(asyncio.CancelledError):
                await task
        async with asyncio.timeout(30):
            await gone.wait()


@asynccontextmanager
async def worker_of(running: RunningStation, table: Any) -> AsyncIterator[ODataClient]:
    """A worker's client of a station that allows one connection to all of them."""
    profile = Station(
        service="cadip",
        name="mti",
        title="Matera",
        service_root=f"{running.root}/",
        authentication=Authentication(token_url=f"{running.origin}/oauth2/token", scope=running.scope),
        operators=frozenset({"eq"}),
        limits=Limits(connections=1, timeout_seconds=20),
    )
    credentials = Credentials(**USER, **CLIENT, service_root=profile.service_root)
    gate = TableGate(StationState(table, "stations", profile.id), profile.limits)
    async with new_http_client(ThreadedTransport()) as http:
        tokens = StationTokens(profile.id, TokenEndpoint(profile, credentials, http), MemoryTokenStore())
        yield ODataClient(profile, http, tokens, gate)


async def test_no_connection_over_the_cap_when_requests_are_given_up_before_their_answer(stations_table: Any) -> None:
    """Workers of one station follow each other, each cancelled while the station sends no head."""

    def asked(running: RunningStation, times: int) -> None:
        while running.stats()["requests_by_kind"].get("download", 0) < times:
            time.sleep(0.02)

    async def download(client: ODataClient) -> bytes:
        async with client.stream(client.url_of("Files", "228b97bc-aa04-4036-8450-3106bc7684bb", "/$value")) as answer:
            return await answer.aread()

    with station("cadip", "--profile", "mti", "--count", "5", context="/cadip/1.0/odata/v1", scope="openid") as mti:
        async with worker_of(mti, stations_table) as first, worker_of(mti, stations_table) as second:
            mti.fault(kind="slow_answer", target="download", seconds=60, count=3)
            for turn in range(3):
                given_up = asyncio.create_task(download((first, second)[turn % 2]))
                await asyncio.to_thread(asked, mti, turn + 1)
                given_up.cancel()
                async with asyncio.timeout(30):
                    with pytest.raises(asyncio.CancelledError):
                        await given_up
            async with asyncio.timeout(30):
                assert len(await download(second)) == 314776
            assert mti.stats()["requests_at_once"] == {"now": 0, "most": 1}
