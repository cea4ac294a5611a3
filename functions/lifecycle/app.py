"""On a schedule: deletes items that have expired, finishes deletions that were cut short, moves large collections.

An operator invokes it with `{"collection": "alice:s1-l0", "layout": "own"}`, or `"shared"`, to move one collection and
keep it there, and with `"auto"` to have its size decide again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

import boto3

from rs_server.catalog.bucket import Bucket
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.layout.schedule import Layout, Moved
from rs_server.catalog.retention import Retention
from rs_server.errors import BackendFailed, InvalidRequest
from rs_server.settings import LayoutSettings, SearchEngineSettings, StorageSettings, read
from rs_server.stac.ids import parse_collection_id
from rs_server.telemetry import logger

engine = engine_of(read(SearchEngineSettings, os.environ))
indices = Indices()
bucket = Bucket(boto3.client("s3"), read(StorageSettings, os.environ).bucket)
retention = Retention(Catalog(engine, indices, bucket))
layout = Layout(engine, indices, read(LayoutSettings, os.environ).own_index_items)
loop = asyncio.new_event_loop()  # one for the life of the container, since the engine's connection belongs to it


class Context(Protocol):
    """What Lambda tells of a call."""

    def get_remaining_time_in_millis(self) -> int:
        """Time until the function is ended."""


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Do what is due, or what an operator asks; fails, for the alarms, when something could not be done."""
    return loop.run_until_complete(_due(event, lambda: context.get_remaining_time_in_millis() / 1000))


async def _due(event: dict[str, Any], seconds_left: Callable[[], float]) -> dict[str, Any]:
    if "layout" in event:
        if event["layout"] not in {"own", "shared", "auto"}:
            raise InvalidRequest("layout: it is 'own', 'shared' or 'auto'.")
        collection = parse_collection_id(event["collection"])
        if event["layout"] == "auto":
            await layout.release(collection)
            return asdict(Moved())
        return asdict(await layout.move(collection, seconds_left, own=event["layout"] == "own"))
    report = await retention.run(seconds_left)
    moves = await layout.run(seconds_left)
    done: dict[str, Any] = {"retention": asdict(report), "layout": asdict(moves)}
    logger.info("lifecycle", retention=done["retention"], layout=done["layout"])
    if report.failed or moves.failed:
        raise BackendFailed(
            f"{report.failed} deletions and {moves.failed} moves failed; the next run tries them again."
        )
    return done
