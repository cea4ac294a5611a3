"""What a page of a station costs us, beside reading and writing it as JSON, and whether deep pages cost more.

The simulator's answers are kept and given again, so that only our own work is measured: the whole request, from the
route to the bytes of the answer. JSON is the standard library's. For depth the simulator answers each time, as stations
do: the last page of a walk upwards has the very items of the first page downwards, so only the depth differs.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time

from bench.results import NotMeasured, Result
from bench.station_service import StationService

CPU_GOAL, DEPTH_GOAL = 3.0, 1.2
DEEP = 100


@dataclass(frozen=True, slots=True)
class Page:
    """A station's page: how many items it has, out of how many entities."""

    service: str
    station: str
    items: int
    entities: int


PAGES = (Page("cadip", "mti", 100, 140), Page("auxip", "adgs", 1000, 1100), Page("prip", "s1a", 1000, 1200))
DEPTHS = (Page("cadip", "mti", 3, 342), Page("auxip", "adgs", 20, 2200), Page("prip", "s1a", 20, 2400))


def run(rounds: int, say: Callable[[str], None]) -> list[Result]:
    """All measurements. Raises NotMeasured when a page is not what it should be."""
    return asyncio.run(_run(rounds, say))


async def _run(rounds: int, say: Callable[[str], None]) -> list[Result]:
    results = []
    for page in PAGES:
        results += await _cost(page, rounds, say)
    for page in DEPTHS:
        results.append(await _depth(page, rounds, say))
    return results


async def _cost(page: Page, rounds: int, say: Callable[[str], None]) -> list[Result]:
    """CPU an item, and requests beyond the one that a page of the station is."""
    service = StationService(page.service, page.station, page.entities)
    try:
        path = f"/search?limit={page.items}"
        await service.get(path)
        service.answers.asked.clear()
        found = json.loads(await service.get(path))["numberReturned"]
        asked = list(service.answers.asked)
        if found != page.items:
            raise NotMeasured(f"{page.service}: a page has {found} items, not {page.items}.")
        bodies = [service.answers.kept[address].body for address in asked]
        rows = sum(len(json.loads(body)["value"]) for body in bodies)
        ratios = []
        for number in range(rounds):
            ours = await _cpu_of_request(service, path) / found
            plain = _cpu_of_json(bodies) / rows
            say(f"{page.service}, round {number + 1}: {ours * 1e6:.0f} µs an item, as JSON {plain * 1e6:.0f} µs")
            ratios.append(ours / plain)
    finally:
        service.close()
    name = f"{page.service} search, page of {page.items}"
    return [
        Result(f"{name}: CPU against JSON", round(median(ratios), 3), CPU_GOAL, "lower"),
        Result(f"{name}: requests beyond one", len(asked) - 1, 0, "lower"),
    ]


async def _depth(page: Page, rounds: int, say: Callable[[str], None]) -> Result:
    """Time of a deep page for that of the first, with the same items."""
    service = StationService(page.service, page.station, page.entities)
    service.answers.keeps = False
    try:
        up, down = f"/search?sortby=published&limit={page.items}", f"/search?limit={page.items}"
        deep, number = await _last_page(service, up)
        if number < DEEP:
            raise NotMeasured(f"{page.service}: the walk has only {number} pages.")
        if await _ids(service, deep) != await _ids(service, down):
            raise NotMeasured(f"{page.service}: the deep page has other items than the first one.")
        ratios = []
        for _ in range(5 * rounds):
            times = {path: await _cpu_of_request(service, path) for path in (deep, down)}
            ratios.append(times[deep] / times[down])
    finally:
        service.close()
    say(f"{page.service}: page {number} takes {median(ratios):.2f} times page 1")
    return Result(f"{page.service} search: page {number} against page 1", round(median(ratios), 3), DEPTH_GOAL, "lower")


async def _last_page(service: StationService, path: str) -> tuple[str, int]:
    """Path and number of the last page of a walk."""
    number, deep = 1, path
    while True:
        answer = json.loads(await service.get(deep))
        following = [link["href"] for link in answer["links"] if link["rel"] == "next"]
        if not following:
            return deep, number
        deep, number = following[0].removeprefix(service.address), number + 1


async def _ids(service: StationService, path: str) -> set[str]:
    return {feature["id"] for feature in json.loads(await service.get(path))["features"]}


async def _cpu_of_request(service: StationService, path: str) -> float:
    begun = process_time()
    await service.get(path)
    return process_time() - begun


def _cpu_of_json(bodies: list[bytes]) -> float:
    begun = process_time()
    for body in bodies:
        json.dumps(json.loads(body)).encode()
    return process_time() - begun
