"""httpx's way to a station by urllib3 in threads: for whoever reads bodies of gigabytes.

httpx's own transport hands a body through the event loop and a parser in Python, 64 KiB at a time, with several copies.
Here a read of the socket is all there is, and TLS is undone outside the interpreter's lock: a tenth of the processor
time for each byte. Everything above it (tokens, redirects, deadlines, retries) stays as it is, and sees httpx's errors.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

THREADS = 8
"""Requests at once; a worker has one download, and a token now and then."""
READ_BYTES = 256 * 1024
BATCH_BYTES = 1024 * 1024
BATCH_SECONDS = 0.05
"""What one visit to a thread brings: TLS gives 16 KiB at a time, and a slow station less, but neither is waited for."""


class ThreadedTransport(httpx.AsyncBaseTransport):
    """Sends requests by urllib3: no redirects, no retries, no decoding; connections are kept for the next request.

    A request that is cancelled has no connection any more when it ends, so that whoever counts them may open another.
    """

    def __init__(self) -> None:
        self._pools = urllib3.PoolManager(maxsize=THREADS, ssl_context=httpx.create_ssl_context())
        self._pools.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="station")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, its body still to be read; raises httpx's TransportErrors."""
        await request.aread()
        waiting = _Waiting()
        answering = self._threads.submit(self._open, request, waiting)
        try:
            answer = await asyncio.wrap_future(answering)
        except asyncio.CancelledError:
            answering.add_done_callback(_close)
            waiting.give_up()
            (ended,), _ = await asyncio.wait([asyncio.wrap_future(answering)])
            ended.cancelled() or ended.exception()
            raise
        body = _Body(request, answer, self._threads)
        return httpx.Response(answer.status, headers=list(answer.headers.iteritems()), stream=body)

    async def aclose(self) -> None:
        """End all connections."""
        self._pools.clear()
        self._threads.shutdown(wait=False)

    def _open(self, request: httpx.Request, waiting: _Waiting) -> urllib3.BaseHTTPResponse:
        _in_thread.waiting = waiting
        headers = urllib3.HTTPHeaderDict()
        for name, value in request.headers.multi_items():
            headers.add(name, value)
        seconds = request.extensions.get("timeout", {})
        with _httpx_errors(request):
            pool = self._pools.connection_from_host(request.url.host, request.url.port, request.url.scheme)
            return pool.urlopen(
                request.method,
                request.url.raw_path.decode("ascii"),
                body=request.content or None,
                headers=headers,
                timeout=urllib3.Timeout(connect=seconds.get("connect"), read=seconds.get("read")),
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )


@dataclass
class _Waiting:
    """A request that waits for its answer's head in a thread, and can be given up from outside."""

    connection: HTTPConnection | None = None
    """The connection, while a read of it waits."""
    given_up: bool = False

    def give_up(self) -> None:
        """End the connection; one that is only being made, which takes seconds at most, ends when it is."""
        self.given_up = True
        connected = self.connection and self.connection.sock
        if connected:
            with contextlib.suppress(OSError):  # it has just ended by itself
                socket.socket.shutdown(connected, socket.SHUT_RDWR)  # of TLS too, which a thread is just reading

    @contextmanager
    def on(self, connection: HTTPConnection) -> Iterator[None]:
        """Wait for a head on `connection` in this block; raises ConnectionAbortedError if nobody waits any more."""
        self.connection = connection
        try:
            if self.given_up:
                raise ConnectionAbortedError
            yield
        finally:
            self.connection = None


class _InThread(threading.local):
    waiting = _Waiting()


_in_thread = _InThread()


class _Connection(HTTPConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 does itself
        with _in_thread.waiting.on(self):
            return super().getresponse()


class _SecureConnection(HTTPSConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 does itself
        with _in_thread.waiting.on(self):
            return super().getresponse()


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Body(httpx.AsyncByteStream):
    """A body that is read a batch at a time. Closing it ends a read that waits."""

    def __init__(self, request: httpx.Request, answer: urllib3.BaseHTTPResponse, threads: ThreadPoolExecutor) -> None:
        self._request = request
        self._answer = answer
        self._threads = threads
        self._reading: Future[list[bytes]] | None = None
        self._broken: httpx.TransportError | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self._reading = self._threads.submit(self._batch)
            batch = await asyncio.wrap_future(self._reading)
            for chunk in batch:
                yield chunk
            if not batch:
                return

    async def aclose(self) -> None:
        if self._reading and not self._reading.done():
            with contextlib.suppress(ValueError, RuntimeError, OSError):  # the connection has just ended by itself
                self._answer.shutdown()
            with contextlib.suppress(httpx.TransportError):
                await asyncio.wrap_future(self._reading)
        if not self._answer.closed:
            self._answer.close()

    def _batch(self) -> list[bytes]:
        """Chunks that come within a moment, at least one; none at the body's end.

        A break after some of them is raised at the next call, so that what has come is kept.
        """
        if self._broken:
            raise self._broken
        chunks: list[bytes] = []
        length, until = 0, time.monotonic() + BATCH_SECONDS
        try:
            with _httpx_errors(self._request):
                while chunk := self._answer.read1(READ_BYTES):
                    chunks.append(chunk)
                    length += len(chunk)
                    if length >= BATCH_BYTES or time.monotonic() >= until:
                        break
        except httpx.TransportError as error:
            if not chunks:
                raise
            self._broken = error
        return chunks


def _close(answering: Future[urllib3.BaseHTTPResponse]) -> None:
    """Close an answer for which nobody waits any more."""
    if not answering.cancelled() and answering.exception() is None:
        answering.result().close()


@contextmanager
def _httpx_errors(request: httpx.Request) -> Iterator[None]:
    try:
        yield
    except NewConnectionError as error:  # which urllib3 counts among timeouts
        raise httpx.ConnectError(str(error), request=request) from error
    except ConnectTimeoutError as error:
        raise httpx.ConnectTimeout(str(error), request=request) from error
    except ReadTimeoutError as error:
        raise httpx.ReadTimeout(str(error), request=request) from error
    except ProtocolError as error:
        raise httpx.RemoteProtocolError(str(error), request=request) from error
    except HTTPError as error:
        raise httpx.NetworkError(str(error), request=request) from error
