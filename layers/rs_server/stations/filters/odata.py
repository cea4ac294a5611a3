"""OData conditions, and what a station can be asked with the operators that it has.

A condition stands for the entities for which a filter is true, or for more of them: then it is not exact, and the
filter is evaluated again here. It never stands for fewer. So what a station lacks is left out, never a wrong answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from rs_server.stations.filters.syntax import Operator, Value
from rs_server.stations.odata.query import datetime_literal, string_literal
from rs_server.stations.profiles.model import Operator as ODataOperator
from rs_server.stations.profiles.model import Station
from rs_server.stations.queryables import Column

LARGEST = 2.0**53
"""Beyond this a number of JSON is no exact whole number."""

NAMES: dict[Operator, ODataOperator] = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


class Condition(NamedTuple):
    """The text of a `$filter`; empty text is "all entities", None is "no entity"."""

    text: str | None
    exact: bool = True


ALL = Condition("")
NONE = Condition(None)
UNASKED = Condition("", exact=False)
"""The station cannot be asked this: all entities, to be looked at here."""


def all_of(conditions: Iterable[Condition]) -> Condition:
    """The conjunction: exact where every part is."""
    parts = list(conditions)
    if any(part.text is None for part in parts):
        return NONE
    texts = dict.fromkeys(part.text for part in parts if part.text)
    return Condition(" and ".join(texts), all(part.exact for part in parts))


def any_of(station: Station, conditions: Iterable[Condition]) -> Condition:
    """The disjunction, or UNASKED at a station without `or`."""
    parts = [part for part in conditions if part.text is not None]
    if not parts:
        return NONE
    if any(part.text == "" for part in parts):
        return ALL if any(part == ALL for part in parts) else UNASKED
    texts = list(dict.fromkeys(part.text or "" for part in parts))
    exact = all(part.exact for part in parts)
    if len(texts) == 1:
        return Condition(texts[0], exact)
    if not station.understands("or"):
        return UNASKED
    return Condition("(" + " or ".join(_grouped(text) for text in texts) + ")", exact)


def _grouped(text: str) -> str:
    return f"({text})" if " and " in text else text


def negated(station: Station, condition: Condition, *, nullable: bool) -> Condition:
    """The complement of an exact condition; entities with null are in it at some stations, so then it is not exact."""
    if condition.text is None:
        return UNASKED if nullable else ALL
    if not condition.text:
        return NONE if condition.exact else UNASKED
    if not condition.exact or not station.understands("not"):
        return UNASKED
    return Condition(f"not ({condition.text})", exact=not nullable)


def expression(column: Column, comparison: str) -> str:
    """`comparison` (such as `eq 'x'`) with a column: of a property as it is, of an attribute in its lambda."""
    if column.attribute is None:
        return f"{column.path} {comparison}"
    kind = f"OData.CSC.{column.attribute}Attribute"
    name = string_literal(column.path)
    return f"Attributes/{kind}/any(att:att/Name eq {name} and att/{kind}/Value {comparison})"


def literal(value: Value) -> str:
    """`value` as OData writes it."""
    if isinstance(value, datetime):
        return datetime_literal(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return string_literal(value)
    return str(int(value)) if value.is_integer() else repr(value)


def comparison(station: Station, column: Column, op: Operator, value: Value) -> Condition:
    """A column against a value, rewritten where the station lacks the operator."""
    if column.attribute is not None:
        if column.path in station.lacks:
            return NONE
        held = station.attribute_types.get(column.path, column.attribute)
        if held != column.attribute:
            return _of_another_type(station, column._replace(attribute=held), op, value)
    if isinstance(value, bool) and op not in {"=", "<>"}:
        return UNASKED
    if isinstance(value, float):
        if not _is_writable(value):
            return UNASKED
        if column.kind == "integer" and not value.is_integer():
            return _between_integers(station, column, op, value)
    return _compared(station, column, NAMES[op], literal(value))


def _of_another_type(station: Station, column: Column, op: Operator, value: Value) -> Condition:
    """A whole number that the station holds as text, or the other way round: only equality means the same there."""
    if op != "=":
        return UNASKED
    if column.attribute == "String" and isinstance(value, float) and _is_plain(column._replace(kind="integer"), value):
        return Condition(_compared(station, column, "eq", literal(str(int(value)))).text, exact=False)
    if column.attribute == "Integer" and isinstance(value, str) and value.isascii() and value.isdigit():
        return Condition(_compared(station, column, "eq", str(int(value))).text, exact=False)
    return UNASKED


def _between_integers(station: Station, column: Column, op: Operator, value: float) -> Condition:
    if op == "=":
        return NONE
    if op == "<>":
        return UNASKED if column.nullable else ALL
    if op in {"<", "<="}:
        return _compared(station, column, "le", str(math.floor(value)))
    return _compared(station, column, "ge", str(math.ceil(value)))


def _compared(station: Station, column: Column, operator: ODataOperator, text: str) -> Condition:
    if _understands(station, operator, column):
        exact = operator != "ne" or not column.nullable or column.attribute is not None
        return Condition(expression(column, f"{operator} {text}"), exact)
    if operator == "ne":
        return negated(station, _compared(station, column, "eq", text), nullable=column.nullable)
    if operator in {"le", "ge"}:
        strict: ODataOperator = "lt" if operator == "le" else "gt"
        return any_of(station, [_compared(station, column, part, text) for part in (strict, "eq")])
    return UNASKED


def _understands(station: Station, operator: ODataOperator, column: Column) -> bool:
    return station.understands(operator, column.path, attribute=column.attribute is not None)


def one_of(station: Station, column: Column, values: Iterable[Value]) -> Condition:
    """A column against a list of values."""
    given = list(dict.fromkeys(values))
    if any(isinstance(value, float) and not _is_writable(value) for value in given):
        return UNASKED
    known = [value for value in given if not isinstance(value, float) or _is_plain(column, value)]
    plain = column.path not in station.lacks and column.path not in station.attribute_types
    if len(known) < 2 or not plain or not _understands(station, "in", column):
        return any_of(station, [comparison(station, column, "=", value) for value in known])
    return Condition(expression(column, "in (" + ",".join(literal(value) for value in known) + ")"))


def _is_writable(value: float) -> bool:
    """Whether a number is the same at the station when we have written it: exact, and without an exponent."""
    return math.isfinite(value) and abs(value) <= LARGEST and "e" not in repr(value)


def _is_plain(column: Column, value: float) -> bool:
    """Whether a column can hold this number at all, and we can write it."""
    return _is_writable(value) and (column.kind != "integer" or value.is_integer())


def text_function(station: Station, function: ODataOperator, column: Column, text: str) -> Condition:
    """`startswith`, `endswith` or `contains` on a plain property."""
    if column.attribute is not None or not station.understands(function, column.path):
        return UNASKED
    return Condition(f"{function}({column.path},{string_literal(text)})")


def is_null(station: Station, column: Column) -> Condition:
    """Entities that lack the value."""
    if not column.nullable:
        return NONE
    if column.attribute is not None or not station.understands("null", column.path):
        return UNASKED
    return Condition(f"{column.path} eq null")
