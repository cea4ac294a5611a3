"""Whether an item passes a filter: SQL's three-valued logic, in which a property that is missing makes "unknown".

Comparisons, lists, patterns and null tests are decided here on typed values; all else by `cql2`'s matcher, whose
failure on an item (it raises for a missing property or a wrong type) is "unknown".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from rs_server.stations.filters.syntax import (
    And,
    Compare,
    Constant,
    Filter,
    In,
    IsNull,
    Like,
    Not,
    Or,
    Other,
    pattern_tokens,
)
from rs_server.stations.odata.query import parse_datetime

Item = Mapping[str, Any]
Truth = bool | None
Test = Callable[[Item], Truth]

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TOP_LEVEL = frozenset({"id", "collection", "geometry"})


def matcher(node: Filter) -> Callable[[Item], bool]:
    """A test for items: true where `node` is true, false where it is false or unknown."""
    test = _test(node)
    return lambda item: test(item) is True


def _test(node: Filter) -> Test:
    match node:
        case Constant(value):
            return lambda _: value
        case And(args):
            return _and([_test(arg) for arg in args])
        case Or(args):
            return _or([_test(arg) for arg in args])
        case Not(arg):
            return _not(_test(arg))
        case IsNull(name):
            return lambda item: value_of(item, name) is None
        case Other(expression, names):
            return _other(expression, names)
        case Compare() | In() | Like():
            return _leaf(node)


def _and(tests: list[Test]) -> Test:
    def test(item: Item) -> Truth:
        unknown = False
        for part in tests:
            truth = part(item)
            if truth is False:
                return False
            unknown = unknown or truth is None
        return None if unknown else True

    return test


def _or(tests: list[Test]) -> Test:
    def test(item: Item) -> Truth:
        unknown = False
        for part in tests:
            truth = part(item)
            if truth is True:
                return True
            unknown = unknown or truth is None
        return None if unknown else False

    return test


def _not(inner: Test) -> Test:
    def test(item: Item) -> Truth:
        truth = inner(item)
        return None if truth is None else not truth

    return test


def _leaf(node: Compare | In | Like) -> Test:
    test = value_test(node)
    name = node.property
    moments = isinstance(node, Compare) and isinstance(node.value, datetime)
    moments = moments or (isinstance(node, In) and any(isinstance(value, datetime) for value in node.values))

    def leaf(item: Item) -> Truth:
        value = value_of(item, name)
        if value is None:
            return None
        return test(_moment(value) if moments else value)

    return leaf


def value_test(node: Compare | In | Like) -> Callable[[Any], bool]:
    """What `node` asks of a value that is there (a datetime for dates and times)."""
    match node:
        case Compare(_, op, value):
            compare = OPERATORS[op]
            return lambda given: compare(given, value)
        case In(_, values):
            wanted = frozenset(values)
            return lambda given: given in wanted
        case Like(_, pattern):
            expression = _pattern(pattern)
            return lambda given: expression.fullmatch(given) is not None


def value_of(item: Item, name: str) -> Any:
    """The value of a property, None where the item lacks it."""
    return item.get(name) if name in TOP_LEVEL else item["properties"].get(name)


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime:
    return parse_datetime(text)


def _pattern(pattern: str) -> re.Pattern[str]:
    wildcards = {"%": ".*", "_": "."}
    return re.compile(
        "".join(wildcards[kind] if kind != "text" else re.escape(text) for kind, text in pattern_tokens(pattern)),
        re.DOTALL,
    )


def _other(expression: dict[str, Any], names: frozenset[str]) -> Test:
    import cql2

    compiled = cql2.Expr(expression)

    def test(item: Item) -> Truth:
        properties = {name: value for name, value in item["properties"].items() if name in names}
        top = {name: item.get(name) for name in TOP_LEVEL & names}
        try:
            return bool(compiled.matches({"properties": properties} | top))
        except Exception:  # the library raises the bare class for what it cannot evaluate on this item
            return None

    return test
