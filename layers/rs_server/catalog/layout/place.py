"""The place that writes are made for: asked before a write, and again before anybody is told that it was done.

A move copies what is written until it freezes the collection. Who finds the collection open in the same place after
his write knows that it came before the freeze, so that the move has seen it. Who does not, says that it may not have
happened; the copy that it made in a place that was left is shown to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rs_server.catalog.caller import absent
from rs_server.catalog.engine.client import Document, Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import DELETING
from rs_server.catalog.layout.placement import Placement
from rs_server.catalog.validation import RETENTION
from rs_server.errors import BackendUnavailable, NotFound
from rs_server.stac.ids import CollectionId, parse_collection_id

MOVING = "Collection {!r} is being moved, which takes some seconds. Send it again then: it may not have been written."
RETRY_AFTER = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where the items of a collection are written, for as long as its layout stays the same."""

    collection: CollectionId
    index: str
    """The alias that writes go to, which is not made anew by a write that comes too late."""
    born: str
    """When the collection was made: a later one of its name is another."""
    generation: int
    moving: bool
    """Whether a move is copying: nothing may vanish from the index meanwhile, since the copy would stay."""
    keep_days: int | None
    """The collection's retention."""

    def is_still(self, now: Place) -> bool:
        """Whether what was written here is where `now` is."""
        return (self.index, self.born, self.generation) == (now.index, now.born, now.generation)


async def open_place(engine: Engine, indices: Indices, collection: CollectionId) -> Place:
    """The place for writes into `collection`; raises NotFound, and BackendUnavailable while it is frozen."""
    document = await engine.get(indices.collections, str(collection))
    if document is None or document.source.get(DELETING):
        raise NotFound(absent(collection))
    if Placement.of(document.source).frozen:
        raise BackendUnavailable(MOVING.format(str(collection)), retry_after=RETRY_AFTER)
    return _place(document, indices, collection)


async def open_places(engine: Engine, indices: Indices, collections: Iterable[str]) -> dict[str, Place]:
    """The places of those of `collections`, by their public ids, that are there and not frozen."""
    documents = await engine.get_many(indices.collections, sorted(set(collections)))
    return {
        name: _place(document, indices, parse_collection_id(name))
        for name, document in documents.items()
        if not document.source.get(DELETING) and not Placement.of(document.source).frozen
    }


async def confirm(engine: Engine, indices: Indices, place: Place) -> Place:
    """Return the place as it is after a write; raises BackendUnavailable or NotFound if the write may be lost."""
    now = await open_place(engine, indices, place.collection)
    if now.born != place.born:
        raise NotFound(absent(place.collection))
    if not place.is_still(now):
        raise BackendUnavailable(MOVING.format(str(place.collection)), retry_after=RETRY_AFTER)
    return now


def _place(document: Document, indices: Indices, collection: CollectionId) -> Place:
    placement = Placement.of(document.source)
    return Place(
        collection=collection,
        index=indices.own(collection) if placement.index else indices.shared,
        born=str(document.source.get("created", "")),
        generation=placement.generation,
        moving=placement.move is not None,
        keep_days=document.source.get(RETENTION),
    )
