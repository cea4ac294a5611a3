"""CQL2 (OGC 21-065r2) as a query of the engine.

Implemented: Basic CQL2, advanced comparison operators (LIKE, BETWEEN, IN), and of the spatial functions those below.
A filter that says something else is refused; no part of it is ever dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rs_server.catalog.comparisons import alike, comparable, equal, one_of, time, within
from rs_server.catalog.geometry import envelope, intersecting
from rs_server.catalog.properties import Field, FieldOf
from rs_server.catalog.rights_clause import EVERYTHING, NOTHING, Query, any_of
from rs_server.errors import InvalidRequest

MAX_DEPTH = 24
COMPARISONS = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
SPATIAL = {"s_intersects": "intersects", "s_within": "within", "s_contains": "contains", "s_disjoint": "disjoint"}
LIKE_TOKEN = re.compile(r"\\(.)|([%_*?\\])", re.DOTALL)

Literal = Callable[[str, Any], Any]
"""Gives a literal the form in which it is stored, by the name of the property that it is compared with."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What names and literals mean, where a filter is used."""

    field_of: FieldOf
    literal: Literal = lambda _name, value: value

    def query(self, expression: Any, depth: int = 0) -> Query:
        """The query of a CQL2 JSON expression; raises InvalidRequest saying what is not understood."""
        if depth > MAX_DEPTH:
            raise InvalidRequest(f"filter: it is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(expression, bool):
            return EVERYTHING if expression else NOTHING
        if not isinstance(expression, dict) or not isinstance(expression.get("op"), str):
            raise InvalidRequest("filter: an expression must be an object with 'op' and 'args'.")
        operator, arguments = expression["op"].lower(), expression.get("args")
        if not isinstance(arguments, list) or not arguments:
            raise InvalidRequest(f"filter: {operator!r} has no list of 'args'.")
        match operator:
            case "not" if len(arguments) > 1:
                raise InvalidRequest("filter: 'not' has one argument.")
            case "and":
                return {"bool": {"filter": [self.query(argument, depth + 1) for argument in arguments]}}
            case "or":
                return any_of([self.query(argument, depth + 1) for argument in arguments])
            case "not":
                return {"bool": {"must_not": [self.query(arguments[0], depth + 1)]}}
        return self._predicate(operator, arguments)

    def _predicate(self, operator: str, arguments: list[Any]) -> Query:
        match operator, arguments:
            case "isnull", [operand]:
                return {"bool": {"must_not": [{"exists": {"field": self._field(operand).path}}]}}
            case "like", [operand, str(pattern)]:
                return alike(self._field(operand), _wildcard(pattern))
            case "between", [operand, low, high] | [operand, [low, high]]:
                bounds = {"gte": self._value(operand, low), "lte": self._value(operand, high)}
                return within(self._field(operand), bounds)
            case "in", [operand, list(values)]:
                return one_of(self._field(operand), [self._value(operand, value) for value in values])
            case (("=" | "<>" | "<" | "<=" | ">" | ">="), [{"property": _} as operand, value]):
                return self._comparison(operator, operand, value)
            case (("=" | "<>" | "<" | "<=" | ">" | ">="), [value, {"property": _} as operand]):
                return self._comparison(MIRRORED[operator], operand, value)
            case _, [operand, dict(shape)] if operator in SPATIAL:
                return intersecting(self._shape_field(operand).path, _shape(shape), SPATIAL[operator])
        raise InvalidRequest(f"filter: {operator!r} is not supported, or not with these arguments.")

    def _comparison(self, operator: str, operand: dict[str, Any], literal: Any) -> Query:
        field, value = self._field(operand), self._value(operand, literal)
        match operator:
            case "=":
                return equal(field, value)
            case "<>":
                return {"bool": {"filter": [{"exists": {"field": field.path}}], "must_not": [equal(field, value)]}}
        return within(field, {COMPARISONS[operator]: value})

    def _field(self, operand: Any) -> Field:
        match operand:
            case {"property": str(name)}:
                return self.field_of(name)
        raise InvalidRequest("filter: the first argument must be a property.")

    def _shape_field(self, operand: Any) -> Field:
        field = self._field(operand)
        if field.kind != "shape":
            raise InvalidRequest(f"filter: {field.name!r} is no geometry.")
        return field

    def _time(self, field: Field, text: str) -> str:
        if field.kind not in {"date", "moment"}:
            raise InvalidRequest(f"filter: {field.name!r} is no time.")
        return time(field, text)

    def _value(self, operand: dict[str, Any], literal: Any) -> Any:
        field = self._field(operand)
        match literal:
            case {"timestamp": str(text)}:
                return self._time(field, text)
            case {"date": str(text)}:
                return self._time(field, f"{text}T00:00:00Z")
            case str() | bool() | int() | float():
                return comparable(field, self.literal(operand["property"], literal))
        raise InvalidRequest("filter: a property can be compared with text, a number, a truth value or a time.")


def escaped(text: str) -> str:
    """Text in which the engine's wildcards stand for themselves."""
    return re.sub(r"([*?\\])", r"\\\1", text)


def _wildcard(pattern: str) -> str:
    """CQL2's % and _ as the engine's * and ?; a backslash takes the meaning from the character after it."""

    def replaced(match: re.Match[str]) -> str:
        character = match[1] or match[2]
        if match[2] in {"%", "_"}:
            return "*" if character == "%" else "?"
        return escaped(character)

    return LIKE_TOKEN.sub(replaced, pattern)


def _shape(shape: dict[str, Any]) -> dict[str, Any]:
    match shape:
        case {"bbox": list(bbox)}:
            return envelope(bbox)
        case {"type": str(), "coordinates": list()} | {"type": "GeometryCollection", "geometries": list()}:
            return shape
    raise InvalidRequest("filter: a spatial predicate needs a GeoJSON geometry or a bbox.")
