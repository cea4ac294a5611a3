"""What a deployment does to the search engine, once and never in a request: index templates and the two indices."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.connections import Connection, Reply, authorization, connect
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import COLLECTION_SETTINGS, COLLECTIONS, ITEM_SETTINGS, ITEMS, Mapping
from rs_server.catalog.engine.signing import role_signer
from rs_server.errors import BackendFailed
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
    await _make(engine, indices.items, ITEM_SETTINGS, ITEMS)
    await _make(engine, indices.collections, COLLECTION_SETTINGS, COLLECTIONS)


async def _make(engine: Engine, alias: str, settings: Mapping, mappings: Mapping) -> None:
    template = {
        "index_patterns": [f"{alias}-*"],
        "template": {"settings": {"index": settings}, "mappings": mappings},
        "_meta": {"description": "rs-server catalog"},
    }
    _accept(await engine.put(f"/_index_template/{alias}", template))
    if await engine.exists(f"/{alias}"):
        _accept(await engine.put(f"/{alias}/_mapping", mappings))
    else:
        _accept(await engine.put(f"/{alias}-000001", {"aliases": {alias: {"is_write_index": True}}}))


def _accept(reply: Reply) -> None:
    if reply.status < HTTPStatus.BAD_REQUEST or "resource_already_exists" in str(reply.body):
        return  # another deployment made the same index at the same time
    raise BackendFailed(f"The search engine refused the catalog's indices: {json.dumps(reply.body)[:500]}")


def _read_secret(name: str) -> str:
    """Value of the secret `name`, or nothing for an open cluster, which has none."""
    if not name:
        return ""
    import boto3  # slow, and not needed for an open cluster

    return str(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
