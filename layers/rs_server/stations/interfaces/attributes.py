"""How a property of items is made of a product's attributes, and how it can be asked for: the kinds there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from rs_server.stations.interfaces.values import instant, text, whole_number
from rs_server.stations.queryables import AttributeType, Coded, Column, Kind, Queryable, Same, Source

Attributes = Mapping[str, Any]
Reader = Callable[[Attributes], Any]

KINDS: Mapping[AttributeType, Kind] = {
    "String": "string",
    "Integer": "integer",
    "Double": "number",
    "Boolean": "boolean",
    "DateTimeOffset": "datetime",
}


class Mapped(NamedTuple):
    """A property of items: how it is read from a product's attributes, and how it can be asked for."""

    queryable: Queryable
    read: Reader


def attribute(name: str, kind: AttributeType = "String") -> Column:
    """The column of an attribute."""
    return Column(name, KINDS[kind], attribute=kind)


def same(name: str, title: str, held: str, kind: AttributeType = "String", *, partial: bool = False) -> Mapped:
    """The attribute's value as it is."""
    column = attribute(held, kind)
    readers: Mapping[Kind, Callable[[object], Any]] = {
        "string": text,
        "integer": whole_number,
        "number": number,
        "datetime": instant,
    }
    read = readers[column.kind]
    return Mapped(
        Queryable(name, title, column.kind, Same(column, partial=partial)), lambda values: read(values.get(held))
    )


def coded(name: str, title: str, held: str, codes: Mapping[str, str]) -> Mapped:
    """A value of ours for each of the attribute's; others are left out."""
    column = attribute(held)
    alternatives: dict[str, tuple[tuple[tuple[Column, str | bool], ...], ...]] = {}
    for code, value in codes.items():
        alternatives[value] = (*alternatives.get(value, ()), ((column, code),))
    queryable = Queryable(name, title, "string", Coded(alternatives), {"enum": sorted(alternatives)})
    return Mapped(queryable, lambda values: codes.get(str(values.get(held))))


def listed(name: str, title: str, read: Reader, examples: list[str]) -> Mapped:
    """A list, which no station can be asked for."""
    schema = {"items": {"type": "string"}, "examples": [examples]}
    return Mapped(Queryable(name, title, "array", None, schema), read)


def number(value: object) -> float | None:
    """A Double, which some stations write as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def computed(name: str, title: str, kind: Kind, source: Source | None, read: Reader, **schema: Any) -> Mapped:
    """A value that is read in a way of its own."""
    return Mapped(Queryable(name, title, kind, source, schema), read)
