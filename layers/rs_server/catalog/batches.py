"""Batches under way: who may make items says so, before he looks whether their collection is there.

A deletion marks its collection first and looks for batches then. A writer who has found the collection without the mark
has said before that he writes, so he is found, and the collection's name is not free as long as he may still write. A
batch that is done, or has left nothing, is forgotten at once. One whose writer died, or whom the engine failed, counts
until nobody lives who began so long ago.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from rs_server.catalog.engine.client import Engine, Version, VersionConflict
from rs_server.catalog.engine.indices import Indices
from rs_server.errors import NotFound, RsServerError
from rs_server.stac.ids import CollectionId
from rs_server.telemetry import logger

FORGOTTEN_AFTER = "10m"
"""Age at which a batch counts no more, in the engine's words: twice the age at which `Retention` finishes deletions. A
collection whose deletion it may have passed is gone by then, with all that it has left."""


@dataclass(frozen=True, slots=True)
class Batches:
    """The batches that are being written, in an index of their own."""

    engine: Engine
    indices: Indices

    @asynccontextmanager
    async def under_way(self, collection: CollectionId, moment: str) -> AsyncIterator[None]:
        """Say for the time of the block that items are made in `collection`.

        A block that raises NotFound has left nothing. After any other error it may have, and the batch stays.
        """
        name = uuid4().hex
        source = {"collection": str(collection), "since": moment}
        version = await self.engine.create(self.indices.batches, name, source, "false", alias_only=True)
        try:
            yield
        except NotFound:
            await self._end(name, version)
            raise
        await self._end(name, version)

    async def any(self, collection: CollectionId) -> bool:
        """Whether somebody may be making items in `collection` who began before now."""
        await self.engine.refresh(self.indices.batches)
        body = {"query": {"term": {"collection": str(collection)}}, "size": 1, "_source": False}
        return bool((await self.engine.search(self.indices.batches, body))["hits"]["hits"])

    async def forget_old(self, now: str) -> None:
        """Forget the batches whose writers died; only when all deletions that they may have passed are finished."""
        old = {"range": {"since": {"lte": f"{now}||-{FORGOTTEN_AFTER}"}}}
        await self.engine.delete_by_query(self.indices.batches, old)

    async def _end(self, name: str, version: Version) -> None:
        try:
            await self.engine.delete(self.indices.batches, name, version, "false")
        except (RsServerError, VersionConflict) as error:  # the items are written, and it is forgotten with time
            logger.warning("batch not ended", reason=str(error))
