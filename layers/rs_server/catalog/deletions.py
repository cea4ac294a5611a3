"""Deleting items: their documents first, so that no item points at nothing, then their objects."""

from __future__ import annotations

from dataclasses import dataclass

from rs_server.catalog.assets import Objects, item_prefix
from rs_server.catalog.caller import Caller
from rs_server.catalog.engine.client import Engine, VersionConflict
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.items import read_item
from rs_server.catalog.versions import changed_meanwhile, check_if_match
from rs_server.stac.ids import CollectionId, document_id


@dataclass(frozen=True, slots=True)
class ItemDeleter:
    """Deletes items with their objects."""

    engine: Engine
    indices: Indices
    objects: Objects

    async def delete(self, caller: Caller, collection: CollectionId, item_id: str, if_match: str | None) -> None:
        """Delete one item; raises NotFound, PreconditionFailed.

        Objects that a crash leaves behind belong to no item, which is how they are found again.
        """
        caller.require("write", collection)
        existing = await read_item(self.engine, self.indices.items, collection, item_id)
        check_if_match(if_match, existing.version)
        document = document_id(collection, item_id)
        try:
            await self.engine.delete(self.indices.items, document, existing.version, "wait_for")
        except VersionConflict as error:
            raise changed_meanwhile() from error
        await self.objects.delete_prefix(item_prefix(collection, item_id))
