"""Verifying: the checksum of an object that no worker saw whole, by reading it back, in as many goes as it takes.

How far it came is written down with the state of its hash, so an object of any size is read once, by one worker after
another, and one that dies costs what it read since then. A hash without such a state (BLAKE3) has to do it in one go.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from rs_server.errors import BackendFailed
from rs_server.staging.checksums import Checksum, differs, new_hash
from rs_server.staging.hash_states import StatefulHash, stateful_hash
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.storage.multipart import MEBIBYTE

PIECE = 8 * MEBIBYTE
CHECKPOINT = 256 * MEBIBYTE
"""Bytes between two notes of how far it came: a few seconds, of the 80 or so that a function has for reading."""


class Verifier:
    """Gives transfers whose bytes are in the bucket their checksums."""

    def __init__(self, stores: Stores, piece: int = PIECE, checkpoint: int = CHECKPOINT) -> None:
        self.stores = stores
        self.piece = piece
        self.checkpoint = checkpoint
        self.notes = 0
        """Results, and parts of them, that were written down: what the next go need not do again."""

    async def verified(self, transfer: Transfer) -> Transfer:
        """`transfer` with its checksum; raises BackendFailed when it is not the one that the station declares."""
        if transfer.checksum:
            return transfer
        checksum = await self._read_back(transfer)
        if differs(transfer.declared, checksum):
            raise BackendFailed(f"{transfer.asset!r} came with another checksum than its station declares.")
        await self.stores.transfers.verified(transfer, checksum)
        self.notes += 1
        return replace(transfer, checksum=checksum)

    async def _read_back(self, transfer: Transfer) -> str:
        assert transfer.size is not None
        digest, position = begun(transfer)
        noted = position
        pieces = self.stores.objects.pieces(transfer.key, start=position, stop=transfer.size, size=self.piece)
        async with aclosing(pieces):
            async for piece in pieces:
                await asyncio.to_thread(digest.update, piece)
                position += len(piece)
                if isinstance(digest, StatefulHash) and position - noted >= self.checkpoint:
                    await self.stores.transfers.note_hashed(transfer, position, digest.state)
                    self.notes += 1
                    noted = position
        return str(Checksum(digest.name, digest.hexdigest()))


def begun(transfer: Transfer) -> tuple[Any, int]:
    """The hash of an object, as far as it was computed before, and how many bytes that was."""
    fresh = new_hash(transfer.declared)
    digest = stateful_hash(fresh.name)
    if digest is None:
        return fresh, 0
    if transfer.hash_state:
        digest.resume(transfer.hash_state)
    return digest, transfer.hashed
