"""The one way by which items come into the catalog, whether from the API or from staging's last step.

Rights and collection are checked once a batch, then each item by itself: its form, its place, its objects. The server
sets `owner` and the timestamps. Writing the same item again changes nothing, so a batch can be repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from rs_server.catalog.assets import Objects, check_objects
from rs_server.catalog.caller import Caller
from rs_server.catalog.collections import read_collection
from rs_server.catalog.engine.client import BulkOutcome, BulkWrite, Document, Engine, Refresh, Source
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import INTERVAL
from rs_server.catalog.fates import Fate, Mode, Wish, refused
from rs_server.catalog.stored import stored_item
from rs_server.catalog.times import interval_of, now
from rs_server.catalog.validation import check_item
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import CollectionId, document_id

LISTINGS = 16
"""How many items' objects are looked up at a time."""
PAUSES = (0.2, 1.0, 3.0)
"""Seconds to wait before items that the engine had no room for are offered again."""


@dataclass(frozen=True, slots=True)
class ItemWriter:
    """Writes batches of items into collections."""

    engine: Engine
    indices: Indices
    objects: Objects
    clock: Callable[[], str] = now
    pauses: Sequence[float] = PAUSES

    async def write(
        self,
        caller: Caller,
        collection: CollectionId,
        items: Sequence[Any],
        mode: Mode,
        *,
        if_match: str | None = None,
        refresh: Refresh = "wait_for",
    ) -> list[Fate]:
        """Write `items` and say in the same order what became of each.

        Raises what `Caller.require` raises, and NotFound for a collection that is not there. An item at fault does
        not hinder the others: its fate has the error.
        """
        caller.require("write", collection)
        await read_collection(self.engine, self.indices.collections, collection)
        wish = Wish(collection, mode, self.clock(), if_match)
        prepared = await self._prepare(caller, collection, items)
        existing = {} if mode == "create" else await self._existing(collection, prepared)
        decisions = [
            source
            if isinstance(source, Fate)
            else wish.decide(source, existing.get(document_id(collection, source["id"])))
            for source in prepared
        ]
        writes = [decision for decision in decisions if isinstance(decision, BulkWrite)]
        outcomes = iter(await self._bulk(writes, refresh))
        return [
            decision if isinstance(decision, Fate) else wish.fate_of(decision, next(outcomes)) for decision in decisions
        ]

    async def _prepare(self, caller: Caller, collection: CollectionId, items: Sequence[Any]) -> list[Source | Fate]:
        """The stored form of each item, or the fate of one that has none."""
        gate = asyncio.Semaphore(LISTINGS)
        first: dict[str, int] = {}

        async def prepared(position: int, item: Any) -> Source | Fate:
            try:
                source = _stored(item, collection, caller)
                if first.setdefault(source["id"], position) != position:
                    return refused(source["id"], InvalidRequest(f"Item {source['id']!r} is twice in this batch."))
                async with gate:
                    await check_objects(self.objects, collection, source["id"], source["assets"])
            except InvalidRequest as error:
                return refused(_id_of(item), error)
            return source

        return await asyncio.gather(*(prepared(position, item) for position, item in enumerate(items)))

    async def _existing(self, collection: CollectionId, prepared: Sequence[Source | Fate]) -> dict[str, Document]:
        sources = [source for source in prepared if not isinstance(source, Fate)]
        ids = [document_id(collection, source["id"]) for source in sources]
        return await self.engine.get_many(self.indices.items, ids)

    async def _bulk(self, writes: Sequence[BulkWrite], refresh: Refresh) -> list[BulkOutcome]:
        """Write, and offer again what the engine had no room for."""
        outcomes = await self.engine.bulk(self.indices.items, writes, refresh)
        for pause in self.pauses:
            crowded = [at for at, outcome in enumerate(outcomes) if outcome.status == HTTPStatus.TOO_MANY_REQUESTS]
            if not crowded:
                break
            await asyncio.sleep(pause)
            again = await self.engine.bulk(self.indices.items, [writes[at] for at in crowded], refresh)
            for at, outcome in zip(crowded, again, strict=True):
                outcomes[at] = outcome
        return outcomes


def _stored(item: Any, collection: CollectionId, caller: Caller) -> Source:
    """The item as it will be stored, but for the timestamps; raises InvalidRequest."""
    if not isinstance(item, dict):
        raise InvalidRequest("An item must be a JSON object.")
    check_item(item)
    named = item.get("collection")
    if named is not None and (not isinstance(named, str) or caller.collection(named) != collection):
        raise InvalidRequest(f"Item {item['id']!r}: its collection is {named!r}, not {str(collection)!r}.")
    source = stored_item(item) | {"collection": str(collection), INTERVAL: interval_of(item["properties"])}
    source["properties"]["owner"] = collection.owner
    return source


def _id_of(item: Any) -> str:
    return str(item.get("id", "")) if isinstance(item, dict) else ""
