"""What becomes of the catalog with time: items that have expired go, and deletions that were cut short are finished.

Nothing is remembered between runs but the marks of deletions, in the documents themselves, and the batches under way.
So a run can end anywhere, and the next one goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rs_server.catalog.batches import Batches
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deletions import marked
from rs_server.catalog.engine.client import BulkWrite, Document, Source, Version
from rs_server.catalog.engine.mappings import DELETING, INTERVAL, LAYOUT
from rs_server.catalog.layout.place import Place, open_places
from rs_server.catalog.rights_clause import PRESENT, Query, all_of
from rs_server.catalog.times import now
from rs_server.errors import RsServerError
from rs_server.stac.ids import parse_collection_id
from rs_server.telemetry import logger

PAGE = 200
"""Documents that are looked at together."""
AT_ONCE = 16
"""Deletions on their way at a time."""
GRACE = "5m"
"""Age at which a deletion counts as cut short, in the engine's words. No function that deletes runs that long: two that
delete the same item could take the objects of the next item of its name. Nor does one that writes, with the minute that
the engine may hold a write: it could leave items behind a deletion that has passed."""
RESERVE = 30.0
"""Seconds that a page may take: without them no further one is begun."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run, or a page of it, did."""

    items: int = 0
    """Items that are gone with their objects."""
    collections: int = 0
    failed: int = 0
    """Deletions that the next run has to try again."""
    more: bool = False
    """Whether there may be another page."""

    def __add__(self, page: Report) -> Report:
        items, collections = self.items + page.items, self.collections + page.collections
        return Report(items, collections, self.failed + page.failed, page.more)


@dataclass(frozen=True, slots=True)
class Retention:
    """Lets items go that have expired, and finishes what deletions left."""

    catalog: Catalog
    clock: Callable[[], str] = now

    async def run(self, seconds_left: Callable[[], float]) -> Report:
        """Work page by page until all is done, or too few seconds are left.

        A deletion that fails hinders no other of its page, and ends the pages of its kind. Raises BackendUnavailable
        and its like when the engine does not say what there is to do.
        """
        report = Report()
        for page in (self._finish_collections, self._finish_items, self._expire):
            more = True
            while more and seconds_left() > RESERVE:
                done = await page()
                report += done
                more = done.more and not done.failed
        return report

    async def _finish_collections(self) -> Report:
        hits = await self._find(self.catalog.indices.collections, self._cut_short("updated"), "updated")
        failed = await _all([self._finish_collection(hit) for hit in hits])
        more = len(hits) == PAGE
        if not failed and not more:
            await Batches(self.catalog.engine, self.catalog.indices).forget_old(self.clock())
        return Report(collections=len(hits) - failed, failed=failed, more=more)

    async def _finish_items(self) -> Report:
        await self.catalog.engine.refresh(self.catalog.indices.items)  # so that no page shows what the last one did
        hits = await self._find(self.catalog.indices.items, self._cut_short("properties.updated"), "properties.updated")
        marks = [(hit["_source"], Version.of(hit)) for hit in hits]
        settled = {name: place for name, place in (await self._places(hits)).items() if not place.moving}
        return await self._finish_all(settled, marks)

    async def _expire(self) -> Report:
        """Mark the items of a page, and then delete those that were not changed in that moment."""
        moment = self.clock()
        expired = all_of({"range": {"properties.expires": {"lte": moment}}}, PRESENT)
        hits = await self._find(self.catalog.indices.items, expired, "properties.expires")
        places = await self._places(hits)
        marks = [
            mark
            for index in sorted({place.index for place in places.values()})
            for mark in await self._mark(index, [hit for hit in hits if _lies_in(places, hit) == index], moment)
        ]
        now = await self._places(hits)  # a mark in a place that was left meanwhile is none
        confirmed = {name: now[name] for name, place in places.items() if name in now and place.is_still(now[name])}
        return await self._finish_all(confirmed, marks)

    async def _mark(self, index: str, hits: Sequence[dict[str, Any]], moment: str) -> list[tuple[Source, Version]]:
        writes = [BulkWrite("index", hit["_id"], marked(hit["_source"], moment), Version.of(hit)) for hit in hits]
        outcomes = await self.catalog.engine.bulk(index, writes, "true", alias_only=True)
        return [
            (write.source, outcome.version) for write, outcome in zip(writes, outcomes, strict=True) if outcome.version
        ]

    async def _finish_all(self, places: Mapping[str, Place], marks: Sequence[tuple[Source, Version]]) -> Report:
        """Finish the deletions whose collections have a place; those of one that is just being moved have time."""
        finishing = [
            self.catalog.deletions.finish(places[source["collection"]], source["id"], version)
            for source, version in marks
            if source["collection"] in places
        ]
        failed = await _all(finishing)
        return Report(items=len(finishing) - failed, failed=failed, more=len(finishing) == PAGE)

    async def _places(self, hits: Sequence[dict[str, Any]]) -> dict[str, Place]:
        names = [hit["_source"]["collection"] for hit in hits]
        return await open_places(self.catalog.engine, self.catalog.indices, names)

    async def _find(self, index: str, query: Query, oldest_first: str) -> Sequence[dict[str, Any]]:
        body: Source = {
            "query": query,
            "sort": [{oldest_first: {"order": "asc"}}],
            "size": PAGE,
            "track_total_hits": False,
            "seq_no_primary_term": True,
            "_source": ["id", "collection", INTERVAL, LAYOUT],
        }
        hits: list[dict[str, Any]] = (await self.catalog.engine.search(index, body))["hits"]["hits"]
        return hits

    def _cut_short(self, updated: str) -> Query:
        return all_of({"term": {DELETING: True}}, {"range": {updated: {"lte": f"{self.clock()}||-{GRACE}"}}})

    async def _finish_collection(self, hit: dict[str, Any]) -> None:
        collection = parse_collection_id(hit["_source"]["id"])
        await self.catalog.collections.finish_deletion(collection, Document(hit["_source"], Version.of(hit)))


def _lies_in(places: Mapping[str, Place], hit: dict[str, Any]) -> str | None:
    place = places.get(hit["_source"]["collection"])
    return place.index if place else None


async def _all(deletions: Sequence[Awaitable[None]]) -> int:
    """Do all `deletions`; says how many failed for a reason of ours, which the log tells."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def failed(deletion: Awaitable[None]) -> bool:
        async with gate:
            try:
                await deletion
            except RsServerError as error:
                logger.error("deletion not finished", reason=error.message)
                return True
        return False

    return sum(await asyncio.gather(*map(failed, deletions)))
