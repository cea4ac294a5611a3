"""Collections as numbers: what the rights of somebody with thousands of collections are looked up by.

The engine finds thousands of words among its terms one by one; numbers it reads beside each document that it looks at.
A number is the collection's public id, hashed to 64 bits with a key that nobody but the catalog can read. So two
collections of one number are as good as impossible, and nobody can name a collection of his own to be taken for
another. The key is made with the indices and stays as long as they do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from secrets import token_hex

from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices

KEY = "collection_key"
Numbered = Callable[[str], int]
"""Gives the number of a collection, by its public id."""


def new_key() -> str:
    """A key for indices that are being made."""
    return token_hex(32)


async def numbers_of(engine: Engine, indices: Indices) -> Numbered | None:
    """How this catalog numbers collections; None if its indices are older than the numbers."""
    mappings = await engine.read_once(f"/{indices.collections}/_mapping")
    key = next((entry["mappings"].get("_meta", {}).get(KEY) for entry in mappings.values()), None)
    return _numbered(key) if key else None


@lru_cache(maxsize=16)
def _numbered(key: str) -> Numbered:
    secret = bytes.fromhex(key)

    @lru_cache(maxsize=100_000)
    def number(collection: str) -> int:
        return int.from_bytes(blake2b(collection.encode(), key=secret, digest_size=8).digest(), "big", signed=True)

    return number
