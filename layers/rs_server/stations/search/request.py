"""What a caller asks for, checked and brought into one form: GET, POST and a page token end up here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rs_server.errors import InvalidRequest
from rs_server.stations.filters.parsing import read_json, read_text
from rs_server.stations.filters.syntax import Compare, Constant, Filter, In, all_of
from rs_server.stations.odata.query import parse_datetime
from rs_server.stations.queryables import Queryables, queryable_of
from rs_server.stations.search.fields import Fields
from rs_server.stations.search.order import NEWEST_FIRST, SortKey

DEFAULT_LIMIT = 10
MAX_LIMIT = 1000
MAX_IDS = 1000
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)

NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?")

PARAMETERS = frozenset(
    {"bbox", "collections", "count", "datetime", "fields", "filter", "filter-lang", "ids", "intersects"}
) | {
    "limit",
    "query",
    "sortby",
}
"""What a request is made of; a page token holds these, and nothing of who asks."""


class SearchRequest(NamedTuple):
    """A search, ready to be planned."""

    collections: tuple[str, ...] | None
    filter: Filter
    ids: tuple[str, ...] | None
    order: tuple[SortKey, ...]
    limit: int
    fields: Fields
    with_count: bool = False
    """Whether the stations are to say how many there are in all."""


def read_request(parameters: Mapping[str, Any], queryables: Queryables) -> SearchRequest:
    """Read the parameters of a search (JSON types); raises InvalidRequest saying which one is wrong and how."""
    parts = [_datetime(parameters.get("datetime")), _area(parameters)]
    parts += [_filter(parameters, queryables), _query(parameters.get("query"), queryables)]
    return SearchRequest(
        collections=_names("collections", parameters.get("collections")),
        filter=all_of(parts),
        ids=_names("ids", parameters.get("ids")),
        order=_order(parameters.get("sortby"), queryables),
        limit=_limit(parameters.get("limit")),
        fields=Fields.read(parameters.get("fields")),
        with_count=_flag("count", parameters.get("count")),
    )


def _names(parameter: str, value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(name, str) for name in value):
        raise InvalidRequest(f"{parameter} must be a list of texts.")
    if len(value) > MAX_IDS:
        raise InvalidRequest(f"{parameter} must not have more than {MAX_IDS} members.")
    return tuple(dict.fromkeys(value))


def _flag(parameter: str, value: Any) -> bool:
    if value is not None and not isinstance(value, bool):
        raise InvalidRequest(f"{parameter} must be true or false.")
    return bool(value)


def _limit(value: Any) -> int:
    if value is None:
        return DEFAULT_LIMIT
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidRequest("limit must be a whole number of at least 1.")
    return min(value, MAX_LIMIT)


def _datetime(value: Any) -> Filter:
    """An instant, or an interval of which one end may be open (RFC 3339, OGC API Features 7.15.3)."""
    if value is None:
        return Constant(True)
    ends = str(value).split("/")
    moments = [None if end in {"", ".."} and len(ends) == 2 else _rfc3339(end) for end in ends]
    match moments:
        case [datetime() as moment]:
            return Compare("datetime", "=", moment)
        case [None, datetime() as end]:
            return Compare("datetime", "<=", end)
        case [datetime() as start, None]:
            return Compare("datetime", ">=", start)
        case [datetime() as start, datetime() as end] if start <= end:
            return all_of([Compare("datetime", ">=", start), Compare("datetime", "<=", end)])
        case [datetime(), datetime()]:
            raise InvalidRequest(f"datetime {value!r} ends before it starts.")
    raise InvalidRequest(f"datetime {value!r} must be a date and time, or two with '/' of which one may be '..'.")


def _rfc3339(text: str) -> datetime:
    if not RFC3339.fullmatch(text):
        raise InvalidRequest(f"{text!r} is no date and time such as 2024-11-14T14:30:00Z (RFC 3339).")
    try:
        return parse_datetime(text.upper())
    except ValueError:
        raise InvalidRequest(f"{text!r} is no date and time that exists.") from None


def _area(parameters: Mapping[str, Any]) -> Filter:
    from rs_server.stations.search.areas import read_bbox, read_intersects

    bbox, intersects = parameters.get("bbox"), parameters.get("intersects")
    if bbox is not None and intersects is not None:
        raise InvalidRequest("bbox and intersects cannot be given together.")
    if bbox is None and intersects is None:
        return Constant(True)
    return read_bbox(bbox) if bbox is not None else read_intersects(intersects)


def _filter(parameters: Mapping[str, Any], queryables: Queryables) -> Filter:
    given, language = parameters.get("filter"), parameters.get("filter-lang")
    if given is None:
        return Constant(True)
    if isinstance(given, str) and language != "cql2-json":
        return read_text(given, queryables)
    try:
        document = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise InvalidRequest("The filter is no JSON, as filter-lang=cql2-json says it is.") from None
    return read_json(document, queryables)


COMPARISONS = {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
PATTERNS = {"startsWith": "{}%", "endsWith": "%{}", "contains": "%{}%"}


def _query(value: Any, queryables: Queryables) -> Filter:
    """The `query` extension: property, operator, value; all must hold."""
    if value is None:
        return Constant(True)
    if not isinstance(value, Mapping) or not all(isinstance(operators, Mapping) for operators in value.values()):
        raise InvalidRequest('query must be an object such as {"platform": {"eq": "sentinel-1a"}}.')
    return all_of(
        [
            read_json(_condition(str(name), str(operator), operand, queryables), queryables)
            for name, operators in value.items()
            for operator, operand in operators.items()
        ]
    )


def _typed(name: str, operand: Any, queryables: Queryables) -> Any:
    """`operand`, as a number where it is one written as text and the property wants a number."""
    kind = queryable_of(queryables, name.removeprefix("properties.")).kind
    if isinstance(operand, list):
        return [_typed(name, each, queryables) for each in operand]
    if kind in {"number", "integer"} and isinstance(operand, str) and NUMBER.fullmatch(operand):
        return float(operand)
    return operand


def _condition(name: str, operator: str, operand: Any, queryables: Queryables) -> dict[str, Any]:
    target, operand = {"property": name}, _typed(name, operand, queryables)
    if operator in COMPARISONS:
        return {"op": COMPARISONS[operator], "args": [target, operand]}
    if operator in PATTERNS:
        literal = re.sub(r"([%_\\])", r"\\\1", str(operand))
        return {"op": "like", "args": [target, PATTERNS[operator].format(literal)]}
    if operator == "in" and queryable_of(queryables, name).kind == "array":
        return {"op": "a_overlaps", "args": [target, operand]}
    if operator == "in":
        return {"op": "in", "args": [target, operand]}
    known = ", ".join((*COMPARISONS, *PATTERNS, "in"))
    raise InvalidRequest(f"query has the operator {operator!r}; there are {known}.")


def _order(value: Any, queryables: Queryables) -> tuple[SortKey, ...]:
    """`sortby` as texts with `+` or `-`, or as objects with `field` and `direction`."""
    keys = [_sort_key(entry, queryables) for entry in value or ()]
    if len({key.property for key in keys}) < len(keys):
        raise InvalidRequest("sortby names a property twice.")
    return tuple(keys) or NEWEST_FIRST


def _sort_key(entry: Any, queryables: Queryables) -> SortKey:
    match entry:
        case str(text):
            name, descending = text.lstrip("+- "), text.startswith("-")
        case {"field": str(name), **rest}:
            descending = rest.get("direction", "asc") == "desc"
        case _:
            raise InvalidRequest("sortby must be a list of properties, each with '+' or '-' before it.")
    name = name.removeprefix("properties.")
    if name not in queryables or queryables[name].kind in {"geometry", "array"}:
        sortable = ", ".join(
            sorted(key for key, entry in queryables.items() if entry.kind not in {"geometry", "array"})
        )
        raise InvalidRequest(f"{name!r} cannot be sorted by. There are {sortable}.")
    return SortKey(name, descending)


def ids_filter(ids: Sequence[str]) -> Filter:
    """The filter for items of these ids."""
    return In("id", tuple(ids))
