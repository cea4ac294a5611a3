"""Load items into the engine by raw `_bulk`: a benchmark of searches should not wait for an API's writes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import batched
from typing import Any

import httpx
import orjson

BATCH = 500
PAUSES = (1, 2, 4, 8, 8)
"""Seconds between attempts."""

Document = tuple[str, str, dict[str, Any]]
"""Index, document id, source."""


def load(engine_url: str, documents: Iterable[Document]) -> None:
    """Write all documents, and have them found, in few segments so that both sides search alike."""
    with httpx.Client(base_url=engine_url, timeout=120) as engine:
        for batch in batched(documents, BATCH, strict=False):
            body = "".join(lines(batch))
            answer = _sent(engine, body)
            failed = [entry for entry in answer.json()["items"] if entry["index"]["status"] >= 300]
            if failed:
                raise ValueError(f"The engine refused {len(failed)} of {len(batch)} items: {failed[0]}")
        engine.post("/_refresh").raise_for_status()
        engine.post("/_forcemerge", params={"max_num_segments": "1"}).raise_for_status()


def _sent(engine: httpx.Client, body: str) -> httpx.Response:
    """The engine's answer, which is a success; a body that it had no memory for is sent again a little later."""
    for pause in PAUSES:
        answer = engine.post("/_bulk", content=body, headers={"content-type": "application/x-ndjson"})
        if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
            break
        time.sleep(pause)
    return answer.raise_for_status()


def lines(batch: Iterable[Document]) -> Iterator[str]:
    """The lines of `_bulk` that write `batch`."""
    for index, identifier, source in batch:
        yield orjson.dumps({"index": {"_index": index, "_id": identifier}}).decode() + "\n"
        yield orjson.dumps(source).decode() + "\n"
