"""How many items a second the catalog takes in, to what the engine takes of the same documents by raw `_bulk`.

Both get batches of the same items, made ready before the clock starts, from one client and from four.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx
import orjson

from bench import bulk, ours, sentinel, servers
from bench.reader import OWNER
from bench.results import NotMeasured, Result
from local.parts import Home

BATCH = 500
CLIENTS = (1, 4)
GOAL = 0.5
NAME = f"{OWNER}:ingest"
NDJSON = {"content-type": "application/x-ndjson"}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    batches: int
    """Batches that each side is sent in a round; a multiple of the number of clients."""
    rounds: int


QUICK = Size(4, 2)
FULL = Size(12, 5)


@dataclass(frozen=True, slots=True)
class Batch:
    """The same items as both sides are sent them."""

    ours: bytes
    raw: bytes


def run(size: Size, folder: Path, jars: Path, say: Callable[[str], None]) -> list[Result]:
    """Measure with one client and with four. Raises NotMeasured, PartFailed."""
    home = Home(folder)
    with servers.running_engine(home, jars) as engine_url:
        asyncio.run(_prepare(engine_url))
        with servers.running(servers.catalog(engine_url, [NAME], login=OWNER), home):
            return [_measured(size, clients, engine_url, say) for clients in CLIENTS]


async def _prepare(engine_url: str) -> None:
    async with ours.catalog_at(engine_url) as catalog:
        await catalog.collections.create(ours.caller(OWNER), ours.collection(NAME))
    async with ours.catalog_at(engine_url, "raw"):
        pass  # the same mapping for what goes in raw


def _measured(size: Size, clients: int, engine_url: str, say: Callable[[str], None]) -> Result:
    ratios = []
    for number in range(-1, size.rounds):  # one round to warm up
        batches = _batches(size.batches, f"c{clients}r{number}")
        times = {}
        for side in ("ours", "raw") if number % 2 else ("raw", "ours"):
            send = _send_to_us if side == "ours" else _send_raw(engine_url)
            times[side] = _seconds(send, [getattr(batch, side) for batch in batches], clients)
        if number >= 0:
            count = size.batches * BATCH
            rates = {side: count / seconds for side, seconds in times.items()}
            say(f"{clients} clients: catalog {rates['ours']:.0f} items/s, raw {rates['raw']:.0f} items/s")
            ratios.append(times["raw"] / times["ours"])
    return Result(f"bulk ingest to raw _bulk, {clients} clients", round(median(ratios), 3), GOAL)


def _batches(count: int, stamp: str) -> list[Batch]:
    """Items that no other round has."""
    items = [item | {"id": f"{item['id']}-{stamp}"} for item in sentinel.items(count * BATCH, [NAME])]
    return [_batch(list(batch)) for batch in batched(items, BATCH, strict=False)]


def _batch(items: list[dict[str, Any]]) -> Batch:
    documents = (("raw-items", *ours.stored(item, NAME, lambda _: 1)) for item in items)
    raw = "".join(bulk.lines(documents)).encode()
    return Batch(orjson.dumps({"items": {item["id"]: item for item in items}, "method": "insert"}), raw)


def _seconds(send: Callable[[httpx.Client, bytes], None], bodies: Sequence[bytes], clients: int) -> float:
    with httpx.Client(timeout=120) as client, ThreadPoolExecutor(clients) as pool:
        start = perf_counter()
        for sent in [pool.submit(send, client, body) for body in bodies]:
            sent.result()
        return perf_counter() - start


def _send_to_us(client: httpx.Client, body: bytes) -> None:
    address = f"{servers.CATALOG}/collections/{NAME}/bulk_items"
    answer = client.post(address, content=body, headers={"content-type": "application/json"})
    if not answer.is_success or answer.json()["success"] != BATCH:
        raise NotMeasured(f"The catalog did not take all items: {answer.status_code} {answer.text[:300]}")


def _send_raw(engine_url: str) -> Callable[[httpx.Client, bytes], None]:
    def send(client: httpx.Client, body: bytes) -> None:
        answer = client.post(f"{engine_url}/_bulk", content=body, headers=NDJSON)
        if not answer.is_success or answer.json()["errors"]:
            raise NotMeasured(f"The engine did not take all items: {answer.status_code} {answer.text[:300]}")

    return send
