"""Deleting items: first they are gone for everyone, then their objects go, and the mark that was left goes last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rs_server.catalog.assets import Objects, item_prefix
from rs_server.catalog.caller import Caller
from rs_server.catalog.engine.client import Engine, Source, Version, VersionConflict
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import DELETING, INTERVAL
from rs_server.catalog.items import read_item
from rs_server.catalog.layout.place import Place, confirm, open_place
from rs_server.catalog.times import now
from rs_server.catalog.versions import check_if_match, overtaken
from rs_server.stac.ids import CollectionId, document_id


@dataclass(frozen=True, slots=True)
class ItemDeleter:
    """Deletes items with their objects."""

    engine: Engine
    indices: Indices
    objects: Objects
    clock: Callable[[], str] = now

    async def delete(self, caller: Caller, collection: CollectionId, item_id: str, if_match: str | None) -> None:
        """Delete one item; raises NotFound, PreconditionFailed.

        What a crash leaves undone is finished by `Retention`, which finds the mark.
        """
        caller.require("write", collection)
        existing = await read_item(self.engine, self.indices, collection, item_id)
        check_if_match(if_match, existing)
        place = await open_place(self.engine, self.indices, collection)
        document, mark = document_id(collection, item_id), marked(existing.source, self.clock())
        try:
            version = await self.engine.replace(
                place.index, document, mark, existing.version, "wait_for", alias_only=True
            )
        except VersionConflict as error:
            raise overtaken(if_match) from error
        await self.finish(await confirm(self.engine, self.indices, place), item_id, version)

    async def finish(self, place: Place, item_id: str, version: Version) -> None:
        """Delete the objects of an item that is marked, and then its mark; doing it again changes nothing.

        While its collection is moved the mark stays, since the copy of it would: `Retention` takes it away later.
        """
        collection = place.collection
        await self.objects.delete_prefix(item_prefix(collection, item_id))
        if place.moving:
            return
        try:
            await self.engine.delete(place.index, document_id(collection, item_id), version, "false")
        except VersionConflict:
            return  # nobody changes a mark, so somebody else has finished the same deletion


def marked(source: Source, moment: str) -> Source:
    """What is left of an item whose deletion began at `moment`: nothing to show, and its id is not free."""
    return {
        "id": source["id"],
        "collection": source["collection"],
        "properties": {"updated": moment},
        INTERVAL: source[INTERVAL],
        DELETING: True,
    }
