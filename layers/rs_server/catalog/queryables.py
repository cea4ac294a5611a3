"""What items can be found and sorted by.

The engine's mapping knows the properties of every owner's items, so it is never shown. The root's answer is what the
catalog indexes for everybody, a collection's is what its own newest items have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.mappings import (
    COLLECTION_DATES,
    COLLECTION_KEYWORDS,
    COLLECTION_PROSE,
    DATE_PROPERTIES,
    INTERVAL,
    KEYWORD_PROPERTIES,
    NUMBER_PROPERTIES,
    PROSE_PROPERTIES,
)
from rs_server.catalog.rights_clause import PRESENT, all_of
from rs_server.stac.ids import CollectionId

SAMPLE = 100
"""How many of a collection's newest items are looked at."""

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
TIME: Schema = {"type": "string", "format": "date-time"}
GEOMETRY: Schema = {"title": "Geometry", "format": "geometry-any"}
"""As OGC API Features Part 3 has it: no `type`, and nothing to fetch from another site, which pages may not reach."""

CORE: Schema = {
    "id": {"title": "Item id", **TEXT},
    "collection": {"title": "Collection id", **TEXT},
    "datetime": {"title": "Time", **TIME},
    "created": {"title": "Created", **TIME},
    "updated": {"title": "Updated", **TIME},
    "owner": {"title": "Owner", **TEXT},
}
KNOWN: Schema = CORE | {
    name: {"title": name, **schema}
    for names, schema in (
        (DATE_PROPERTIES, TIME),
        (NUMBER_PROPERTIES, NUMBER),
        (KEYWORD_PROPERTIES, TEXT),
        (PROSE_PROPERTIES, TEXT),
    )
    for name in names
    if name not in CORE
}
"""Properties that the catalog indexes for everybody."""

COLLECTION_MEMBERS: Schema = {
    name: {"title": name, **schema}
    for names, schema in ((COLLECTION_KEYWORDS, TEXT), (COLLECTION_PROSE, TEXT), (COLLECTION_DATES, TIME))
    for name in names
}


async def properties_of(engine: Engine, index: str, collection: CollectionId) -> Schema:
    """The properties that the newest items of a collection have, beside those that all items have."""
    body = {
        "query": all_of({"term": {"collection": str(collection)}}, PRESENT),
        "sort": [{f"{INTERVAL}.moment": "desc"}],
        "size": SAMPLE,
        "track_total_hits": False,
        "_source": ["properties"],
    }
    hits = (await engine.search(index, body))["hits"]["hits"]
    seen = {name: value for hit in hits for name, value in hit["_source"]["properties"].items() if value is not None}
    return CORE | {name: schema for name, value in sorted(seen.items()) if (schema := _schema_of(name, value))}


def schema(address: str, title: str, properties: Mapping[str, Any]) -> Schema:
    """A JSON Schema of properties, to which items may have others besides."""
    return {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": address,
        "type": "object",
        "title": title,
        "properties": dict(properties),
        "additionalProperties": True,
    }


def _schema_of(name: str, value: object) -> Schema | None:
    """What is said of a property with this value; None for what is not indexed."""
    if name in KNOWN:
        return dict(KNOWN[name])
    match value:
        case bool():
            kind: Schema = {"type": "boolean"}
        case int() | float():
            kind = NUMBER
        case str():
            kind = TIME if name.endswith("datetime") else TEXT
        case [str(), *_]:
            kind = TEXT
        case [int() | float(), *_]:
            kind = NUMBER
        case _:
            return None
    return {"title": name, **kind}
