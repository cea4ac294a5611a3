"""How many searches a second our catalog answers, rights included, for each that the bare library answers.

Both have the same items on the same engine and give the same page, which is checked first. They are measured in turns,
so that what else the machine does meets both; the ratio is the median over the rounds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import geometric_mean, median

import httpx

from bench import bulk, kept, ours, sentinel, servers
from bench.load import Load, Request, requests_per_second
from bench.reader import OWNER
from bench.results import NotMeasured, Result
from local.parts import Home
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.numbers import Numbered

NAMES = [f"s{number}" for number in range(10)]
HERE = "{collection}"
"""Stands for the public id of the first collection: each server has its own form of it."""

REQUESTS = (
    Request("GET item", "GET", f"/collections/{HERE}/items/{next(sentinel.items(1, NAMES))['id']}"),
    Request("GET newest 10", "GET", "/search?limit=10"),
    Request(
        "POST bbox, datetime and collection, 100",
        "POST",
        "/search",
        {
            "collections": [HERE],
            "bbox": [-60, -60, 60, 60],
            "datetime": "2024-01-02T00:00:00Z/2024-12-31T00:00:00Z",
            "limit": 100,
        },
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
    Request("GET collections", "GET", "/collections"),
    Request("GET aggregate", "GET", "/aggregate?aggregations=total_count,collection_frequency,datetime_max"),
)
GOALS = {"GET item": 2.0, "GET newest 10": 2.0, "POST CQL2, 10": 2.0, "POST bbox, datetime and collection, 100": 3.0}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    items: int
    rounds: int
    seconds: int
    clients: tuple[int, ...] = (1, 8)


QUICK = Size(10_000, 1, 1, clients=(8,))
FULL = Size(100_000, 3, 5)


def run(size: Size, folder: Path, jars: Path, say: Callable[[str], None]) -> list[Result]:
    """Load, compare, measure. Raises NotMeasured, LoadFailed, PartFailed."""
    home = Home(folder)
    public_ids = [f"{OWNER}:{name}" for name in NAMES]
    data = kept.Data.of(home, "search_with_rights", size.items, __file__)
    with servers.kept_engine(data, jars) as (engine_url, loaded):
        numbered = asyncio.run(_make_our_collections(engine_url, () if loaded else NAMES))
        catalog, library = servers.catalog(engine_url, public_ids), servers.library(engine_url)
        with servers.running(catalog, home), servers.running(library, home):
            if not loaded:
                say(f"loading {size.items} items, once for each server")
                _make_their_collections()
                bulk.load(engine_url, _documents(size.items, numbered))
            for request in REQUESTS:
                check_same(request)
            return results_of(dict(_ratios(size, say)))


def results_of(ratios: dict[tuple[str, int], list[float]]) -> list[Result]:
    """One result for each request and number of clients, and one over all."""
    medians = {key: median(measured) for key, measured in ratios.items()}
    each = [
        Result(f"search with rights: {name}, {clients} clients", round(ratio, 3), GOALS.get(name, 1.0))
        for (name, clients), ratio in medians.items()
    ]
    return [Result("search with rights", round(geometric_mean(medians.values()), 3), 1.0), *each]


def check_same(request: Request) -> None:
    """Return if both servers give the same answer, as far as it says the same; raises NotMeasured."""
    mine, theirs = (_told(url, request) for url in (servers.CATALOG, servers.LIBRARY))
    if not mine or mine != theirs:
        raise NotMeasured(f"{request.name}: the catalog gives {mine[:3]}..., the library {theirs[:3]}...")


def _told(url: str, request: Request) -> list[str]:
    """The ids in an answer without their owners, in the order that it has; of aggregations their names."""
    request = _for(url, request)
    answer = httpx.request(request.method, url + request.path, json=request.body or None, timeout=60)
    body = answer.raise_for_status().json()
    if "aggregations" in body:
        return sorted(entry["name"] for entry in body["aggregations"])
    ids = [str(entry["id"]) for entry in body.get("features") or body.get("collections") or [body]]
    return sorted(name.removeprefix(f"{OWNER}:") for name in ids) if "collections" in body else ids


def _for(url: str, request: Request) -> Request:
    """The request as the server at `url` knows the collection in it."""
    name = f"{OWNER}:{NAMES[0]}" if url == servers.CATALOG else NAMES[0]
    body = json.loads(json.dumps(request.body).replace(HERE, name))
    return Request(request.name, request.method, request.path.replace(HERE, name), body)


def _ratios(size: Size, say: Callable[[str], None]) -> Iterator[tuple[tuple[str, int], list[float]]]:
    for request in REQUESTS:
        for clients in size.clients:
            rounds = [_ratio(request, Load(clients, size.seconds), number, say) for number in range(size.rounds)]
            yield (request.name, clients), rounds


def _ratio(request: Request, load: Load, number: int, say: Callable[[str], None]) -> float:
    order = (servers.CATALOG, servers.LIBRARY) if number % 2 else (servers.LIBRARY, servers.CATALOG)
    rates = {url: requests_per_second(url, _for(url, request), load) for url in order}
    mine, theirs = rates[servers.CATALOG], rates[servers.LIBRARY]
    say(f"{request.name}, {load.users} clients, round {number + 1}: catalog {mine:.0f}/s, library {theirs:.0f}/s")
    return mine / theirs


async def _make_our_collections(engine_url: str, names: Sequence[str]) -> Numbered:
    """Through the catalog's own writer, after what a deployment does."""
    async with ours.catalog_at(engine_url) as catalog:
        for name in names:
            await catalog.collections.create(ours.caller(OWNER), ours.collection(name))
        return await ours.numbers(catalog)


def _make_their_collections() -> None:
    """Through the library's API, which makes an index for each."""
    for name in NAMES:
        httpx.post(f"{servers.LIBRARY}/collections", json=ours.collection(name), timeout=60).raise_for_status()


def _documents(count: int, numbered: Numbered) -> Iterator[bulk.Document]:
    """Each item twice: as our catalog stores it, and as the library does."""
    for item in sentinel.items(count, NAMES):
        name = item["collection"]
        yield (Indices().items, *ours.stored(item, f"{OWNER}:{name}", numbered))
        yield f"items_{name}", f"{item['id']}|{name}", item
