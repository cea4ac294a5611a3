"""On a schedule: unpublishes items that have expired, and finishes deletions that were cut short."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from typing import Any, Protocol

import boto3

from rs_server.catalog.bucket import Bucket
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.retention import Retention
from rs_server.errors import BackendFailed
from rs_server.settings import SearchEngineSettings, StorageSettings, read
from rs_server.telemetry import logger

bucket = Bucket(boto3.client("s3"), read(StorageSettings, os.environ).bucket)
retention = Retention(Catalog(engine_of(read(SearchEngineSettings, os.environ)), Indices(), bucket))
loop = asyncio.new_event_loop()  # one for the life of the container, since the engine's connection belongs to it


class Context(Protocol):
    """What Lambda tells of a call."""

    def get_remaining_time_in_millis(self) -> int:
        """Time until the function is ended."""


def handler(event: dict[str, Any], context: Context) -> None:  # noqa: ARG001  # Lambda's signature
    """Do what is due; fails, for the alarms, when something could not be done."""
    report = loop.run_until_complete(retention.run(lambda: context.get_remaining_time_in_millis() / 1000))
    logger.info("retention", **asdict(report))
    if report.failed:
        raise BackendFailed(f"{report.failed} deletions failed; the next run tries them again.")
