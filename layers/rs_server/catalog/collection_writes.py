"""Making, replacing and deleting collections: their owner's business, and of those whom he lets manage them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rs_server.catalog.assets import Objects, collection_prefix
from rs_server.catalog.caller import Caller
from rs_server.catalog.collections import read_collection
from rs_server.catalog.engine.client import Document, Engine, Source, Version, VersionConflict
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import DELETING, FOOTPRINT, INTERVAL, LAYOUT
from rs_server.catalog.geometry import envelope
from rs_server.catalog.layout.placement import Placement
from rs_server.catalog.layout.removal import Removal
from rs_server.catalog.stored import stored_collection
from rs_server.catalog.times import FIRST, LAST, cut, now
from rs_server.catalog.validation import check_collection
from rs_server.catalog.versions import check_if_match, overtaken
from rs_server.errors import Conflict, InvalidRequest
from rs_server.stac.ids import CollectionId


@dataclass(frozen=True, slots=True)
class CollectionWriter:
    """Writes collections. A collection is found by lists as soon as its write returns."""

    engine: Engine
    indices: Indices
    objects: Objects
    clock: Callable[[], str] = now

    async def create(self, caller: Caller, body: Mapping[str, Any]) -> Document:
        """Store a new collection; raises Conflict if there is one of this id."""
        collection = caller.collection(str(body.get("id", "")))
        caller.require("manage", collection)
        moment = self.clock()
        source = _stored(body, collection) | {"created": moment, "updated": moment}
        try:
            version = await self.engine.create(self.indices.collections, str(collection), source, "true")
        except VersionConflict as error:
            raise Conflict(f"Collection {str(collection)!r} exists already, or is being deleted.") from error
        return Document(source, version)

    async def replace(
        self, caller: Caller, collection: CollectionId, body: Mapping[str, Any], if_match: str | None
    ) -> Document:
        """Replace a collection; raises NotFound, PreconditionFailed."""
        caller.require("manage", collection)
        named = body.get("id")
        if named is not None and caller.collection(str(named)) != collection:
            raise InvalidRequest(f"id: the collection is {str(collection)!r}, and cannot be renamed to {named!r}.")
        existing = await self._existing(collection, if_match)
        kept = {name: existing.source[name] for name in ("created", LAYOUT) if name in existing.source}
        source = _stored(body, collection) | kept | {"updated": self.clock()}
        return await self._put(collection, source, existing.version, if_match)

    async def delete(self, caller: Caller, collection: CollectionId, if_match: str | None) -> None:
        """Delete a collection, its items, and their objects.

        It is marked first, and from then on gone to readers; its document goes last. So no item ever points at
        objects that are gone, and a deletion that was cut short is known by the mark. It is finished by repeating it,
        or by `Retention`.
        """
        caller.require("manage", collection)
        document = await self.engine.get(self.indices.collections, str(collection))
        if document is None or not document.source.get(DELETING):
            existing = await self._existing(collection, if_match)
            mark = existing.source | {DELETING: True, "updated": self.clock()}
            document = await self._put(collection, mark, existing.version, if_match)
        await self.finish_deletion(collection, document)

    async def finish_deletion(self, collection: CollectionId, mark: Document) -> None:
        """Delete what is left of a collection that is marked, and then its mark; doing it again changes nothing."""
        await Removal(self.engine, self.indices).remove(collection, Placement.of(mark.source))
        await self.objects.delete_prefix(collection_prefix(collection))
        try:
            await self.engine.delete(self.indices.collections, str(collection), mark.version, "true")
        except VersionConflict:
            return  # nobody changes a mark, so somebody else has finished the same deletion

    async def _existing(self, collection: CollectionId, if_match: str | None) -> Document:
        existing = await read_collection(self.engine, self.indices.collections, collection)
        check_if_match(if_match, existing)
        return existing

    async def _put(self, collection: CollectionId, source: Source, version: Version, if_match: str | None) -> Document:
        try:
            new = await self.engine.replace(self.indices.collections, str(collection), source, version, "true")
        except VersionConflict as error:
            raise overtaken(if_match) from error
        return Document(source, new)


def _stored(body: Mapping[str, Any], collection: CollectionId) -> Source:
    check_collection(body)
    source = stored_collection(body) | {"id": str(collection), "owner": collection.owner, "type": "Collection"}
    extent = body["extent"]
    return source | {INTERVAL: _interval(extent["temporal"]["interval"]), FOOTPRINT: _footprint(extent)}


def _interval(intervals: Sequence[Sequence[str | None]]) -> dict[str, str]:
    """The overall extent, which is the first one; an open end is open."""
    start, end = intervals[0]
    name = "extent.temporal.interval"
    return {"start": cut(start, name) if start else FIRST, "end": cut(end, name) if end else LAST}


def _footprint(extent: Mapping[str, Any]) -> dict[str, Any]:
    return envelope(extent["spatial"]["bbox"][0])
