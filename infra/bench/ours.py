"""Our catalog's side of a benchmark: its indices, collections and documents, without a server before them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from bench.reader import NoObjects
from rs_server.access.principals import Principal
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant, Rights
from rs_server.catalog.caller import Caller
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of, prepare
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import INTERVAL, NUMBER_OF_COLLECTION
from rs_server.catalog.numbers import Numbered, numbers_of
from rs_server.catalog.stored import stored_item
from rs_server.catalog.times import interval_of
from rs_server.settings import SearchEngineSettings
from rs_server.stac.ids import parse_collection_id

Source = dict[str, Any]


@asynccontextmanager
async def catalog_at(engine_url: str, prefix: str = "rs") -> AsyncIterator[Catalog]:
    """A catalog with indices of this prefix, which are made if they are not there."""
    engine = engine_of(SearchEngineSettings(search_engine="opensearch", search_engine_url=engine_url))
    try:
        await prepare(engine, Indices(prefix))
        yield Catalog(engine, Indices(prefix), NoObjects())
    finally:
        await engine.close()


async def numbers(catalog: Catalog) -> Numbered:
    """How the catalog numbers its collections."""
    numbered = await numbers_of(catalog.engine, catalog.indices)
    assert numbered
    return numbered


def caller(login: str, readable: Iterable[str] = ()) -> Caller:
    """Somebody who owns `login:*`, and with whom the collections `readable` are shared one by one."""
    patterns = (ResourcePattern.parse(f"catalog:{name}") for name in readable)
    grants = [Grant(f"user:{login}", pattern, frozenset({"read"})) for pattern in patterns]
    return Caller(Rights.of(Principal(login=login), grants))


def stored(item: Source, collection: str, numbered: Numbered) -> tuple[str, Source]:
    """Document id and source of an item as the catalog's own writes store it."""
    named = parse_collection_id(collection)
    source = stored_item(item) | {"collection": collection, INTERVAL: interval_of(item["properties"])}
    source[NUMBER_OF_COLLECTION] = numbered(collection)
    source["properties"]["owner"] = named.owner
    return f"{collection}|{item['id']}", source


def collection(name: str) -> Source:
    """A collection as it is sent."""
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": name,
        "description": name,
        "license": "other",
        "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}},
        "links": [],
    }


def stored_collection(name: str) -> tuple[str, Source]:
    """Document id and source of a collection, for loading many."""
    named = parse_collection_id(name)
    interval = {"start": "1970-01-01T00:00:00.000000000Z", "end": "2262-04-11T23:47:16.000000000Z"}
    made = "2026-01-01T00:00:00.000Z"
    return name, collection(name) | {"owner": named.owner, INTERVAL: interval, "created": made, "updated": made}
