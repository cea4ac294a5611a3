"""An item search: what is asked, as one query of the engine that the caller's rights are part of."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from rs_server.access.resources import catalog_resource
from rs_server.catalog.caller import Caller
from rs_server.catalog.comparisons import alike, comparable, equal, one_of, within
from rs_server.catalog.cql2 import Translation, escaped
from rs_server.catalog.engine.client import Engine, Source
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import INTERVAL, PROSE_PROPERTIES
from rs_server.catalog.geometry import envelope, intersecting
from rs_server.catalog.numbers import numbers_of
from rs_server.catalog.orders import Cursor, Order, order_of_items
from rs_server.catalog.properties import Field, FieldOf, item_field
from rs_server.catalog.rights_clause import (
    ITEM_TERMS,
    MANY,
    PRESENT,
    Query,
    all_of,
    any_of,
    of_collection,
    rights_clause,
)
from rs_server.catalog.times import parse_interval
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import parse_collection_id

MAX_LIMIT = 1000
"""Larger pages are cut to this size (OGC API Features, requirement 22 C): an item may have 100 kB."""

DEFAULT_LIMIT = 10
FEW = 10
"""Collections of a search whose rights are looked up one by one; the query needs no others then."""
FIRST_STEP, NEXT_STEP = 100, 300
"""Documents that are read together."""
ENOUGH_BYTES = 5_000_000
"""Documents of so many bytes fill any answer."""
COUNTED = 10_000
"""Matches are counted to here. Counting on would make a page of a large catalog cost what a look at all of it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSearch:
    """What is asked of a search, as STAC API names it; collection ids are whole."""

    collections: Sequence[str] = ()
    ids: Sequence[str] = ()
    bbox: Sequence[float] | None = None
    intersects: Mapping[str, Any] | None = None
    datetime: str | None = None
    query: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    filter: Mapping[str, Any] | None = None
    q: Sequence[str] = ()
    sortby: Sequence[tuple[str, str]] = ()
    """Pairs of a property and `asc` or `desc`."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of stored documents."""

    sources: list[Source]
    cursors: list[Cursor]
    """For each document the `after` of a page that starts behind it."""
    matched: int | None
    """How many there are in all; None where that is more than is counted."""
    more: bool
    """Whether there are further documents behind the page."""


async def find_items(
    engine: Engine, indices: Indices, search: ItemSearch, caller: Caller, limit: int, after: list[Any] | None
) -> Page:
    """The page of `search` behind `after`, of what the caller may read and nothing else."""
    query = await readable_items(engine, indices, search, caller)
    order = await order_of_items(engine, indices.items, query, search.sortby, after)
    return await find_page(engine, indices.items, query, order, limit, after)


async def readable_items(engine: Engine, indices: Indices, search: ItemSearch, caller: Caller) -> Query:
    """The query of `search` with the caller's rights: those in the few collections that it names, or all."""
    allowed = caller.may("read")
    if 0 < len(search.collections) <= FEW:
        named = ((name, catalog_resource(parse_collection_id(name))) for name in search.collections)
        rights = any_of([of_collection(name) for name, resource in named if allowed.matches(resource)])
    else:
        numbered = await numbers_of(engine, indices) if len(allowed.allowed) > MANY else None
        rights = rights_clause(allowed, ITEM_TERMS, numbered)
    return all_of(rights, PRESENT, *clauses_of(search, caller))


async def find_page(engine: Engine, index: str, query: Query, order: Order, limit: int, after: Cursor | None) -> Page:
    """The first `limit` documents of `query` behind `after`, in this order; fewer where these fill an answer.

    Documents of a page of many are asked for in steps, since one may have 900 kB.
    """
    body: Source = {"query": query, "sort": order.clauses, "track_total_hits": COUNTED}
    if after is not None:
        body["search_after"] = order.after(after)
    hits: list[dict[str, Any]] = []
    step, used, total = min(limit, FIRST_STEP) + 1, 0, None
    while True:
        answer = (await engine.search(index, body | {"size": step}))["hits"]
        found, total = answer["hits"], total or answer["total"]
        hits += found
        if len(found) < step or len(hits) > limit:
            break
        used += len(orjson.dumps([hit["_source"] for hit in found]))
        if used > ENOUGH_BYTES:
            limit = len(hits) - 1
            break
        step = min(limit + 1 - len(hits), NEXT_STEP)
        body |= {"search_after": hits[-1]["sort"], "track_total_hits": False}
    shown = hits[:limit]
    return Page(
        sources=[hit["_source"] for hit in shown],
        cursors=[order.cursor(hit["sort"]) for hit in shown],
        matched=total["value"] if total["relation"] == "eq" else None,
        more=len(hits) > limit,
    )


def clauses_of(search: ItemSearch, caller: Caller) -> list[Query]:
    """The clauses of a search, without rights; raises InvalidRequest for what cannot be understood."""
    if search.bbox is not None and search.intersects is not None:
        raise InvalidRequest("Give bbox or intersects, not both.")
    clauses: list[Query] = []
    if search.collections:
        clauses.append({"terms": {"collection": list(search.collections)}})
    if search.ids:
        clauses.append({"terms": {"id": list(search.ids)}})
    if search.bbox is not None:
        clauses.append(intersecting("geometry", envelope(search.bbox)))
    if search.intersects is not None:
        clauses.append(intersecting("geometry", search.intersects))
    if search.datetime:
        clauses += during(search.datetime)
    clauses += by_query(search.query, item_field)
    if search.filter is not None:
        clauses.append(item_filter(search.filter, caller))
    if search.q:
        clauses.append(worded(search.q, [f"properties.{name}.text" for name in PROSE_PROPERTIES]))
    return clauses


def item_filter(expression: Mapping[str, Any], caller: Caller) -> Query:
    """A CQL2 JSON filter on items; a collection that it names without owner is the caller's."""

    def literal(name: str, value: Any) -> Any:
        if name == "collection" and isinstance(value, str) and ":" not in value:
            return f"{caller.principal.login}:{value}"
        return value

    return Translation(item_field, literal).query(expression)


def during(interval: str) -> list[Query]:
    """Clauses for what has a time in common with a `datetime` parameter."""
    first, last = parse_interval(interval)
    return [{"range": {f"{INTERVAL}.start": {"lte": last}}}, {"range": {f"{INTERVAL}.end": {"gte": first}}}]


def worded(terms: Sequence[str], fields: Sequence[str]) -> Query:
    """Free text: at least one of `terms`, each a word or a phrase, in one of `fields` or as the whole id."""
    found = [
        {"multi_match": {"query": term, "fields": ["id", *fields], "type": "phrase", "lenient": True}}
        for term in (term.strip() for term in terms)
        if term
    ]
    if not found:
        raise InvalidRequest("q: it has no words.")
    return any_of(found)


def by_query(query: Mapping[str, Mapping[str, Any]], field_of: FieldOf) -> list[Query]:
    """Clauses of the query extension: operators and values by property name."""
    return [
        _by_operator(field_of(name), operator, value)
        for name, operators in query.items()
        for operator, value in operators.items()
    ]


def _by_operator(field: Field, operator: str, value: Any) -> Query:
    match operator, value:
        case "eq", str() | int() | float():
            return equal(field, comparable(field, value))
        case "neq", str() | int() | float():
            return {"bool": {"must_not": [equal(field, comparable(field, value))]}}
        case (("gt" | "gte" | "lt" | "lte"), str() | int() | float()):
            return within(field, {operator: comparable(field, value)})
        case "in", list():
            return one_of(field, [comparable(field, entry) for entry in value])
        case (("startsWith" | "endsWith" | "contains"), str()):
            start, end = ("" if operator == "startsWith" else "*"), ("" if operator == "endsWith" else "*")
            return alike(field, f"{start}{escaped(value)}{end}")
    raise InvalidRequest(f"query: {operator!r} is no operator, or not with this value.")
