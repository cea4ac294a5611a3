"""Stored documents, their versions, and writes of many of them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from rs_server.catalog.engine.mappings import INTERNAL, LAYOUT

BULK_BYTES = 400_000
"""Size of one bulk: larger ones are not faster, and the engine has less to do while the next one is made ready."""

Refresh = Literal["false", "true", "wait_for"]
"""When a write can be found by a search: a second later, at once (dear), or when the write returns."""

Source = dict[str, Any]


class VersionConflict(Exception):
    """The document is not in the version that a write named, or exists where it should be new."""


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a stored document: two numbers that the engine gives to every write into an index."""

    sequence: int
    term: int

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Version:
        """The version in the engine's answer to a read or a write."""
        return cls(answer["_seq_no"], answer["_primary_term"])


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document."""

    source: Source
    version: Version

    @property
    def shown(self) -> Source:
        """What is stored without the members that nobody is shown."""
        return {name: value for name, value in self.source.items() if name not in INTERNAL}

    @property
    def etag(self) -> str:
        """The strong entity tag of what is stored (RFC 9110, 8.8.3), which has the time of the change in it.

        It is no version number: the engine counts all owners' writes in one row, and would tell how many there were.
        Where a collection's items lie is not part of it, so that a move changes no tag.
        """
        told = {name: value for name, value in self.source.items() if name != LAYOUT}
        content = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
        return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class BulkWrite:
    """One write of a bulk: `create` refuses a document that exists, `index` and `delete` want `version`, if given."""

    operation: Literal["create", "index", "delete"]
    id: str
    source: Source
    version: Version | None = None
    rank: int | None = None
    """A version of our own counting: the write is refused (409) if what is stored has this rank, or a higher one."""
    content: bytes = b""
    """The source as JSON, where it was written already."""

    def lines(self) -> bytes:
        """The lines of this write in a body of `_bulk`."""
        head: dict[str, Any] = {"_id": self.id}
        if self.version:
            head |= {"if_seq_no": self.version.sequence, "if_primary_term": self.version.term}
        if self.rank is not None:
            head |= {"version": self.rank, "version_type": "external"}
        body = b"" if self.operation == "delete" else (self.content or orjson.dumps(self.source)) + b"\n"
        return orjson.dumps({self.operation: head}) + b"\n" + body


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of one write of a bulk: the version it made, or the engine's reason why not."""

    status: int
    version: Version | None = None
    reason: str = ""


async def bulk_bodies(writes: AsyncIterable[BulkWrite]) -> AsyncIterator[tuple[int, bytes]]:
    """The writes as bodies of `_bulk`, with the number of writes in each.

    None is larger than `BULK_BYTES` unless a single write is.
    """
    body, count = bytearray(), 0
    async for write in writes:
        lines = write.lines()
        if body and len(body) + len(lines) > BULK_BYTES:
            yield count, bytes(body)
            body.clear()
            count = 0
        body += lines
        count += 1
    if body:
        yield count, bytes(body)
