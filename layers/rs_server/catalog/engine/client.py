"""The few things the catalog asks of its engine, with the engine's failures said in our own errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson

from rs_server.catalog.engine.connections import Connection, Reply
from rs_server.catalog.engine.documents import (
    BulkOutcome,
    BulkWrite,
    Document,
    Refresh,
    Source,
    Version,
    VersionConflict,
    bulk_bodies,
)
from rs_server.catalog.engine.replies import checked, reason_of
from rs_server.catalog.engine.under_way import UnderWay
from rs_server.errors import BackendFailed, BackendUnavailable, InvalidRequest

__all__ = ["BulkOutcome", "BulkWrite", "Document", "Engine", "Refresh", "Source", "Version", "VersionConflict"]

JSON = "application/json"
NDJSON = "application/x-ndjson"
BULKS = 2
"""How many parts of one bulk are with the engine at a time: it writes each with one thread."""
OUTCOMES = "items.*.status,items.*._seq_no,items.*._primary_term,items.*.error"
"""What is read of the engine's answer to a bulk; the rest is most of it."""
ATTEMPTS = 10
"""How often documents are looked for that were changed while they were to be deleted."""
NO_INDEX = "index_not_found_exception"


class Engine:
    """One engine, connected at the first call, and once for the life of the process."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()
        self._read: dict[str, dict[str, Any]] = {}
        self._noted: dict[str, set[str]] = {}

    async def close(self) -> None:
        """Close the connection, if one was opened."""
        if self._connection:
            await self._connection.close()

    async def search(self, index: str, body: Source) -> dict[str, Any]:
        """Answer of `_search`. A shard that fails is a failure, never a shorter answer."""
        parameters = {"allow_partial_search_results": "false"}
        answer: dict[str, Any] = checked(await self.call("POST", f"/{index}/_search", body, parameters))
        return answer

    async def get(self, index: str, document_id: str) -> Document | None:
        """The document, as last written, or None."""
        reply = await self.call("GET", _document(index, document_id))
        if reply.status == HTTPStatus.NOT_FOUND and "found" in reply.body:
            return None
        answer = checked(reply)
        return Document(answer["_source"], Version.of(answer))

    async def get_first(self, indices: Sequence[str], document_id: str) -> Document | None:
        """The document, as last written, in the first of `indices` that there is; one read."""
        asked = [{"_index": index, "_id": document_id} for index in indices]
        for entry in checked(await self.call("POST", "/_mget", {"docs": asked}))["docs"]:
            if "error" not in entry:
                return Document(entry["_source"], Version.of(entry)) if entry["found"] else None
            if entry["error"]["type"] != NO_INDEX:
                raise BackendFailed(f"The catalog's search engine failed: {reason_of(entry)}.")
        raise BackendFailed("The catalog's search engine has none of the catalog's indices.")

    async def get_many(self, index: str, document_ids: Sequence[str]) -> dict[str, Document]:
        """Those of the documents that exist, by id."""
        if not document_ids:
            return {}
        answer = checked(await self.call("POST", f"/{index}/_mget", {"ids": list(document_ids)}))
        found = (entry for entry in answer["docs"] if entry.get("found"))
        return {entry["_id"]: Document(entry["_source"], Version.of(entry)) for entry in found}

    async def create(
        self, index: str, document_id: str, source: Source, refresh: Refresh, *, alias_only: bool = False
    ) -> Version:
        """Write a new document; raises VersionConflict if there is one already.

        With `alias_only`, BackendFailed if `index` is no alias: one that is not there yet is not made by a write.
        """
        parameters = {"refresh": refresh} | ({"require_alias": "true"} if alias_only else {})
        path = _document(index, document_id, "_create")
        return Version.of(checked(await self.call("PUT", path, source, parameters)))

    async def replace(
        self,
        index: str,
        document_id: str,
        source: Source,
        version: Version,
        refresh: Refresh,
        *,
        alias_only: bool = False,
    ) -> Version:
        """Replace a document that is in `version`; raises VersionConflict if it is in another by now.

        With `alias_only`, if `index` is no alias, too: one that is taken away is not made anew.
        """
        parameters = {"refresh": refresh, **_condition(version)} | ({"require_alias": "true"} if alias_only else {})
        reply = await self.call("PUT", _document(index, document_id), source, parameters)
        if alias_only and reply.status == HTTPStatus.NOT_FOUND:
            raise VersionConflict
        return Version.of(checked(reply))

    async def delete(self, index: str, document_id: str, version: Version, refresh: Refresh) -> None:
        """Delete a document that is in `version`; raises VersionConflict if it is in another by now."""
        parameters = {"refresh": refresh, **_condition(version)}
        checked(await self.call("DELETE", _document(index, document_id), None, parameters))

    async def refresh(self, index: str) -> None:
        """Have searches find all that was written."""
        checked(await self.call("POST", f"/{index}/_refresh"))

    async def delete_by_query(self, index: str, query: Source) -> int:
        """Delete all documents that match `query`, those just written too; says how many there were.

        One that is changed in that moment is deleted as well: it is looked for again.
        """
        parameters = {"refresh": "true", "conflicts": "proceed"}
        deleted = 0
        for _ in range(ATTEMPTS):
            await self.refresh(index)
            answer = checked(await self.call("POST", f"/{index}/_delete_by_query", {"query": query}, parameters))
            deleted += int(answer["deleted"])
            if not answer["version_conflicts"]:
                return deleted
        raise BackendUnavailable("What is to be deleted is changed all the time. Try again shortly.", retry_after=5)

    async def bulk(
        self,
        index: str,
        writes: Iterable[BulkWrite] | AsyncIterable[BulkWrite],
        refresh: Refresh,
        *,
        alias_only: bool = False,
    ) -> list[BulkOutcome]:
        """Do `writes`, each for itself, and say in the same order what became of each.

        While the engine has some of them, the next ones are asked for; no more than a few parts of them are held.
        With `alias_only` they are refused (404) if `index` is no alias: one that is taken away is not made anew.
        """
        parameters = {"filter_path": OUTCOMES} | ({"require_alias": "true"} if alias_only else {})

        async def write(part: tuple[int, bytes], when: Refresh) -> list[BulkOutcome]:
            count, body = part
            reply = await self.call("POST", f"/{index}/_bulk", body, parameters | {"refresh": when}, NDJSON)
            if reply.status == HTTPStatus.TOO_MANY_REQUESTS:  # it had no memory for the whole
                return [BulkOutcome(reply.status, reason=reason_of(reply.body))] * count
            return [_outcome(next(iter(entry.values()))) for entry in checked(reply)["items"]]

        under_way = UnderWay[list[BulkOutcome]](BULKS)
        last: tuple[int, bytes] | None = None
        async with under_way:
            async for part in bulk_bodies(each(writes)):
                if last:
                    await under_way.add(write(last, "false"))
                last = part
                if refresh == "false":
                    await under_way.add(write(last, "false"))
                    last = None
        # It waits for searches to find it when the others are written, and so for all of them.
        parts = [*under_way.results, *([await write(last, refresh)] if last else [])]
        return [outcome for part in parts for outcome in part]

    async def read_once(self, path: str) -> dict[str, Any]:
        """The answer to a GET of what never changes: it is asked for once in the life of the process."""
        if path not in self._read:
            self._read[path] = checked(await self.call("GET", path))
        return self._read[path]

    def noted(self, index: str) -> set[str]:
        """Ids of documents seen in an index whose documents stay for good: the caller's to add to."""
        return self._noted.setdefault(index, set())

    async def put(self, path: str, body: Source) -> Reply:
        """Put a template or an index; the reply is the caller's to judge."""
        return await self.call("PUT", path, body)

    async def remove(self, path: str) -> None:
        """Delete a template or an index, if it is there."""
        reply = await self.call("DELETE", path)
        if reply.status != HTTPStatus.NOT_FOUND:
            checked(reply)

    async def aliases(self, index: str) -> dict[str, dict[str, Any]]:
        """The aliases, with what is said of each, of the indices behind `index`; none if there are none."""
        reply = await self.call("GET", f"/{index}/_alias")
        if reply.status == HTTPStatus.NOT_FOUND:
            return {}
        return {name: entry["aliases"] for name, entry in checked(reply).items()}

    async def change_aliases(self, actions: Sequence[dict[str, Any]]) -> bool:
        """Change aliases, all or nothing; False if one of those that must exist, or an index, does not."""
        reply = await self.call("POST", "/_aliases", {"actions": list(actions)})
        if reply.status == HTTPStatus.NOT_FOUND:
            return False
        checked(reply)
        return True

    async def exists(self, path: str) -> bool:
        """Whether there is an index or alias of this name."""
        reply = await self.call("GET", path)
        if reply.status == HTTPStatus.NOT_FOUND:
            return False
        checked(reply)
        return True

    async def kinds(self, index: str, path: str) -> set[str]:
        """How a field is indexed in the indices behind `index`, such as `keyword`; nothing where there is none."""
        answer = checked(await self.call("GET", f"/{index}/_field_caps", None, {"fields": path}))
        return set(answer["fields"].get(path, ()))

    async def call(
        self,
        method: str,
        path: str,
        body: Source | bytes | None = None,
        parameters: Mapping[str, str] | None = None,
        media_type: str = JSON,
    ) -> Reply:
        """The engine's answer, of any status; for the modules of this folder."""
        connection = self._connection or await self._connected()
        payload = _encoded(body) if isinstance(body, dict) else body
        return await connection.call(method, path, parameters or {}, payload, media_type)

    async def _connected(self) -> Connection:
        async with self._connecting:
            if self._connection is None:
                self._connection = await self._connect()
            return self._connection


async def each[T](values: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    """The values one by one, whether they are there or come with time."""
    if isinstance(values, AsyncIterable):
        async for value in values:
            yield value
    else:
        for value in values:
            yield value


def _encoded(body: Source) -> bytes:
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError as error:  # a number or a text that Python holds and JSON does not
        raise InvalidRequest(f"This cannot be written as JSON: {error}.") from error


def _document(index: str, document_id: str, endpoint: str = "_doc") -> str:
    return f"/{index}/{endpoint}/{quote(document_id, safe='')}"


def _condition(version: Version) -> dict[str, str]:
    return {"if_seq_no": str(version.sequence), "if_primary_term": str(version.term)}


def _outcome(entry: dict[str, Any]) -> BulkOutcome:
    if "error" in entry:
        return BulkOutcome(entry["status"], reason=reason_of(entry))
    return BulkOutcome(entry["status"], version=Version.of(entry))
