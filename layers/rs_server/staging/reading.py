"""Reading from a station: the bytes of an asset from some position on, and the proof that they are those asked for.

Stations differ (facts of the interfaces' conformance tests and of clients in use): most honour Range with 206, some
ignore it with 200, some answer 202 while the product is fetched from tape, some break off. Whatever an answer claims
is compared with what the item says before its first byte is used.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus

import httpx

from rs_server.errors import BackendFailed, BackendTimeout, BackendUnavailable
from rs_server.staging.sources import Source
from rs_server.stations.odata.http import AccessRefused

CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
NOT_YET_SECONDS = 60
RECONNECTIONS = 4
"""How often a broken stream is opened again without a byte in between, before the attempt is given up."""


Sleep = Callable[[float], Awaitable[None]]


class NotOnline(BackendUnavailable):
    """The station has to fetch the product first (202)."""


class SourceChanged(Exception):
    """The station now serves other bytes under the same address; what was read before is worth nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Bytes `start` to `end` (inclusive; None: the last one) of an asset that should have `size` bytes."""

    url: str
    size: int | None
    validator: str = ""
    """What the station said of the version that was read so far."""
    start: int = 0
    end: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Request headers: no compression, since bytes are counted, and Range where not all is wanted."""
        plain = {"accept-encoding": "identity"}
        if self.start == 0 and self.end is None:
            return plain
        return plain | {"range": f"bytes={self.start}-{'' if self.end is None else self.end}"}


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer that fits: its bytes from the wanted position on, the asset's whole size and its version."""

    chunks: AsyncGenerator[bytes]
    size: int | None
    validator: str


class AssetReader:
    """Reads the wanted bytes in order, and opens the stream again where it broke off, so that none is read twice."""

    def __init__(self, source: Source, wanted: Wanted, sleep: Sleep = asyncio.sleep) -> None:
        self.source = source
        self.wanted = wanted
        self.sleep = sleep
        self.position = wanted.start
        """The next byte to read."""

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The bytes, in chunks of any length; `wanted` then has the size and version that the station told.

        Raises what `open_source` raises; breaks are raised when opening again several times brought no byte.
        """
        fruitless = 0
        while True:
            try:
                async with open_source(self.source, replace(self.wanted, start=self.position)) as opened:
                    self.wanted = replace(
                        self.wanted, size=opened.size, validator=opened.validator or self.wanted.validator
                    )
                    async with aclosing(opened.chunks) as chunks:
                        async for chunk in chunks:
                            self.position += len(chunk)
                            fruitless = 0
                            yield chunk
            except (BackendFailed, BackendTimeout) as error:
                fruitless += 1
                if fruitless > RECONNECTIONS or isinstance(error, AccessRefused):
                    raise
                await self.sleep(0.25 * 2**fruitless)
            else:
                return


@asynccontextmanager
async def open_source(source: Source, wanted: Wanted) -> AsyncIterator[Opened]:
    """Ask the station for the wanted bytes.

    Raises SourceChanged when it serves another version than before, BackendUnavailable while it has to fetch the
    product first, BackendFailed when what it serves is not what the item says. All of these are known before a byte
    is given out; afterwards the chunks raise BackendFailed or BackendTimeout where the stream breaks off.
    """
    async with source.stream(wanted.url, wanted.headers) as response:
        if response.status_code == HTTPStatus.ACCEPTED:
            raise NotOnline("The station has to fetch the product first.", retry_after=NOT_YET_SECONDS)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise BackendFailed("The station compresses its answer, though told not to.")
        validator = response.headers.get("etag") or response.headers.get("last-modified", "")
        if wanted.validator and validator and validator != wanted.validator:
            raise SourceChanged
        skip = _position(response, wanted)
        yield Opened(_chunks(response, skip, wanted), _size_of(response, wanted), validator)


def _position(response: httpx.Response, wanted: Wanted) -> int:
    """How many bytes to skip before the wanted ones: none in a partial answer, all before them in a whole one."""
    if response.status_code != HTTPStatus.PARTIAL_CONTENT:
        return wanted.start
    matched = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
    if not matched:
        raise BackendFailed("The station sent a part of the file without saying which.")
    if int(matched[1]) != wanted.start:
        raise BackendFailed(f"The station sent bytes from {matched[1]} on, where {wanted.start} was asked for.")
    return 0


def _size_of(response: httpx.Response, wanted: Wanted) -> int | None:
    """The asset's size by this answer; raises BackendFailed when the item says otherwise."""
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        matched = CONTENT_RANGE.fullmatch(response.headers["content-range"])
        told = matched[3] if matched else "*"
    else:
        told = response.headers.get("content-length", "*")
    size = int(told) if told.isascii() and told.isdigit() else None
    if size is not None and wanted.size is not None and size != wanted.size:
        raise BackendFailed(f"The station serves {size} bytes where its item says {wanted.size}.")
    return wanted.size if size is None else size


async def _chunks(response: httpx.Response, skip: int, wanted: Wanted) -> AsyncGenerator[bytes]:
    position = wanted.start - skip
    end = wanted.end if wanted.end is not None else (None if wanted.size is None else wanted.size - 1)
    try:
        async for chunk in response.aiter_raw():
            piece = chunk[max(0, wanted.start - position) :]
            position += len(chunk)
            if end is not None and position > end + 1:
                if wanted.end is None:
                    raise BackendFailed("The station sends more bytes than its item says.")
                piece = piece[: len(piece) - (position - end - 1)]
            if piece:
                yield piece
            if wanted.end is not None and position > wanted.end:
                return
    except httpx.TimeoutException as error:
        raise BackendTimeout("The station stopped sending in the middle of the file.") from error
    except httpx.HTTPError as error:
        raise BackendFailed("The station broke off in the middle of the file.") from error
    if end is not None and position <= end:
        raise BackendFailed(f"The station broke off after {position} of {end + 1} bytes.")
