"""Comparisons of a property with literals, as queries that say the same whatever other owners have written.

All owners' items share the index, and the first value of a property that nobody named before decides how it is indexed:
as text or as a number. A plain query fails where text meets a number, and so would tell of a property that only hidden
items have. The queries here match nothing then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rs_server.catalog.properties import Field
from rs_server.catalog.rights_clause import Query, any_of
from rs_server.catalog.times import cut, exact
from rs_server.errors import InvalidRequest

Bounds = Mapping[str, Any]
"""Values by `gt`, `gte`, `lt` and `lte`."""

NUMERAL = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?", re.ASCII)
SYNTAX = re.compile(r"[^\w*?]")
"""What may have a meaning in the engine's query language, beside wildcards."""


def comparable(field: Field, literal: Any) -> Any:
    """A literal as it is compared with `field`; raises InvalidRequest for one that the field cannot have."""
    match field.kind, literal:
        case (("date" | "moment"), str()):
            return time(field, literal if "T" in literal.upper() else f"{literal}T00:00:00Z")
        case (("date" | "moment"), _):
            raise InvalidRequest(f"{field.name}: it is a time, and can be compared with one, such as 2024-11-14.")
        case "number", str() | bool():
            return _number(field, literal)
        case "shape", _:
            raise InvalidRequest(f"{field.name}: it is a geometry, and has spatial functions only.")
    return literal


def _number(field: Field, literal: str | bool) -> float:
    """A number that came as text, as clients send the values of a GET."""
    if isinstance(literal, str) and NUMERAL.fullmatch(literal):
        return float(literal)
    raise InvalidRequest(f"{field.name}: it is a number, and can be compared with one.")


def time(field: Field, text: str) -> str:
    """An RFC 3339 time as the times of `field` are indexed."""
    return cut(text, field.name) if field.kind == "moment" else exact(text, field.name)


def equal(field: Field, value: Any) -> Query:
    """What has this value."""
    if _may_fail(field, value):
        return {"match": {field.path: {"query": value, "lenient": True}}}
    return {"term": {field.path: value}}


def one_of(field: Field, values: Sequence[Any]) -> Query:
    """What has one of these values."""
    if any(_may_fail(field, value) for value in values):
        return any_of([equal(field, value) for value in values])
    return {"terms": {field.path: list(values)}}


def within(field: Field, bounds: Bounds) -> Query:
    """What lies within `bounds`."""
    if any(isinstance(value, bool) for value in bounds.values()):
        raise InvalidRequest(f"{field.name}: true and false have no order.")
    if not any(_may_fail(field, value) for value in bounds.values()):
        return {"range": {field.path: dict(bounds)}}
    lower = f"[{_quoted(bounds['gte'])}" if "gte" in bounds else f"{{{_quoted(bounds.get('gt'))}"
    upper = f"{_quoted(bounds['lte'])}]" if "lte" in bounds else f"{_quoted(bounds.get('lt'))}}}"
    return _in_words(field, f"{lower} TO {upper}")


def alike(field: Field, pattern: str) -> Query:
    """What the wildcard `pattern` describes, in which a backslash makes the next character stand for itself."""
    if field.kind not in {"text", "any"}:
        raise InvalidRequest(f"{field.name}: it is no text, and has no pattern.")
    if field.kind == "text":
        return {"wildcard": {field.path: {"value": pattern}}}
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    if not any(part in {"*", "?"} for part in parts):
        return equal(field, "".join(part[-1] for part in parts))
    return _in_words(field, "".join(part if len(part) == 2 else SYNTAX.sub(r"\\\g<0>", part) for part in parts))


def _may_fail(field: Field, value: Any) -> bool:
    return field.kind == "any" and isinstance(value, str | bool)


def _quoted(value: Any) -> str:
    return "*" if value is None else '"{}"'.format(re.sub(r'(["\\])', r"\\\1", str(value)))


def _in_words(field: Field, words: str) -> Query:
    return {"query_string": {"fields": [field.path], "query": words, "lenient": True}}
