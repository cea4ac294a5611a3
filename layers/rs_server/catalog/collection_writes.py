"""Making, replacing and deleting collections: their owner's business, and of those whom he lets manage them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rs_server.catalog.assets import Objects, collection_prefix
from rs_server.catalog.batches import Batches
from rs_server.catalog.caller import Caller, absent
from rs_server.catalog.collections import read_collection
from rs_server.catalog.engine.client import Document, Engine, Source, Version, VersionConflict
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import DELETING, EMPTIED, FOOTPRINT, INTERVAL, LAYOUT
from rs_server.catalog.geometry import envelope
from rs_server.catalog.layout.placement import Placement
from rs_server.catalog.layout.removal import Removal
from rs_server.catalog.stored import stored_collection
from rs_server.catalog.times import FIRST, LAST, cut, now
from rs_server.catalog.validation import check_collection
from rs_server.catalog.versions import check_if_match, overtaken
from rs_server.errors import Conflict, InvalidRequest, NotFound
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
        except VersionConflict:
            version = await self._take_name(collection, source)
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
        if document is None or document.source.get(EMPTIED):
            raise NotFound(absent(collection))
        if not document.source.get(DELETING):
            check_if_match(if_match, document)
            mark = document.source | {DELETING: True, "updated": self.clock()}
            document = await self._put(collection, mark, document.version, if_match)
        await self._delete(collection, document)

    async def finish_deletion(self, collection: CollectionId, mark: Document) -> None:
        """Delete what is left of a collection that was marked before anybody began who writes now, and its mark.

        The mark is written anew before, so that nobody makes a collection of this name meanwhile.
        """
        anew = mark.source | {DELETING: True, "updated": self.clock()}
        try:
            version = await self.engine.replace(self.indices.collections, str(collection), anew, mark.version, "true")
            await self._empty(collection, Placement.of(anew))
            await self.engine.delete(self.indices.collections, str(collection), version, "true")
        except VersionConflict:
            return  # somebody else deletes it as well, or has made a collection of its name

    async def _delete(self, collection: CollectionId, mark: Document) -> None:
        """Delete what a collection has that is marked, and its mark, unless somebody may still write into it.

        Batches are looked for before: those that end later may have written when all was taken away.
        """
        placement = Placement.of(mark.source)
        written = await Batches(self.engine, self.indices).any(collection)
        await self._empty(collection, placement)
        if placement.move and not placement.move.own:
            return  # copies may be on their way into the shared index: `Retention` finishes it when they cannot
        try:
            if written:
                emptied = mark.source | {EMPTIED: True}
                await self.engine.replace(self.indices.collections, str(collection), emptied, mark.version, "true")
            else:
                await self.engine.delete(self.indices.collections, str(collection), mark.version, "true")
        except VersionConflict:
            return  # somebody else has finished the same deletion

    async def _empty(self, collection: CollectionId, placement: Placement) -> None:
        await Removal(self.engine, self.indices).remove(collection, placement)
        await self.objects.delete_prefix(collection_prefix(collection))

    async def _take_name(self, collection: CollectionId, source: Source) -> Version:
        """Store a new collection in the place of one whose deletion only waited; raises Conflict where it has to."""
        there = await self.engine.get(self.indices.collections, str(collection))
        taken = Conflict(f"Collection {str(collection)!r} exists already, or is being deleted.")
        if there is None or not there.source.get(EMPTIED):
            raise taken
        if await Batches(self.engine, self.indices).any(collection):
            raise Conflict(
                f"Collection {str(collection)!r} was deleted while items were written into it. Its name is free again "
                "in some minutes.",
                retry_after=60,
            )
        try:
            return await self.engine.replace(self.indices.collections, str(collection), source, there.version, "true")
        except VersionConflict as error:
            raise taken from error

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
