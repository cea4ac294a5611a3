"""Reading one item."""

from __future__ import annotations

from rs_server.catalog.engine.client import Document, Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import DELETING
from rs_server.errors import NotFound
from rs_server.stac.ids import CollectionId, document_id


async def read_item(engine: Engine, indices: Indices, collection: CollectionId, item_id: str) -> Document:
    """The stored item, by one read; raises NotFound. Whether the caller may know it is asked before."""
    document = await engine.get_first(indices.lookup(collection), document_id(collection, item_id))
    if document is None or document.source.get(DELETING):
        raise NotFound(absent_item(collection, item_id))
    return document


def absent_item(collection: CollectionId, item_id: str) -> str:
    """What is said of an item that does not exist."""
    return f"Item {item_id!r} does not exist in collection {str(collection)!r}."
