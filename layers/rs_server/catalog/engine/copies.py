"""Reading an index in the order in which it was written, so that what was written since can be copied as well.

An index numbers its writes one by one. A change gives a document a new number, so a document is copied again if it
has changed since its copy was made, and whoever has copied up to a number needs to look at later ones only.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from rs_server.catalog.engine.client import Engine, Source
from rs_server.catalog.engine.replies import checked
from rs_server.errors import BackendFailed, BackendUnavailable

PAGE = 500
"""Documents read together, unless they are large."""
PAGE_BYTES = 4_000_000
POLLS = 100
PAUSE = 0.05
"""Seconds between two looks whether all writes before a number are done."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A document and the number of its last write."""

    id: str
    source: dict[str, Any]
    number: int


async def written(engine: Engine, index: str) -> int:
    """Number of the last write into `index`; all writes up to it can be found when this returns.

    Raises BackendFailed for an index of several shards, each of which would count by itself.
    """
    last = (await _numbers(engine, index))["max_seq_no"]
    for _ in range(POLLS):
        if (await _numbers(engine, index))["global_checkpoint"] >= last:
            await engine.refresh(index)
            return int(last)
        await asyncio.sleep(PAUSE)
    raise BackendUnavailable(f"The replicas of {index} lag behind. Try again shortly.", retry_after=5)


async def written_between(
    engine: Engine, index: str, query: Source, after: int, upto: int
) -> AsyncIterator[list[Numbered]]:
    """Pages of the documents of `query` whose last write is later than number `after`, and not than `upto`."""
    size = PAGE
    while True:
        numbers = {"range": {"_seq_no": {"gt": after, "lte": upto}}}
        body = {
            "query": {"bool": {"filter": [query, numbers]}},
            "sort": [{"_seq_no": {"order": "asc"}}],
            "size": size,
            "seq_no_primary_term": True,
            "track_total_hits": False,
        }
        hits = (await engine.search(index, body))["hits"]["hits"]
        if not hits:
            return
        yield [Numbered(hit["_id"], hit["_source"], hit["_seq_no"]) for hit in hits]
        after = hits[-1]["_seq_no"]
        size = max(1, min(PAGE, PAGE_BYTES * len(hits) // len(orjson.dumps(hits))))


async def count(engine: Engine, index: str, query: Source) -> int:
    """How many documents of `index` match, exactly."""
    body = {"query": query, "size": 0, "track_total_hits": True}
    return int((await engine.search(index, body))["hits"]["total"]["value"])


async def remembered(engine: Engine, index: str) -> int:
    """The number up to which `index` has copies, as `remember` has noted it in the index itself; -1 at first."""
    [entry] = checked(await engine.call("GET", f"/{index}/_mapping")).values()
    return int(entry["mappings"].get("_meta", {}).get("copied", -1))


async def remember(engine: Engine, index: str, number: int) -> None:
    """Note the number up to which `index` has copies."""
    checked(await engine.call("PUT", f"/{index}/_mapping", {"_meta": {"copied": number}}))


async def _numbers(engine: Engine, index: str) -> dict[str, int]:
    answer = checked(await engine.call("GET", f"/{index}/_stats/docs", None, {"level": "shards"}))
    primaries = [
        shard["seq_no"]
        for entry in answer["indices"].values()
        for shards in entry["shards"].values()
        for shard in shards
        if shard["routing"]["primary"]
    ]
    if len(primaries) != 1:
        raise BackendFailed(f"{index} has {len(primaries)} shards; collections can be moved between indices of one.")
    numbers: dict[str, int] = primaries[0]
    return numbers
