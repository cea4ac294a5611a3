"""Reading collections: one, or those a caller may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rs_server.catalog.caller import Caller, absent
from rs_server.catalog.cql2 import Translation
from rs_server.catalog.engine.client import Document, Engine
from rs_server.catalog.engine.mappings import COLLECTION_PROSE, DELETING, FOOTPRINT
from rs_server.catalog.geometry import envelope, intersecting
from rs_server.catalog.orders import Key, Order
from rs_server.catalog.properties import collection_field
from rs_server.catalog.rights_clause import COLLECTION_TERMS, PRESENT, Query, all_of, rights_clause
from rs_server.catalog.searches import Page, by_query, during, find_page, worded
from rs_server.errors import NotFound
from rs_server.stac.ids import CollectionId


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionSearch:
    """What is asked of the list of collections, as STAC API names it."""

    bbox: Sequence[float] | None = None
    datetime: str | None = None
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    filter: Mapping[str, Any] | None = None
    q: Sequence[str] = ()
    sortby: Sequence[tuple[str, str]] = ()


async def read_collection(engine: Engine, index: str, collection: CollectionId) -> Document:
    """The stored collection; raises NotFound. Whether the caller may know it is asked before."""
    document = await engine.get(index, str(collection))
    if document is None or document.source.get(DELETING):
        raise NotFound(absent(collection))
    return document


async def find_collections(
    engine: Engine, index: str, search: CollectionSearch, caller: Caller, limit: int, after: list[Any] | None
) -> Page:
    """The page of collections behind `after` that the caller may read and `search` asks for."""
    rights = rights_clause(caller.may("read"), COLLECTION_TERMS)
    query = all_of(rights, PRESENT, *_clauses(search))
    return await find_page(engine, index, query, _order(search.sortby), limit, after)


def _clauses(search: CollectionSearch) -> list[Query]:
    clauses: list[Query] = []
    if search.bbox is not None:
        clauses.append(intersecting(FOOTPRINT, envelope(search.bbox)))
    if search.datetime:
        clauses += during(search.datetime)
    if search.filter is not None:
        clauses.append(Translation(collection_field).query(search.filter))
    if search.q:
        clauses.append(worded(search.q, [f"{name}.text" for name in COLLECTION_PROSE]))
    return clauses + by_query(search.query, collection_field)


def _order(sortby: Sequence[tuple[str, str]]) -> Order:
    fields = ((collection_field(name), direction) for name, direction in sortby)
    return Order([*(Key(field.path, direction, field.kind) for field, direction in fields), Key("id")])
