"""Whether the catalog stays as quick when it grows: in the number of collections, and in that of items.

Catalogs of different sizes lie side by side in one engine, and are asked in turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench import bulk, kept, ours, sentinel, servers
from bench.results import Result
from local.parts import Home
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.collections import CollectionSearch, find_collections
from rs_server.catalog.searches import ItemSearch, find_items
from rs_server.stac.ids import parse_collection_id

OWNER = "alice"
ITEMS_EACH = 10
SHARED = 10
"""Collections that are shared with the reader; all catalogs have as many."""
FLAT = 1.5
GROWN = 2.0


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    collections: tuple[int, ...]
    items: tuple[int, int]
    """Items of two catalogs whose searches are compared."""
    rounds: int


QUICK = Size((10, 1_000), (1_000, 10_000), 15)
FULL = Size((10, 1_000, 10_000), (10_000, 1_000_000), 60)


def many_collections(size: Size, folder: Path, jars: Path, say: Callable[[str], None]) -> list[Result]:
    """Making, searching, listing and deleting with many collections, to the same with ten. Raises PartFailed."""
    data = kept.Data.of(Home(folder), "many_collections", size.collections, __file__)
    with servers.kept_engine(data, jars) as (engine_url, loaded):
        return asyncio.run(_with_collections(size, engine_url, say, loaded=loaded))


def many_items(size: Size, folder: Path, jars: Path, say: Callable[[str], None]) -> list[Result]:
    """Searching among many items, to the same among few. Raises PartFailed."""
    data = kept.Data.of(Home(folder), "many_items", size.items, __file__)
    with servers.kept_engine(data, jars) as (engine_url, loaded):
        return asyncio.run(_with_items(size, engine_url, say, loaded=loaded))


async def _with_collections(size: Size, engine_url: str, say: Callable[[str], None], *, loaded: bool) -> list[Result]:
    async with AsyncExitStack() as stack:
        catalogs = {}
        for count in size.collections:
            catalogs[count] = await stack.enter_async_context(ours.catalog_at(engine_url, f"c{count}"))
            if not loaded:
                say(f"loading {count} collections of {ITEMS_EACH} items")
                await _load(catalogs[count], engine_url, count, count * ITEMS_EACH)
        times = await _in_turns(catalogs, size.rounds, _everyday)
    smallest = size.collections[0]
    return [
        _grown(f"flat: {what} with {count} collections", times[count][what], times[smallest][what], FLAT, say)
        for count in size.collections[1:]
        for what in times[count]
    ]


async def _with_items(size: Size, engine_url: str, say: Callable[[str], None], *, loaded: bool) -> list[Result]:
    async with AsyncExitStack() as stack:
        catalogs = {}
        for count in size.items:
            catalogs[count] = await stack.enter_async_context(ours.catalog_at(engine_url, f"i{count}"))
            if not loaded:
                say(f"loading {count} items")
                await _load(catalogs[count], engine_url, SHARED, count)
        times = await _in_turns(catalogs, size.rounds, _searches)
    few, many = size.items
    return [
        _grown(f"flat: {what} among {many} items", times[many][what], times[few][what], GROWN, say)
        for what in times[many]
    ]


Times = dict[int, dict[str, list[float]]]
Actions = Callable[[Catalog, int], Awaitable[dict[str, float]]]


async def _in_turns(catalogs: dict[int, Catalog], rounds: int, actions: Actions) -> Times:
    times: Times = {count: {} for count in catalogs}
    for number in range(-2, rounds):  # two rounds to warm up
        order = list(catalogs) if number % 2 else list(reversed(catalogs))
        for count in order:
            for what, seconds in (await actions(catalogs[count], number)).items():
                if number >= 0:
                    times[count].setdefault(what, []).append(seconds)
    return times


async def _everyday(catalog: Catalog, number: int) -> dict[str, float]:
    """Making a collection, a search, a list, deleting the collection; seconds of each."""
    owner, reader = ours.caller(OWNER), ours.caller("reader", [f"{OWNER}:s{shared:05}" for shared in range(SHARED)])
    new = parse_collection_id(f"{OWNER}:new-{number}")
    made = await _seconds(catalog.collections.create(owner, ours.collection(str(new))))
    searched = await _seconds(find_items(catalog.engine, catalog.indices, ItemSearch(), reader, 10, None))
    index = catalog.indices.collections
    listed = await _seconds(find_collections(catalog.engine, index, CollectionSearch(), reader, 10, None))
    deleted = await _seconds(catalog.collections.delete(owner, new, None))
    return {"create": made, "search": searched, "list": listed, "delete": deleted}


async def _searches(catalog: Catalog, _: int) -> dict[str, float]:
    reader = ours.caller("reader", [f"{OWNER}:s{shared:05}" for shared in range(SHARED)])
    place = ItemSearch(bbox=[-60, -60, 60, 60], datetime="2024-01-02T00:00:00Z/2024-12-31T00:00:00Z")
    narrow = ItemSearch(query={"platform": {"eq": "sentinel-1a"}, "eo:cloud_cover": {"lt": 30}})
    return {
        "newest 10": await _seconds(find_items(catalog.engine, catalog.indices, ItemSearch(), reader, 10, None)),
        "place and time, 100": await _seconds(find_items(catalog.engine, catalog.indices, place, reader, 100, None)),
        "properties, 10": await _seconds(find_items(catalog.engine, catalog.indices, narrow, reader, 10, None)),
    }


async def _seconds(action: Awaitable[Any]) -> float:
    start = perf_counter()
    await action
    return perf_counter() - start


async def _load(catalog: Catalog, engine_url: str, collections: int, items: int) -> None:
    names = [f"{OWNER}:s{number:05}" for number in range(collections)]
    numbered = await ours.numbers(catalog)

    def documents() -> Iterator[bulk.Document]:
        for name in names:
            yield (catalog.indices.collections, *ours.stored_collection(name))
        for item in sentinel.items(items, names):
            slim = item | {"assets": {}}
            yield (catalog.indices.shared, *ours.stored(slim, item["collection"], numbered))

    await asyncio.to_thread(bulk.load, engine_url, documents())


def _grown(name: str, many: list[float], few: list[float], goal: float, say: Callable[[str], None]) -> Result:
    say(f"{name}: {median(many) * 1000:.1f} ms, {median(few) * 1000:.1f} ms in the smallest")
    return Result(name, round(median(many) / median(few), 3), goal, "lower")
