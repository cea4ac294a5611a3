"""Load items into the engine by raw `_bulk`: a benchmark of searches should not wait for an API's writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import batched
from typing import Any

import httpx

BATCH = 500

Document = tuple[str, str, dict[str, Any]]
"""Index, document id, source."""


def load(engine_url: str, documents: Iterable[Document]) -> None:
    """Write all documents, and have them found, in few segments so that both sides search alike."""
    with httpx.Client(base_url=engine_url, timeout=120) as engine:
        for batch in batched(documents, BATCH, strict=False):
            body = "".join(_lines(batch))
            answer = engine.post("/_bulk", content=body, headers={"content-type": "application/x-ndjson"})
            answer.raise_for_status()
            failed = [entry for entry in answer.json()["items"] if entry["index"]["status"] >= 300]
            if failed:
                raise ValueError(f"The engine refused {len(failed)} of {len(batch)} items: {failed[0]}")
        engine.post("/_refresh").raise_for_status()
        engine.post("/_forcemerge", params={"max_num_segments": "1"}).raise_for_status()


def _lines(batch: Iterable[Document]) -> Iterator[str]:
    for index, identifier, source in batch:
        yield json.dumps({"index": {"_index": index, "_id": identifier}}) + "\n"
        yield json.dumps(source) + "\n"
