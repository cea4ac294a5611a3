"""Bulk writes of items into the catalog, invoked by staging's last step."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import boto3

from rs_server.access.grants import GrantReader
from rs_server.catalog.bucket import Bucket
from rs_server.catalog.deployment import engine_of
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.ingest import Ingest
from rs_server.catalog.write import ItemWriter
from rs_server.collector import spare_what_is_loaded
from rs_server.settings import AccessSettings, SearchEngineSettings, StorageSettings, read
from rs_server.storage.objects import ObjectStore

storage = read(StorageSettings, os.environ)
s3 = boto3.client("s3")
engine = engine_of(read(SearchEngineSettings, os.environ))
ingest = Ingest(
    ItemWriter(engine, Indices(), Bucket(s3, storage.bucket)),
    GrantReader.of_table(read(AccessSettings, os.environ).access_table),
    ObjectStore(s3, storage.bucket),
)
loop = asyncio.new_event_loop()  # one for the life of the container, since the engine's connection belongs to it
spare_what_is_loaded()


class LambdaContext(Protocol):
    """What is used of the context that Lambda gives."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is ended."""
        ...


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Write the items that the event points at; see `Ingest`."""
    ends = datetime.now(UTC) + timedelta(milliseconds=context.get_remaining_time_in_millis())
    return loop.run_until_complete(ingest(event, ends))
