"""The few things the catalog asks of its engine, with the engine's failures said in our own errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

import orjson

from rs_server.catalog.engine.connections import Connection, Reply
from rs_server.errors import BackendFailed, BackendUnavailable, InvalidRequest, PayloadTooLarge
from rs_server.telemetry import logger

JSON = "application/json"
NDJSON = "application/x-ndjson"
BULK_BYTES = 1_000_000
"""Size of one bulk: much larger ones are not faster, and sending them holds up the event loop."""

Refresh = Literal["false", "true", "wait_for"]
"""When a write can be found by a search: a second later, at once (dear), or when the write returns."""

Source = dict[str, Any]


class VersionConflict(Exception):
    """The document is not in the version that a write named, or exists where it should be new."""


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a stored document: two numbers that the engine gives to every write."""

    sequence: int
    term: int

    @property
    def etag(self) -> str:
        """The strong entity tag of this version (RFC 9110, 8.8.3)."""
        return f'"{self.term}-{self.sequence}"'

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Version:
        """The version in the engine's answer to a read or a write."""
        return cls(answer["_seq_no"], answer["_primary_term"])


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document."""

    source: Source
    version: Version


@dataclass(frozen=True, slots=True)
class BulkWrite:
    """One write of a bulk: `create` refuses a document that exists, `index` replaces `version`, if one is given."""

    operation: Literal["create", "index"]
    id: str
    source: Source
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of one write of a bulk: the version it made, or the engine's reason why not."""

    status: int
    version: Version | None = None
    reason: str = ""


class Engine:
    """One engine, connected at the first call, and once for the life of the process."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()

    async def close(self) -> None:
        """Close the connection, if one was opened."""
        if self._connection:
            await self._connection.close()

    async def search(self, index: str, body: Source) -> dict[str, Any]:
        """Answer of `_search`. A shard that fails is a failure, never a shorter answer."""
        parameters = {"allow_partial_search_results": "false"}
        answer: dict[str, Any] = _checked(await self._call("POST", f"/{index}/_search", body, parameters))
        return answer

    async def get(self, index: str, document_id: str) -> Document | None:
        """The document, as last written, or None."""
        reply = await self._call("GET", _document(index, document_id))
        if reply.status == HTTPStatus.NOT_FOUND and "found" in reply.body:
            return None
        answer = _checked(reply)
        return Document(answer["_source"], Version.of(answer))

    async def get_many(self, index: str, document_ids: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that exist, by id."""
        if not document_ids:
            return {}
        answer = _checked(await self._call("POST", f"/{index}/_mget", {"ids": list(document_ids)}))
        found = (entry for entry in answer["docs"] if entry.get("found"))
        return {entry["_id"]: Document(entry["_source"], Version.of(entry)) for entry in found}

    async def create(self, index: str, document_id: str, source: Source, refresh: Refresh) -> Version:
        """Write a new document; raises VersionConflict if there is one already."""
        path = _document(index, document_id, "_create")
        return Version.of(_checked(await self._call("PUT", path, source, {"refresh": refresh})))

    async def replace(
        self, index: str, document_id: str, source: Source, version: Version, refresh: Refresh
    ) -> Version:
        """Replace a document that is in `version`; raises VersionConflict if it is in another by now."""
        parameters = {"refresh": refresh, **_condition(version)}
        return Version.of(_checked(await self._call("PUT", _document(index, document_id), source, parameters)))

    async def delete(self, index: str, document_id: str, version: Version, refresh: Refresh) -> None:
        """Delete a document that is in `version`; raises VersionConflict if it is in another by now."""
        parameters = {"refresh": refresh, **_condition(version)}
        _checked(await self._call("DELETE", _document(index, document_id), None, parameters))

    async def refresh(self, index: str) -> None:
        """Have searches find all that was written."""
        _checked(await self._call("POST", f"/{index}/_refresh"))

    async def delete_by_query(self, index: str, query: Source) -> int:
        """Delete all documents that match `query`, those just written too; says how many there were."""
        await self.refresh(index)
        parameters = {"refresh": "true", "conflicts": "proceed"}
        answer = _checked(await self._call("POST", f"/{index}/_delete_by_query", {"query": query}, parameters))
        return int(answer["deleted"])

    async def bulk(self, index: str, writes: Sequence[BulkWrite], refresh: Refresh) -> list[BulkOutcome]:
        """Do `writes`, each for itself, and say in the same order what became of each."""
        outcomes: list[BulkOutcome] = []
        bodies = list(_bodies(writes))
        for position, body in enumerate(bodies, start=1):
            when = refresh if position == len(bodies) else "false"  # what the last one waits for shows them all
            answer = _checked(await self._call("POST", f"/{index}/_bulk", body, {"refresh": when}, NDJSON))
            outcomes += [_outcome(next(iter(entry.values()))) for entry in answer["items"]]
        return outcomes

    async def put(self, path: str, body: Source) -> Reply:
        """Put a template or an index; the reply is the caller's to judge."""
        return await self._call("PUT", path, body)

    async def remove(self, path: str) -> None:
        """Delete a template or an index, if it is there."""
        reply = await self._call("DELETE", path)
        if reply.status != HTTPStatus.NOT_FOUND:
            _checked(reply)

    async def exists(self, path: str) -> bool:
        """Whether there is an index or alias of this name."""
        reply = await self._call("GET", path)
        if reply.status == HTTPStatus.NOT_FOUND:
            return False
        _checked(reply)
        return True

    async def _call(
        self,
        method: str,
        path: str,
        body: Source | bytes | None = None,
        parameters: dict[str, str] | None = None,
        media_type: str = JSON,
    ) -> Reply:
        connection = self._connection or await self._connected()
        payload = _encoded(body) if isinstance(body, dict) else body
        return await connection.call(method, path, parameters or {}, payload, media_type)

    async def _connected(self) -> Connection:
        async with self._connecting:
            if self._connection is None:
                self._connection = await self._connect()
            return self._connection


def _encoded(body: Source) -> bytes:
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError as error:  # a number or a text that Python holds and JSON does not
        raise InvalidRequest(f"This cannot be written as JSON: {error}.") from error


def _document(index: str, document_id: str, endpoint: str = "_doc") -> str:
    return f"/{index}/{endpoint}/{quote(document_id, safe='')}"


def _condition(version: Version) -> dict[str, str]:
    return {"if_seq_no": str(version.sequence), "if_primary_term": str(version.term)}


def _bodies(writes: Iterable[BulkWrite]) -> Iterator[bytes]:
    """The writes as bodies of `_bulk`, none larger than `BULK_BYTES` unless a single write is."""
    body = bytearray()
    for write in writes:
        head: dict[str, Any] = {"_id": write.id}
        if write.version:
            head |= {"if_seq_no": write.version.sequence, "if_primary_term": write.version.term}
        lines = orjson.dumps({write.operation: head}) + b"\n" + orjson.dumps(write.source) + b"\n"
        if body and len(body) + len(lines) > BULK_BYTES:
            yield bytes(body)
            body.clear()
        body += lines
    if body:
        yield bytes(body)


def _outcome(entry: dict[str, Any]) -> BulkOutcome:
    if "error" in entry:
        return BulkOutcome(entry["status"], reason=_reason(entry))
    return BulkOutcome(entry["status"], version=Version.of(entry))


def _checked(reply: Reply) -> Any:
    """Body of a reply that is a success; raises our error for any other."""
    status = reply.status
    if status < HTTPStatus.BAD_REQUEST:
        return reply.body
    if status == HTTPStatus.CONFLICT:
        raise VersionConflict
    reason = _reason(reply.body)
    if status == HTTPStatus.BAD_REQUEST:
        raise InvalidRequest(f"The search engine cannot do this: {reason}")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise PayloadTooLarge("This is more than the search engine takes at once. Send it in smaller parts.")
    logger.error("search engine failed", status=status, reason=reason)
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        raise BackendUnavailable("The catalog's search engine is overloaded. Try again shortly.", retry_after=5)
    raise BackendFailed("The catalog's search engine failed.")


def _reason(body: Any) -> str:
    """The engine's own words: what it could not do, and the innermost cause, which names the value at fault."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return str(error or "no reason given")[:300]
    outer = inner = next(iter(error.get("root_cause") or []), error)
    while isinstance(inner.get("caused_by"), dict):
        inner = inner["caused_by"]
    reasons = dict.fromkeys(str(cause["reason"]) for cause in (outer, inner) if cause.get("reason"))
    return ": ".join(reasons)[:300] or "no reason given"
