"""The catalog's parts, made once a container and handed to every route."""

from __future__ import annotations

from dataclasses import dataclass

from rs_server.catalog.assets import Objects
from rs_server.catalog.collection_writes import CollectionWriter
from rs_server.catalog.deletions import ItemDeleter
from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.write import ItemWriter


@dataclass(frozen=True, slots=True)
class Catalog:
    """The engine with the names of its indices, and the objects that items point at."""

    engine: Engine
    indices: Indices
    objects: Objects

    @property
    def items(self) -> ItemWriter:
        """Writes items."""
        return ItemWriter(self.engine, self.indices, self.objects)

    @property
    def collections(self) -> CollectionWriter:
        """Writes collections."""
        return CollectionWriter(self.engine, self.indices, self.objects)

    @property
    def deletions(self) -> ItemDeleter:
        """Deletes items."""
        return ItemDeleter(self.engine, self.indices, self.objects)
