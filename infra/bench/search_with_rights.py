"""How many searches a second our catalog answers, rights included, for each that the bare library answers.

Both have the same items on the same engine and give the same page, which is checked first. They are measured in turns,
so that what else the machine does meets both; the ratio is the median over the rounds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import httpx

from bench import bulk, sentinel, servers
from bench.load import Load, Request, requests_per_second
from bench.reader import OWNER, NoObjects
from bench.results import Result
from local.parts import Home
from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.catalog.caller import Caller
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of, prepare
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import INTERVAL
from rs_server.catalog.stored import stored_item
from rs_server.catalog.times import interval_of
from rs_server.settings import SearchEngineSettings
from rs_server.stac.ids import CollectionId, document_id

NAMES = [f"s{number}" for number in range(10)]
GOAL = 1.0

REQUESTS = (
    Request("GET newest 10", "GET", "/search?limit=10"),
    Request(
        "POST bbox and datetime, 100",
        "POST",
        "/search",
        {"bbox": [-60, -60, 60, 60], "datetime": "2024-01-02T00:00:00Z/2024-12-31T00:00:00Z", "limit": 100},
    ),
    Request(
        "POST CQL2, 10",
        "POST",
        "/search",
        {
            "filter-lang": "cql2-json",
            "filter": {
                "op": "and",
                "args": [
                    {"op": "=", "args": [{"property": "platform"}, "sentinel-1a"]},
                    {"op": "<", "args": [{"property": "eo:cloud_cover"}, 30]},
                ],
            },
            "limit": 10,
        },
    ),
)


class DifferentAnswers(Exception):
    """The two servers do not answer a request alike, so that nothing can be compared."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    items: int
    rounds: int
    load: Load


QUICK = Size(10_000, 2, Load(users=4, seconds=4))
FULL = Size(100_000, 5, Load(users=8, seconds=8))


def run(size: Size, folder: Path, jars: Path, say: Callable[[str], None]) -> list[Result]:
    """Load, compare, measure. Raises DifferentAnswers, LoadFailed, PartFailed."""
    home = Home(folder)
    public_ids = [f"{OWNER}:{name}" for name in NAMES]
    with servers.running_engine(home, jars) as engine_url:
        asyncio.run(_make_our_collections(engine_url))
        catalog, library = servers.catalog(engine_url, public_ids), servers.library(engine_url)
        with servers.running(catalog, home), servers.running(library, home):
            say(f"loading {size.items} items, once for each server")
            _make_their_collections()
            bulk.load(engine_url, _documents(size.items))
            for request in REQUESTS:
                check_same(request)
            return results_of({request.name: _ratios(request, size, say) for request in REQUESTS})


def results_of(ratios: dict[str, list[float]]) -> list[Result]:
    """One result for each request, and one over all."""
    medians = {name: median(measured) for name, measured in ratios.items()}
    each = [Result(f"search with rights: {name}", round(ratio, 3), GOAL) for name, ratio in medians.items()]
    return [Result("search with rights", round(geometric_mean(medians.values()), 3), GOAL), *each]


def check_same(request: Request) -> None:
    """Return if both servers give the same page; raises DifferentAnswers."""
    ours, theirs = (_page(url, request) for url in (servers.CATALOG, servers.LIBRARY))
    if not ours or ours != theirs:
        raise DifferentAnswers(f"{request.name}: the catalog gives {ours[:3]}..., the library {theirs[:3]}...")


def _page(url: str, request: Request) -> list[str]:
    answer = httpx.request(request.method, url + request.path, json=request.body or None, timeout=60)
    return [str(feature["id"]) for feature in answer.raise_for_status().json()["features"]]


def _ratios(request: Request, size: Size, say: Callable[[str], None]) -> list[float]:
    ratios = []
    for number in range(size.rounds):
        order = (servers.CATALOG, servers.LIBRARY) if number % 2 else (servers.LIBRARY, servers.CATALOG)
        rates = {url: requests_per_second(url, request, size.load) for url in order}
        ours, theirs = rates[servers.CATALOG], rates[servers.LIBRARY]
        say(f"{request.name}, round {number + 1}: catalog {ours:.0f}/s, library {theirs:.0f}/s")
        ratios.append(ours / theirs)
    return ratios


async def _make_our_collections(engine_url: str) -> None:
    """Through the catalog's own writer, after what a deployment does."""
    engine = engine_of(SearchEngineSettings(search_engine="opensearch", search_engine_url=engine_url))
    owner = Caller(Rights.of(Principal(login=OWNER), ()))
    try:
        await prepare(engine, Indices())
        for name in NAMES:
            await Catalog(engine, Indices(), NoObjects()).collections.create(owner, _collection(name))
    finally:
        await engine.close()


def _make_their_collections() -> None:
    """Through the library's API, which makes an index for each."""
    for name in NAMES:
        httpx.post(f"{servers.LIBRARY}/collections", json=_collection(name), timeout=60).raise_for_status()


def _collection(name: str) -> dict[str, Any]:
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": name,
        "description": name,
        "license": "other",
        "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}},
        "links": [],
    }


def _documents(count: int) -> Iterator[bulk.Document]:
    """Each item twice: as our catalog stores it, and as the library does."""
    for item in sentinel.items(count, NAMES):
        name = item["collection"]
        collection = CollectionId(OWNER, name)
        source = stored_item(item) | {"collection": str(collection), INTERVAL: interval_of(item["properties"])}
        source["properties"]["owner"] = OWNER
        yield Indices().items, document_id(collection, item["id"]), source
        yield f"items_{name}", f"{item['id']}|{name}", item
