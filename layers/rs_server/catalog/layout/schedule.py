"""What is due with the layout: moves that were cut short, what moves have left, collections that have grown large."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import LAYOUT
from rs_server.catalog.layout.moves import Mover
from rs_server.catalog.rights_clause import ITEM_TERMS, PRESENT, Query, all_of
from rs_server.catalog.times import now
from rs_server.errors import RsServerError
from rs_server.stac.ids import CollectionId, parse_collection_id
from rs_server.telemetry import logger

GRACE = "1m"
"""How long what a move has left is kept, in the engine's words: no search runs that long."""
RESERVE = 30.0
"""Seconds that the last steps of a move may take: without them no page of copies is begun."""
AT_ONCE = 10
MAX_OWN = 100
"""Collections with an index of their own. A search looks into each, and an engine holds some hundred indices well."""
MAX_KEPT = 1000
"""Collections that operators may keep where they are."""


@dataclass(slots=True)
class Moved:
    """What a run did."""

    moved: list[str] = field(default_factory=list)
    cleaned: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    """Moves that the next run carries on: time ran out, or they failed for a reason that the log tells."""
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """Looks after the layout."""

    engine: Engine
    indices: Indices
    large: int
    """Items from which a collection gets an index of its own."""
    clock: Callable[[], str] = now

    async def run(self, seconds_left: Callable[[], float]) -> Moved:
        """Do what is due, as long as there is time; one failure hinders no other collection."""
        report = Moved()
        mover = Mover(self.engine, self.indices, self.clock, time_left=lambda: seconds_left() > RESERVE)
        for collection in await self._find(f"{LAYOUT}.left.since", {"lte": f"{self.clock()}||-{GRACE}"}):
            if await self._done(report, collection, mover.clean):
                report.cleaned.append(str(collection))
        for collection in await self._find(f"{LAYOUT}.move.id"):
            await self._carry_on(report, mover, collection)
        for collection in await self._grown_large():
            if mover.time_left() and await self._done(report, collection, lambda name: mover.begin(name, own=True)):
                await self._carry_on(report, mover, collection)
        return report

    async def move(self, collection: CollectionId, seconds_left: Callable[[], float], *, own: bool) -> Moved:
        """Move one collection, as an operator asks, and keep it there; raises NotFound, Conflict.

        What is left over `run` carries on.
        """
        report = Moved()
        mover = Mover(self.engine, self.indices, self.clock, time_left=lambda: seconds_left() > RESERVE)
        if await mover.begin(collection, own=own, keep=True):
            await self._carry_on(report, mover, collection)
        return report

    async def release(self, collection: CollectionId) -> None:
        """Let the size of a collection that an operator has moved decide again; raises NotFound, Conflict."""
        await Mover(self.engine, self.indices, self.clock).release(collection)

    async def _carry_on(self, report: Moved, mover: Mover, collection: CollectionId) -> None:
        through = mover.time_left() and await self._done(report, collection, mover.advance)
        (report.moved if through else report.unfinished).append(str(collection))

    async def _done(self, report: Moved, collection: CollectionId, step: Callable[[CollectionId], Any]) -> bool:
        """Do a step; False if it has more to do, or failed."""
        try:
            return await step(collection) is not False
        except RsServerError as error:
            logger.error("collection not moved", collection=str(collection), reason=error.message)
            report.failed += 1
            return False

    async def _find(self, path: str, bounds: dict[str, str] | None = None) -> Sequence[CollectionId]:
        query: Query = {"range": {path: bounds}} if bounds else {"exists": {"field": path}}
        return await self._collections(all_of(query, PRESENT), AT_ONCE)

    async def _collections(self, query: Query, size: int) -> list[CollectionId]:
        body = {"query": query, "size": size, "sort": [{"id": "asc"}], "_source": ["id"], "track_total_hits": False}
        hits = (await self.engine.search(self.indices.collections, body))["hits"]["hits"]
        return [parse_collection_id(hit["_source"]["id"]) for hit in hits]

    async def _grown_large(self) -> Sequence[CollectionId]:
        """Collections in the shared index that are large, the largest first, as far as there is room for their own."""
        room = MAX_OWN - len(await self._collections({"exists": {"field": f"{LAYOUT}.index"}}, MAX_OWN))
        if room <= 0:
            return []
        kept = await self._collections({"term": {f"{LAYOUT}.kept": True}}, MAX_KEPT)
        others: Query = {"bool": {"must_not": [{"terms": {ITEM_TERMS.collection: list(map(str, kept))}}]}}
        largest = {"terms": {"field": ITEM_TERMS.collection, "size": min(room, AT_ONCE), "min_doc_count": self.large}}
        query = all_of(PRESENT, others) if kept else PRESENT
        body = {"query": query, "size": 0, "track_total_hits": False, "aggs": {"largest": largest}}
        # the index by its own name: with what it has of collections that searches see elsewhere, which `begin` knows
        answer = await self.engine.search(self.indices.shared, body)
        return [parse_collection_id(bucket["key"]) for bucket in answer["aggregations"]["largest"]["buckets"]]
