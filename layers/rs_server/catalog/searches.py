"""An item search: what is asked, as one query of the engine that the caller's rights are part of."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rs_server.catalog.caller import Caller
from rs_server.catalog.cql2 import Translation, comparable, escaped
from rs_server.catalog.engine.client import Engine, Source
from rs_server.catalog.engine.mappings import INTERVAL, PROSE_PROPERTIES
from rs_server.catalog.geometry import envelope, intersecting
from rs_server.catalog.properties import Field, FieldOf, item_field, item_sort_path
from rs_server.catalog.rights_clause import ITEM_TERMS, PRESENT, Query, all_of, any_of, rights_clause
from rs_server.catalog.times import parse_interval
from rs_server.errors import InvalidRequest

MAX_LIMIT = 1000
"""Larger pages are cut to this size (OGC API Features, requirement 22 C): an item may have 100 kB."""

DEFAULT_LIMIT = 10
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
    cursors: list[list[Any]]
    """For each document the `after` of a page that starts behind it."""
    matched: int | None
    """How many there are in all; None where that is more than is counted."""
    more: bool
    """Whether there are further documents behind the page."""


async def find_items(
    engine: Engine, index: str, search: ItemSearch, caller: Caller, limit: int, after: list[Any] | None
) -> Page:
    """The page of `search` behind `after`, of what the caller may read and nothing else."""
    query = all_of(rights_clause(caller.may("read"), ITEM_TERMS), PRESENT, *clauses_of(search, caller))
    return await find_page(engine, index, query, sort_of(search.sortby), limit, after)


async def find_page(
    engine: Engine, index: str, query: Query, sort: list[dict[str, Any]], limit: int, after: list[Any] | None
) -> Page:
    """The first `limit` documents of `query` behind `after`, in the order of `sort`."""
    body: Source = {"query": query, "sort": sort, "size": limit + 1, "track_total_hits": COUNTED}
    if after is not None:
        body["search_after"] = _checked_cursor(after, len(sort))
    hits = (await engine.search(index, body))["hits"]
    shown, total = hits["hits"][:limit], hits["total"]
    return Page(
        sources=[hit["_source"] for hit in shown],
        cursors=[hit["sort"] for hit in shown],
        matched=total["value"] if total["relation"] == "eq" else None,
        more=len(hits["hits"]) > limit,
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


def sort_of(sortby: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """The order of a page: as asked, else the newest first; collection and id make it one that no two items share."""
    asked = [
        {item_sort_path(name): {"order": direction, "missing": "_last", "unmapped_type": "keyword"}}
        for name, direction in sortby
    ]
    newest: list[dict[str, Any]] = [{f"{INTERVAL}.moment": {"order": "desc"}}]
    return [*(asked or newest), {"id": {"order": "desc"}}, {"collection": {"order": "desc"}}]


def by_query(query: Mapping[str, Mapping[str, Any]], field_of: FieldOf) -> list[Query]:
    """Clauses of the query extension: operators and values by property name."""
    return [
        _by_operator(field_of(name), operator, value)
        for name, operators in query.items()
        for operator, value in operators.items()
    ]


def _by_operator(field: Field, operator: str, value: Any) -> Query:
    path = field.path
    match operator, value:
        case "eq", str() | int() | float():
            return {"term": {path: comparable(field, value)}}
        case "neq", str() | int() | float():
            return {"bool": {"must_not": [{"term": {path: comparable(field, value)}}]}}
        case (("gt" | "gte" | "lt" | "lte"), str() | int() | float()):
            return {"range": {path: {operator: comparable(field, value)}}}
        case "in", list():
            return {"terms": {path: [comparable(field, entry) for entry in value]}}
        case "startsWith", str():
            return {"prefix": {path: {"value": value}}}
        case (("endsWith" | "contains"), str()):
            pattern = f"*{escaped(value)}" if operator == "endsWith" else f"*{escaped(value)}*"
            return {"wildcard": {path: {"value": pattern}}}
    raise InvalidRequest(f"query: {operator!r} is no operator, or not with this value.")


def _checked_cursor(after: object, length: int) -> list[Any]:
    """The sort values of a token, which comes from outside."""
    scalar = (str, int, float, bool, type(None))
    if isinstance(after, list) and len(after) == length and all(isinstance(value, scalar) for value in after):
        return after
    raise InvalidRequest("The page token is not one of ours. Start again from the first page.")
