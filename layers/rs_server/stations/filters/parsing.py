"""Reads CQL2 (text or JSON) into our typed syntax; everything a caller can get wrong is a 400 that says what.

The text is measured before it is given to `cql2`, whose parser overflows the stack on deep nesting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, datetime
from typing import Any, cast

from rs_server.errors import InvalidRequest
from rs_server.stations.filters.syntax import (
    MIRRORED,
    And,
    Compare,
    Constant,
    Filter,
    In,
    IsNull,
    Like,
    Not,
    Operator,
    Or,
    Other,
    Value,
    all_of,
)
from rs_server.stations.odata.query import parse_datetime
from rs_server.stations.queryables import Kind, Queryables, queryable_of

MAX_TEXT = 16_384
MAX_DEPTH = 40
MAX_NEGATIONS = 200

LATEST = "9999-12-30T00:00:00Z"
"""The last day that `cql2` can hold; no item has a later date."""

TEMPORAL = frozenset(
    {"t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedby", "t_finishes"}
    | {"t_intersects", "t_meets", "t_metby", "t_overlappedby", "t_overlaps", "t_startedby", "t_starts"}
)
SPATIAL = frozenset(
    {"s_contains", "s_crosses", "s_disjoint", "s_equals", "s_intersects", "s_overlaps", "s_touches", "s_within"}
)
ARRAYS = frozenset({"a_containedby", "a_contains", "a_equals", "a_overlaps"})
ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^", "div"})
FOLDING = frozenset({"casei", "accenti"})
COMPARISONS: Mapping[str, Operator] = {op: op for op in MIRRORED}
KNOWN = (
    frozenset(COMPARISONS) | TEMPORAL | SPATIAL | ARRAYS | ARITHMETIC | FOLDING | {"like", "in", "between", "isNull"}
)

Json = Any


def read_text(text: str, queryables: Queryables) -> Filter:
    """Read CQL2 text; raises InvalidRequest saying what is wrong with it."""
    import cql2

    _measure(text)
    try:
        expression = cql2.parse_text(text).to_json()
    except (cql2.ParseError, ValueError) as error:
        raise InvalidRequest(f"The filter is not CQL2 text: {_first_line(error)}") from None
    return Reader(queryables).read(expression)


def read_json(document: Json, queryables: Queryables) -> Filter:
    """Read CQL2 JSON, decoded; raises InvalidRequest saying what is wrong with it."""
    import cql2

    try:
        text = json.dumps(document, allow_nan=False)
    except (ValueError, RecursionError):
        raise InvalidRequest("The filter is not CQL2 JSON.") from None
    if len(text) > 4 * MAX_TEXT:
        raise InvalidRequest("The filter is too long. Ask for less at once; many ids go into 'ids'.")
    try:
        expression = cql2.parse_json(text).to_json()
    except (cql2.ParseError, ValueError) as error:
        raise InvalidRequest(f"The filter is not CQL2 JSON: {_first_line(error)}") from None
    return Reader(queryables).read(expression)


def _measure(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise InvalidRequest("The filter is too long. Ask for less at once; many ids go into 'ids'.")
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH or len(re.findall(r"\bnot\b", text, re.IGNORECASE)) > MAX_NEGATIONS:
        raise InvalidRequest(f"The filter is nested too deeply: {MAX_DEPTH} levels are enough.")


def _first_line(error: Exception) -> str:
    lines = [line.strip(" |=") for line in str(error).splitlines()]
    return "; ".join(line for line in lines if line and set(line) - set("^-1234567890 |"))[:300]


def _is_property(node: Json) -> bool:
    return isinstance(node, dict) and set(node) == {"property"}


class Reader:
    """Reads the JSON form of an expression against the queryables of a search."""

    def __init__(self, queryables: Queryables) -> None:
        self.queryables = queryables

    def read(self, node: Json) -> Filter:
        """The typed filter of `node`."""
        if isinstance(node, bool):
            return Constant(node)
        if _is_property(node):
            name = self._name(node)
            self._expect(name, {"boolean"}, "stand alone in a filter")
            return Compare(name, "=", True)
        if not isinstance(node, dict) or "op" not in node:
            raise InvalidRequest("The filter must be a condition that is true or false, such as a comparison.")
        return self._operation(str(node["op"]), list(node.get("args", ())), node)

    def _operation(self, op: str, args: list[Json], node: dict[str, Any]) -> Filter:
        logical: Mapping[str, Callable[[], Filter]] = {
            "and": lambda: all_of([self.read(arg) for arg in self._some(op, args)]),
            "or": lambda: Or(tuple(self.read(arg) for arg in self._some(op, args))),
            "not": lambda: Not(self.read(self._exactly(op, args, 1)[0])),
            "isNull": lambda: self._is_null(args, node),
            "between": lambda: self._between(args, node),
            "in": lambda: self._in(args),
            "like": lambda: self._like(args, node),
        }
        if op in logical:
            return logical[op]()
        if op in COMPARISONS:
            return self._comparison(COMPARISONS[op], self._exactly(op, args, 2), node)
        if op in TEMPORAL:
            return self._other({"op": op, "args": [self._temporal(arg) for arg in self._exactly(op, args, 2)]})
        if op in SPATIAL | ARRAYS:
            self._exactly(op, args, 2)
            return self._other(node)
        raise InvalidRequest(f"The filter has {op!r}, which is no operator of CQL2 that gives true or false.")

    def _some(self, op: str, args: list[Json]) -> list[Json]:
        if not args:
            raise InvalidRequest(f"In the filter, {op!r} has nothing to work on.")
        return args

    def _exactly(self, op: str, args: list[Json], number: int) -> list[Json]:
        if len(args) != number:
            raise InvalidRequest(f"In the filter, {op!r} needs {number} arguments, not {len(args)}.")
        return args

    def _name(self, node: Json) -> str:
        return str(node["property"]).removeprefix("properties.")

    def _kind(self, name: str) -> Kind:
        return queryable_of(self.queryables, name).kind

    def _expect(self, name: str, kinds: set[Kind], to_do: str) -> None:
        kind = self._kind(name)
        if kind not in {*kinds, "any"}:
            raise InvalidRequest(f"{name!r} is of type {kind} and cannot {to_do}.")

    def _is_null(self, args: list[Json], node: dict[str, Any]) -> Filter:
        (operand,) = self._exactly("isNull", args, 1)
        return IsNull(self._name(operand)) if _is_property(operand) else self._other(node)

    def _between(self, args: list[Json], node: dict[str, Any]) -> Filter:
        if len(args) == 2 and isinstance(args[1], list):  # as drafts of CQL2 had it
            args = [args[0], *args[1]]
        operand, lower, upper = self._exactly("between", args, 3)
        return And((self._comparison(">=", [operand, lower], node), self._comparison("<=", [operand, upper], node)))

    def _comparison(self, op: Operator, args: list[Json], node: dict[str, Any]) -> Filter:
        left, right = args
        if _is_property(right) and not _is_property(left):
            left, right, op = right, left, MIRRORED[op]
        if _is_property(left) and not self._computed(right):
            name = self._name(left)
            self._expect(name, {"string", "number", "integer", "boolean", "datetime"}, "be compared")
            return Compare(name, op, self._value(name, right))
        return self._other({**node, "op": op, "args": [left, right]})

    def _in(self, args: list[Json]) -> Filter:
        operand, values = self._exactly("in", args, 2)
        if not isinstance(values, list):
            raise InvalidRequest("In the filter, 'in' needs a list of values.")
        if _is_property(operand) and not any(self._computed(value) for value in values):
            name = self._name(operand)
            self._expect(name, {"string", "number", "integer", "boolean", "datetime"}, "be compared")
            return In(name, tuple(self._value(name, value) for value in values))
        return Or(tuple(self._comparison("=", [operand, value], {"op": "="}) for value in self._some("in", values)))

    def _like(self, args: list[Json], node: dict[str, Any]) -> Filter:
        operand, pattern = self._exactly("like", args, 2)
        if not _is_property(operand):
            return self._other(node)
        if not isinstance(pattern, str):
            raise InvalidRequest("In the filter, 'like' needs a pattern: a text with % and _.")
        name = self._name(operand)
        self._expect(name, {"string"}, "be compared with a pattern")
        return Like(name, pattern)

    def _computed(self, node: Json) -> bool:
        return isinstance(node, dict) and not {"timestamp", "date"} & set(node)

    def _value(self, name: str, node: Json) -> Value:
        kind = self._kind(name)
        if kind == "datetime" or (kind == "any" and isinstance(node, dict)):
            return self._moment(name, node)
        if kind == "any" and isinstance(node, bool | str):
            return node
        expected = {"string": (str,), "boolean": (bool,)}.get(kind, (int, float))
        if not isinstance(node, expected) or (isinstance(node, bool) and kind != "boolean"):
            raise InvalidRequest(f"{name!r} is of type {kind} and cannot be compared with {json.dumps(node)}.")
        return float(node) if isinstance(node, int) and not isinstance(node, bool) else cast("Value", node)

    def _moment(self, name: str, node: Json) -> datetime:
        text = next(iter(node.values())) if isinstance(node, dict) and len(node) == 1 else node
        try:
            return parse_datetime(text)
        except (TypeError, ValueError):
            raise InvalidRequest(
                f"{name!r} is a date and time: compare it with TIMESTAMP('2024-11-14T14:30:00Z'), "
                f"not with {json.dumps(node)}."
            ) from None

    def _other(self, node: dict[str, Any]) -> Filter:
        names: set[str] = set()
        expression = self._checked(node, names)
        return Other(expression, frozenset(names))

    def _checked(self, node: Json, names: set[str]) -> Json:
        """`node` with the property names as items have them; raises InvalidRequest for what cannot be evaluated."""
        if _is_property(node):
            names.add(self._name(node))
            return {"property": self._name(node)}
        if isinstance(node, list):
            return [self._checked(part, names) for part in node]
        if isinstance(node, dict) and "op" in node:
            if node["op"] not in KNOWN:
                raise InvalidRequest(f"The filter has {node['op']!r}, which is no operator that we know.")
            return {"op": node["op"], "args": self._checked(list(node.get("args", ())), names)}
        if isinstance(node, dict) and "interval" in node:
            return {"interval": self._checked(list(node["interval"]), names)}
        return node

    def _temporal(self, node: Json) -> Json:
        """An operand of a temporal function: an instant, or an interval of two ends."""
        if isinstance(node, dict) and "interval" in node:
            return {"interval": [self._end(end) for end in self._exactly("interval", list(node["interval"]), 2)]}
        if isinstance(node, dict) and ("timestamp" in node or "date" in node):
            return {name: self._end(text) for name, text in node.items()}
        return self._end(node)

    def _end(self, node: Json) -> Json:
        """A date, a moment or `..` as text, or a property that is one; moments that `cql2` cannot hold are lowered."""
        if _is_property(node):
            self._expect(self._name(node), {"datetime"}, "be used in a temporal function")
            return node
        if node == "..":
            return node
        try:
            return LATEST if parse_datetime(node).year == MAXYEAR else node
        except (TypeError, ValueError):
            raise InvalidRequest(f"In the filter, {json.dumps(node)} is no date and time.") from None
