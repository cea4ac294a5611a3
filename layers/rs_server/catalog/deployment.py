"""What a deployment does to the search engine, once and never in a request: index templates and the indices."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.connections import Connection, authorization, connect
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import (
    BATCH_SETTINGS,
    BATCHES,
    COLLECTION_SETTINGS,
    COLLECTIONS,
    ITEM_SETTINGS,
    ITEMS,
    NAME_SETTINGS,
    NAMES,
    Mapping,
)
from rs_server.catalog.engine.replies import accepted
from rs_server.catalog.engine.signing import role_signer
from rs_server.catalog.numbers import KEY, new_key
from rs_server.settings import SearchEngineSettings


def engine_of(settings: SearchEngineSettings) -> Engine:
    """The engine that `settings` name; it reads its secret and connects at the first call."""

    async def connected() -> Connection:
        if settings.search_engine_auth == "iam":
            signer = await asyncio.to_thread(role_signer)
            return connect(settings.search_engine, settings.search_engine_url, {}, signer)
        secret = await asyncio.to_thread(_read_secret, settings.search_engine_secret)
        return connect(settings.search_engine, settings.search_engine_url, authorization(secret))

    return Engine(connected)


async def prepare_engine(settings: SearchEngineSettings) -> None:
    """Put the templates and make the indices that are missing; doing it again changes nothing.

    Raises BackendFailed with the engine's own words when it refuses.
    """
    engine = engine_of(settings)
    try:
        await prepare(engine, Indices())
    finally:
        await engine.close()


async def prepare(engine: Engine, indices: Indices) -> None:
    """As `prepare_engine`, for an engine and names that are given."""
    aliases = (indices.shared, f"{indices.layout}0")
    await _make(engine, indices.items, ITEM_SETTINGS, ITEMS, others=aliases)
    await _make(engine, indices.collections, COLLECTION_SETTINGS, COLLECTIONS, meta={KEY: new_key()})
    await _make(engine, indices.names, NAME_SETTINGS, NAMES)
    await _make(engine, indices.batches, BATCH_SETTINGS, BATCHES)


async def _make(
    engine: Engine,
    alias: str,
    settings: Mapping,
    mappings: Mapping,
    *,
    others: Sequence[str] = (),
    meta: Mapping | None = None,
) -> None:
    template = {
        "index_patterns": [f"{alias}-*"],
        "template": {"settings": {"index": settings}, "mappings": mappings},
        "_meta": {"description": "rs-server catalog"},
    }
    accepted(await engine.put(f"/_index_template/{alias}", template))
    if await engine.exists(f"/{alias}"):
        accepted(await engine.put(f"/{alias}/_mapping", mappings))
        if others and not await engine.exists(f"/{others[0]}"):  # made before collections could be moved
            await engine.change_aliases([{"add": {"index": f"{alias}-000001", "alias": other}} for other in others])
    else:
        aliases = {alias: {"is_write_index": True}} | {other: {} for other in others}
        accepted(await engine.put(f"/{alias}-000001", {"aliases": aliases, "mappings": {"_meta": meta or {}}}))


def _read_secret(name: str) -> str:
    """Value of the secret `name`, or nothing for an open cluster, which has none."""
    if not name:
        return ""
    import boto3  # slow, and not needed for an open cluster

    return str(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
