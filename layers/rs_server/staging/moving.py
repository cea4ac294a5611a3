"""Moving: one attempt to bring a range of an asset from its station into its multipart upload.

Bytes go from the station's answer into parts and from there to the bucket; no more than a few parts are in memory,
whatever the asset's size. An attempt begins after the parts that are already there, so whoever comes after a worker
that died loses at most the parts that were on their way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from rs_server.staging.checksums import Checksum, new_hash
from rs_server.staging.reading import AssetReader, Sleep, SourceChanged, Wanted
from rs_server.staging.sources import Source
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.storage.multipart import Part, part_count

PARTS_ON_THEIR_WAY = 2
"""Parts that are uploaded while the next one is read; with it they are all that is in memory."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What an attempt brought: the asset's size, and its checksum if every byte passed through here in order."""

    size: int
    checksum: str = ""


class Move:
    """One attempt at one range. `held` and `wrote` may be looked at while it runs."""

    def __init__(
        self,
        source: Source,
        stores: Stores,
        transfer: Transfer,
        range_number: int,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.source = source
        self.stores = stores
        self.transfer = transfer
        self.sleep = sleep
        self.span = transfer.span(range_number)
        self.held = 0
        """Bytes of the range that are in the bucket."""
        self.wrote = 0
        """Bytes that this attempt added to them."""

    async def run(self) -> Moved:
        """Move what is missing. Raises what reading raises, and UploadGone without an open upload."""
        transfer = self.transfer
        first = await self._first_missing()
        if transfer.size is not None and self.span.last is not None and first > self.span.last:
            return Moved(transfer.size)
        wanted = Wanted(
            url=transfer.url,
            size=transfer.size,
            validator=transfer.validator,
            start=(first - 1) * transfer.part_size,
            end=self._last_byte(),
        )
        return await self._write(AssetReader(self.source, wanted, self.sleep), first)

    async def _note(self, validator: str) -> None:
        """Record, before the first byte is kept, which version of the asset it is of."""
        if validator and not await self.stores.transfers.note_version(self.transfer, validator):
            raise SourceChanged

    async def _first_missing(self) -> int:
        """Number of the first part to move; all are, where their size is not known or the bytes must pass in order.

        An object that the catalog names is not replaced by bytes whose checksum is not known, and the checksum is
        only known of bytes that all passed here.
        """
        if self.transfer.size is None or self.transfer.replaces:
            return self.span.first
        there = {part.number: part for part in await self.stores.uploads.parts(self.transfer.upload)}
        number = self.span.first
        while self._whole(there.get(number)) and (self.span.last is None or number <= self.span.last):
            self.held += there[number].size
            number += 1
        return number

    def _whole(self, part: Part | None) -> bool:
        size = self.transfer.size
        if part is None or size is None:
            return False
        last = part_count(size, self.transfer.part_size)
        return part.size == (
            size - (last - 1) * self.transfer.part_size if part.number == last else self.transfer.part_size
        )

    def _last_byte(self) -> int | None:
        """Last byte of the range; None when it goes to the asset's end."""
        size, last = self.transfer.size, self.span.last
        if size is None or last is None or last == part_count(size, self.transfer.part_size):
            return None
        return last * self.transfer.part_size - 1

    async def _write(self, reader: AssetReader, first: int) -> Moved:
        whole = first == 1 and self._last_byte() is None
        part_size = self.transfer.part_size
        async with (
            PartWriter(self, new_hash(self.transfer.declared) if whole else None) as writer,
            aclosing(reader.chunks()) as chunks,
            aclosing(in_parts(chunks, part_size)) as parts,
        ):
            number = first
            async for body in parts:
                if number == first:
                    await self._note(reader.wanted.validator)
                await writer.write(number, body)
                number += 1
            if number == 1:
                await writer.write(1, b"")
        size = reader.wanted.size if reader.wanted.size is not None else reader.position
        return Moved(size, writer.checksum)


class PartWriter:
    """Uploads parts, and hashes them where wanted, while the next ones are read. Hashing has a thread of its own."""

    def __init__(self, move: Move, digest: Any) -> None:
        self.move = move
        self.digest = digest
        self._free = asyncio.Semaphore(PARTS_ON_THEIR_WAY)
        self._running: set[asyncio.Task[None]] = set()
        self._hashing = ThreadPoolExecutor(max_workers=1)

    @property
    def checksum(self) -> str:
        """The multihash of all parts, once all are written."""
        return str(Checksum(self.digest.name, self.digest.hexdigest())) if self.digest else ""

    async def __aenter__(self) -> PartWriter:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Wait for the parts on their way, also when reading failed: what has come is kept."""
        try:
            await self._drain()
        finally:
            self._hashing.shutdown(wait=False)

    async def write(self, number: int, body: bytes) -> None:
        """Begin to write a part; waits while enough are on their way. Raises what went wrong with an earlier one."""
        await self._free.acquire()
        hashing = self._hashing.submit(self.digest.update, body) if self.digest else None
        task = asyncio.create_task(self._put(number, body, hashing))
        task.add_done_callback(lambda _: self._free.release())
        self._running = {one for one in self._running if not one.done() or one.exception()} | {task}
        for failed in self._running:
            if failed.done():
                failed.result()

    async def _put(self, number: int, body: bytes, hashing: Future[None] | None) -> None:
        await self.move.stores.uploads.put(self.move.transfer.upload, number, body)
        self.move.held += len(body)
        self.move.wrote += len(body)
        if hashing:
            await asyncio.wrap_future(hashing)

    async def _drain(self) -> None:
        results = await asyncio.gather(*self._running, return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise failures[0]


async def in_parts(chunks: AsyncGenerator[bytes], size: int) -> AsyncGenerator[bytes]:
    """Join chunks of any length into parts of `size` bytes; the last one is what remains."""
    waiting: list[bytes] = []
    length = 0
    async for chunk in chunks:
        waiting.append(chunk)
        length += len(chunk)
        while length >= size:
            joined = b"".join(waiting)
            yield joined[:size]
            waiting = [joined[size:]] if length > size else []
            length -= size
    if length:
        yield b"".join(waiting)
