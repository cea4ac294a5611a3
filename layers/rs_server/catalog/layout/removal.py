"""Taking all items of a collection out of the engine, wherever they lie, and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass

from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.layout.exposure import Exposure
from rs_server.catalog.layout.placement import Placement
from rs_server.catalog.rights_clause import of_collection
from rs_server.stac.ids import CollectionId


@dataclass(frozen=True, slots=True)
class Removal:
    """Removes the items of a collection that is being deleted."""

    engine: Engine
    indices: Indices

    async def remove(self, collection: CollectionId, placement: Placement) -> None:
        """Remove all items; doing it again changes nothing. A move on its way finds its target gone, and ends.

        What lies in the shared index goes by its collection's name; an index goes whole only if a move made it for this
        collection. What the shared index shows changes last, when it has nothing left of the collection.
        """
        if placement.move:
            await self._close(self.indices.loading(placement.move.id))
        await self.engine.delete_by_query(self.indices.shared, of_collection(collection))
        for index in self._own_indices(placement):
            await self.engine.remove(f"/{index}")
        if placement.index or placement.move:
            await Exposure(self.engine, self.indices).forget(collection)

    async def _close(self, loading: str) -> None:
        """Take the way into the shared index from a move; other targets go themselves."""
        for index in await self.engine.aliases(loading):
            await self.engine.change_aliases([{"remove": {"index": index, "alias": loading}}])

    def _own_indices(self, placement: Placement) -> list[str]:
        left = placement.left.index if placement.left else ""
        target = self.indices.own_index(placement.move.id) if placement.move and placement.move.own else ""
        return [index for index in (placement.index, left, target) if index]
