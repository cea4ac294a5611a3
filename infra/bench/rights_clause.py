"""What the clause of rights costs the engine: its own time (`took`) for a search with rights, to that without.

Three searches in turn, each with and without in pairs that change places, so that caches and load meet both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from bench import bulk, kept, ours, sentinel, servers
from bench.results import Result
from local.parts import Home
from rs_server.catalog.caller import Caller
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.orders import newest_first
from rs_server.catalog.rights_clause import PRESENT, all_of
from rs_server.catalog.searches import COUNTED, ItemSearch, clauses_of, readable_items

COLLECTIONS = [f"owner{number % 500:03}:s{number:05}" for number in range(10_000)]
SEARCHES = (
    (ItemSearch(), 10),
    (ItemSearch(bbox=[-60, -60, 60, 60], datetime="2024-01-02T00:00:00Z/2024-12-31T00:00:00Z"), 100),
    (ItemSearch(query={"platform": {"eq": "sentinel-1a"}, "eo:cloud_cover": {"lt": 30}}), 10),
)
GOALS = {10: 1.05, 100: 1.3, 5_000: 2.5}
"""The most that searches may take with so many shared collections, beside those of one's own."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    items: int
    pairs: int


QUICK = Size(10_000, 100)
FULL = Size(100_000, 2_000)


def run(size: Size, folder: Path, jars: Path, say: Callable[[str], None]) -> list[Result]:
    """Load, and measure each number of shared collections. Raises PartFailed."""
    data = kept.Data.of(Home(folder), "rights_clause", size.items, __file__)
    with servers.kept_engine(data, jars) as (engine_url, loaded):
        return asyncio.run(_measured(size, engine_url, say, loaded=loaded))


async def _measured(size: Size, engine_url: str, say: Callable[[str], None], *, loaded: bool) -> list[Result]:
    async with ours.catalog_at(engine_url) as catalog:
        if not loaded:
            say(f"loading {size.items} items in {len(COLLECTIONS)} collections")
            numbered = await ours.numbers(catalog)
            items = sentinel.items(size.items, COLLECTIONS)
            index = catalog.indices.shared
            bulk.load(engine_url, ((index, *ours.stored(item, item["collection"], numbered)) for item in items))
        results = []
        for count, goal in GOALS.items():
            caller = ours.caller("owner007", Random(count).sample(COLLECTIONS, count))
            ratio = await _ratio(catalog, caller, size.pairs)
            say(f"an owner with {count} shared collections: {ratio:.3f}")
            results.append(Result(f"rights clause: owner with {count} shared collections", ratio, goal, "lower"))
        return results


async def _ratio(catalog: Catalog, caller: Caller, pairs: int) -> float:
    took = {True: 0, False: 0}
    pair = [body async for body in _bodies(catalog, caller)]
    for position, bodies in enumerate(islice(cycle(pair), pairs + len(pair))):
        for with_rights in (True, False) if position % 2 else (False, True):
            answer = await catalog.engine.search(catalog.indices.items, bodies[with_rights])
            took[with_rights] += answer["took"] if position >= len(pair) else 0  # the first round warms up
    return round(took[True] / max(took[False], 1), 3)


async def _bodies(catalog: Catalog, caller: Caller) -> Any:
    for search, limit in SEARCHES:
        rest = {"sort": newest_first().clauses, "size": limit + 1, "track_total_hits": COUNTED}
        with_rights = await readable_items(catalog.engine, catalog.indices, search, caller)
        without = all_of(PRESENT, *clauses_of(search, caller))
        yield {True: {"query": with_rights, **rest}, False: {"query": without, **rest}}
