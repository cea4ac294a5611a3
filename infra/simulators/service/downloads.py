"""Answers with a payload: whole or a range, and everything that can go wrong with them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulators.payload import Payload, read_range
from simulators.service.faults import Fault, FaultKind
from simulators.service.stats import Statistics

PACE_SECONDS = 0.05
"""How often slow bytes come: a twentieth of a second's worth at a time."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """The part of a body that is sent, and how."""

    start: int
    stop: int
    announced: int
    """Content-Length."""
    ends_at: int
    """Where the body ends; before `stop`, the connection is cut there unless it was announced so."""
    partial: bool
    corrupt_at: int | None = None
    bytes_per_second: int | None = None


class DownloadLease:
    """One running download of a client."""

    def __init__(self, downloads: Downloads, client: str) -> None:
        self._downloads = downloads
        self._client = client

    def served(self, number: int) -> None:
        """Count bytes."""
        self._downloads.stats.bytes_served += number

    def end(self) -> None:
        """The download is over."""
        self._downloads.leave(self._client)


class Downloads:
    """The downloads that run, of each client."""

    def __init__(self, stats: Statistics) -> None:
        self.stats = stats
        self._running: Counter[str] = Counter()

    def enter(self, client: str, limit: int | None) -> DownloadLease | None:
        """Count one download more; None where the client has `limit` of them already."""
        if limit is not None and self._running[client] >= limit:
            return None
        self._running[client] += 1
        self.stats.downloads.up()
        return DownloadLease(self, client)

    def leave(self, client: str) -> None:
        """Count one less."""
        self._running[client] -= 1
        self.stats.downloads.down()


class PayloadResponse(Response):
    """Streams a payload as its transfer was planned."""

    def __init__(self, payload: Payload, transfer: Transfer, lease: DownloadLease) -> None:
        self._payload = payload
        self._transfer = transfer
        self._lease = lease
        headers = {
            "Content-Length": str(transfer.announced),
            "Content-Disposition": f'attachment; filename="{payload.name}"',
            "Accept-Ranges": "bytes",
        }
        if transfer.partial:
            headers["Content-Range"] = f"bytes {transfer.start}-{transfer.stop - 1}/{payload.body.length}"
        self.status_code = 206 if transfer.partial else 200
        self.media_type = payload.media_type
        self.background = None
        self.init_headers(headers)

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send the head and the body, until the client is gone."""
        gone = asyncio.create_task(_disconnected(receive))
        sent = 0
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for chunk in self._chunks():
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                self._lease.served(len(chunk))
                sent += len(chunk)
        finally:
            gone.cancel()
            self._lease.end()
        # A body that is shorter than announced is left open: the server then closes the connection.
        if sent == self._transfer.announced:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _chunks(self) -> AsyncIterator[bytes | memoryview]:
        transfer = self._transfer
        pace = transfer.bytes_per_second
        place = transfer.start
        for whole in self._payload.body.chunks(transfer.start, transfer.ends_at):
            step = max(1, int(pace * PACE_SECONDS)) if pace else len(whole)
            for offset in range(0, len(whole), step):
                chunk = whole[offset : offset + step]
                await asyncio.sleep(len(chunk) / pace if pace else 0)
                yield _corrupted(chunk, transfer.corrupt_at, place)
                place += len(chunk)


def plan_transfer(length: int, range_header: str | None, faults: Mapping[FaultKind, Fault]) -> Transfer:
    """What is sent of a body, as the Range header and the faults have it; raises 416 for a range outside."""
    asked = read_range(range_header, length)
    span = start, stop = asked or (0, length)
    announced, ends_at = stop - start, stop
    if wrong := faults.get(FaultKind.WRONG_LENGTH):
        announced = max(0, announced + wrong.difference)
        ends_at = min(stop, start + announced)
    if cut := faults.get(FaultKind.CUT_DOWNLOAD):
        ends_at = min(ends_at, _place(cut, span))
    corrupt = faults.get(FaultKind.WRONG_BYTES)
    slow = faults.get(FaultKind.SLOW_BYTES)
    return Transfer(
        start,
        stop,
        announced,
        ends_at,
        partial=asked is not None,
        corrupt_at=min(_place(corrupt, span), stop - 1) if corrupt else None,
        bytes_per_second=slow.bytes_per_second if slow else None,
    )


def _place(fault: Fault, span: tuple[int, int]) -> int:
    start, stop = span
    return start + ((stop - start) // 2 if fault.at_byte is None else min(fault.at_byte, stop - start))


def _corrupted(chunk: memoryview, corrupt_at: int | None, place: int) -> bytes | memoryview:
    if corrupt_at is None or not place <= corrupt_at < place + len(chunk):
        return chunk
    changed = bytearray(chunk)
    changed[corrupt_at - place] ^= 0xFF
    return bytes(changed)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
