"""The two layouts that a collection's items can have, for tests that must pass in either.

`RS_TEST_LAYOUT=own` gives every collection that a test makes an index of its own before its maker is answered.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rs_server.catalog.catalog import Catalog
from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.layout.moves import Mover
from rs_server.stac.ids import parse_collection_id

OWN = os.environ.get("RS_TEST_LAYOUT") == "own"
QUICKLY = {"index": {"refresh_interval": "20ms"}}
"""Index settings under which writes do not wait a second to be found."""


@dataclass(frozen=True)
class MovedWhenMade:
    """The catalog's application, in which a new collection's index is its own."""

    app: ASGIApp
    catalog: Catalog

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        makes = scope.get("method") == "POST" and scope.get("path", "").endswith("/collections")

        async def moved(message: Message) -> None:
            if makes and message["type"] == "http.response.start" and message["status"] == 201:
                await move_all(self.catalog.engine, self.catalog.indices)
            await send(message)

        await self.app(scope, receive, moved)


async def move_all(engine: Engine, indices: Indices) -> int:
    """Move every collection that is in the shared index into one of its own; says how many there were."""
    shared = {"bool": {"must_not": [{"exists": {"field": "rs_layout.index"}}, {"exists": {"field": "rs_deleting"}}]}}
    await engine.refresh(indices.collections)
    found = await engine.search(indices.collections, {"query": shared, "size": 1000})
    mover = Mover(engine, indices)
    names = [parse_collection_id(hit["_id"]) for hit in found["hits"]["hits"]]
    for collection in names:
        assert await mover.begin(collection, own=True)
        assert await mover.advance(collection)
        await mover.clean(collection)
    await engine.refresh(indices.collections)
    await engine.put(f"/{indices.items}/_settings", QUICKLY)
    return len(names)


async def forget_all(engine: Engine, indices: Indices) -> None:
    """Remove all indices of collections, and have searches see the whole shared one again."""
    first = f"{indices.items}-000001"
    for index in await engine.aliases(indices.items):
        if index != first:
            await engine.remove(f"/{index}")
    assert await engine.change_aliases(
        [{"add": {"index": first, "alias": indices.items, "is_write_index": True}}],
    )
