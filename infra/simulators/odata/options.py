"""The query options of a collection: read from the query string, checked against the entity set and the profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from simulators.odata.errors import bad_request
from simulators.odata.parser import parse_filter
from simulators.odata.syntax import Condition
from simulators.odata.types import EntitySet, Property

KNOWN = ("filter", "orderby", "top", "skip", "count", "expand", "format")
FORMATS = ("json", "application/json")
LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Limits:
    """A station's limits on an answer."""

    default_top: int = 1000
    """`$top` when none is given."""
    max_top: int = 1000
    max_skip: int | None = None
    max_result: int | None = None
    """How many entities a `$filter` may find before the request is refused."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """`$orderby` of one property."""

    by: Property
    descending: bool


@dataclass(frozen=True, slots=True)
class QueryOptions:
    """What a collection was asked for."""

    filter: Condition | None = None
    ordering: Ordering | None = None
    top: int = 1000
    skip: int = 0
    count: bool = False
    expand: tuple[str, ...] = ()


def read_query(query: str) -> dict[str, str]:
    """The system query options of a query string, decoded once, without their `$`.

    `$expand` may come several times, and is joined by commas; any other option only once. Options that are neither
    known nor begin with `$` are the client's own and pass unread; the `$` may be left out, as OData 4.01 allows.
    """
    options: dict[str, str] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise bad_request("The query string has more than 100 options.") from None
    for key, value in pairs:
        name = key.removeprefix("$")
        if name not in KNOWN:
            if key.startswith("$"):
                raise bad_request(f"The query option {key!r} is not supported.")
            continue
        if name in options and name != "expand":
            raise bad_request(f"The query option ${name} is given twice.")
        options[name] = f"{options[name]},{value}" if name in options else value
    return options


def read_options(query: Mapping[str, str], entity_set: EntitySet, limits: Limits) -> QueryOptions:
    """The options for a page of `entity_set`; raises a 400 that names the option at fault."""
    if query.get("format", "json") not in FORMATS:
        raise bad_request("The only $format is json.")
    skip = _whole_number(query.get("skip", "0"), "skip")
    if limits.max_skip is not None and skip > limits.max_skip:
        raise bad_request(f"$skip is at most {limits.max_skip}: narrow the $filter instead.")
    return QueryOptions(
        filter=parse_filter(query["filter"]) if "filter" in query else None,
        ordering=_ordering(query["orderby"], entity_set) if "orderby" in query else None,
        top=min(_whole_number(query.get("top", str(limits.default_top)), "top"), limits.max_top),
        skip=skip,
        count=_boolean(query.get("count", "false"), "count"),
        expand=read_expand(query, entity_set),
    )


def read_expand(query: Mapping[str, str], entity_set: EntitySet) -> tuple[str, ...]:
    """The navigations to expand; raises a 400 for those that `entity_set` has not."""
    asked = tuple(dict.fromkeys(name.strip() for name in query.get("expand", "").split(",") if name.strip()))
    for name in asked:
        if name not in entity_set.expands:
            known = ", ".join(entity_set.expands) or "nothing"
            raise bad_request(f"{entity_set.name} cannot expand {name!r}; they expand {known}.")
    return asked


def _ordering(text: str, entity_set: EntitySet) -> Ordering:
    path, *direction = text.split() or [""]
    if len(direction) > 1 or (direction and direction[0] not in {"asc", "desc"}):
        raise bad_request("$orderby takes one property, then asc or desc.")
    by = entity_set.property(path)
    if by is None:
        raise bad_request(f"{entity_set.name} have no property {path!r} to order by.")
    return Ordering(by, descending=direction == ["desc"])


def _whole_number(text: str, option: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > LARGEST:
        raise bad_request(f"${option} is {text[:20]!r}; it must be a whole number of 0 or more.")
    return int(text)


def _boolean(text: str, option: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise bad_request(f"${option} is {text[:20]!r}; it must be true or false.")
    return text.lower() == "true"
