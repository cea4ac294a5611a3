"""Moving: one attempt to bring a range of an asset from its station into its multipart upload.

Bytes go from the station's answer into parts and from there to the bucket; no more than a few parts are in memory,
whatever the asset's size. An attempt begins after the parts that are already there, so whoever comes after a worker
that died loses at most the parts that were on their way.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from rs_server.staging.checksums import Checksum, new_hash
from rs_server.staging.hash_states import StatefulHash, stateful_hash
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


@dataclass(frozen=True, slots=True)
class Hashed:
    """How many bytes of an asset, from its first on, were hashed, and the state of the hash there."""

    bytes: int = 0
    state: str = ""


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
        self.hashed = Hashed()
        """How far the asset was hashed when the attempt ended."""

    async def run(self) -> Moved:
        """Move what is missing. Raises what reading raises, and UploadGone without an open upload."""
        transfer = self.transfer
        first, digest = await self._begun()
        if transfer.size is not None:
            there = min((first - 1) * transfer.part_size, transfer.size)
            self.held = there - (self.span.first - 1) * transfer.part_size
            if self.span.last is not None and first > self.span.last:
                return Moved(transfer.size, checksum_of(digest))
        wanted = Wanted(
            url=transfer.url,
            size=transfer.size,
            validator=transfer.validator,
            start=(first - 1) * transfer.part_size,
            end=self._last_byte(),
        )
        return await self._write(AssetReader(self.source, wanted, self.sleep), first, digest)

    async def _note(self, validator: str) -> None:
        """Record, before the first byte is kept, which version of the asset it is of."""
        if validator and not await self.stores.transfers.note_version(self.transfer, validator):
            raise SourceChanged

    async def _begun(self) -> tuple[int, Any]:
        """Number of the first part to move, and the hash of all before it, where that is known.

        An object that the catalog names is not replaced by bytes whose checksum is not known, and it is only known of
        bytes that were hashed in order. So its parts are moved again from where the hash stands.
        """
        transfer = self.transfer
        if transfer.size is None:
            return 1, new_hash(transfer.declared)
        missing = await self._first_missing()
        hashed = transfer.hashed // transfer.part_size + 1 if transfer.hash_state else 1
        if transfer.replaces:
            missing = min(missing, hashed)
        if self._last_byte() is not None or self.span.first != 1:
            return missing, None
        digest = stateful_hash(new_hash(transfer.declared).name) or new_hash(transfer.declared)
        if missing == 1:
            return 1, digest
        if missing != hashed or not isinstance(digest, StatefulHash):
            return (1, digest) if transfer.replaces else (missing, None)
        digest.resume(transfer.hash_state)
        return missing, digest

    async def _first_missing(self) -> int:
        """Number of the first part of the range that is not there as a whole."""
        there = {part.number: part for part in await self.stores.uploads.parts(self.transfer.upload)}
        number = self.span.first
        while self._whole(there.get(number)) and (self.span.last is None or number <= self.span.last):
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

    async def _write(self, reader: AssetReader, first: int, digest: Any) -> Moved:
        writer = PartWriter(self, first, digest)
        async with writer, aclosing(reader.chunks()) as chunks:
            noted = False
            async for chunk in chunks:
                if not noted:
                    await self._note(reader.wanted.validator)
                    noted = True
                await writer.write(chunk)
            await writer.end()
        size = reader.wanted.size if reader.wanted.size is not None else reader.position
        return Moved(size, checksum_of(digest))


def checksum_of(digest: Any) -> str:
    """The multihash of what was hashed; empty where nothing was."""
    return str(Checksum(digest.name, digest.hexdigest())) if digest else ""


class PartWriter:
    """Joins chunks into parts, uploads them, and hashes them where wanted, while the next one is read.

    Parts are joined in a few buffers that are used again and again: memory that is new for every part costs the
    processor more than the copying itself. Hashing has a thread of its own.
    """

    def __init__(self, move: Move, first: int, digest: Any) -> None:
        self.move = move
        self.digest = digest
        self.number = first
        """Number of the part that is being filled."""
        self._filling: bytearray | None = None
        self._filled = 0
        self._free: asyncio.Queue[bytearray | None] = asyncio.Queue()
        for _ in range(PARTS_ON_THEIR_WAY + 1):
            self._free.put_nowait(None)  # made when it is needed
        self._running: set[asyncio.Task[None]] = set()
        self._hashing = ThreadPoolExecutor(max_workers=1)

    async def __aenter__(self) -> PartWriter:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Wait for the parts on their way, also when reading failed: what has come is kept, and its hash."""
        try:
            await self._drain()
            if isinstance(self.digest, StatefulHash):
                self.move.hashed = Hashed((self.number - 1) * self.move.transfer.part_size, self.digest.state)
        finally:
            self._hashing.shutdown(wait=False)

    async def write(self, chunk: bytes) -> None:
        """Add a chunk; waits while enough parts are on their way. Raises what went wrong with an earlier part."""
        size = self.move.transfer.part_size
        rest = memoryview(chunk)
        while rest:
            buffer = self._filling
            if buffer is None:
                buffer = self._filling = await self._free.get() or bytearray(size)
                self._check()
            taken = min(len(rest), size - self._filled)
            buffer[self._filled : self._filled + taken] = rest[:taken]
            self._filled += taken
            rest = rest[taken:]
            if self._filled == size:
                self._send(buffer, buffer)

    async def end(self) -> None:
        """Send what remains as the last part, an empty one where there are no bytes at all."""
        if self._filled or self.number == 1:
            buffer = self._filling or bytearray()
            self._send(buffer, bytes(memoryview(buffer)[: self._filled]))

    def _send(self, buffer: bytearray, body: bytes | bytearray) -> None:
        hashing = self._hashing.submit(self.digest.update, body) if self.digest else None
        self._running.add(asyncio.create_task(self._put(self.number, buffer, body, hashing)))
        self.number += 1
        self._filling, self._filled = None, 0

    def _check(self) -> None:
        """Raise what went wrong with an earlier part."""
        for task in [task for task in self._running if task.done()]:
            task.result()
            self._running.discard(task)

    async def _put(self, number: int, buffer: bytearray, body: bytes | bytearray, hashing: Future[None] | None) -> None:
        """Write one part; its buffer is free for another when it is neither sent nor hashed any more."""
        try:
            await self.move.stores.uploads.put(self.move.transfer.upload, number, body)
            self.move.held += len(body)
            self.move.wrote += len(body)
        finally:
            if hashing:
                await asyncio.wrap_future(hashing)
            self._free.put_nowait(buffer)

    async def _drain(self) -> None:
        results = await asyncio.gather(*self._running, return_exceptions=True)
        failures = [result for result in results if isinstance(result, BaseException)]
        if failures:
            raise failures[0]
