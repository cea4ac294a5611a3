"""What can be asked of items: names, types, and where a station keeps the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

Kind = Literal["string", "number", "integer", "boolean", "datetime", "array", "geometry", "any"]
AttributeType = Literal["String", "Integer", "Double", "Boolean", "DateTimeOffset"]


class Column(NamedTuple):
    """Where a station keeps a value: a property of its entity, or one of its typed attributes."""

    path: str
    """`PublicationDate`, `ContentDate/Start`, or the name of an attribute."""
    kind: Kind
    nullable: bool = True
    """Whether entities may lack it."""
    attribute: AttributeType | None = None
    """The type of the attribute, or None for a plain property."""


class Same(NamedTuple):
    """The item has the station's value as it is."""

    column: Column
    fallback: bool = False
    """The item has another value where the station has null."""
    partial: bool = False
    """The item lacks the value in some cases where the station has one."""


class Coded(NamedTuple):
    """The item has a value of its own for each combination of the station's: `S1A` is `sentinel-1a`.

    An entity with another combination has no such property. Each value stands for alternatives, each alternative for
    columns and what they hold.
    """

    values: Mapping[str, tuple[tuple[tuple[Column, str | bool], ...], ...]]
    partial: bool = False
    """The item lacks the value in some cases where the station has the combination."""


class Named(NamedTuple):
    """The item id: the station's name of the entity without what `suffixes` may follow."""

    column: Column
    suffixes: tuple[str, ...]
    """What the item id has behind the name (`.r1`), or the name behind the item id (`.SAFE.zip`)."""
    longer: Literal["item", "station"]
    """Which of the two has the suffix."""


class Derived(NamedTuple):
    """The item's value is made of the station's text; `candidates` are the texts that a value can come from."""

    column: Column
    candidates: Callable[[str], tuple[str, ...]]


class Footprint:
    """The item's geometry, which the station can intersect with an area."""


class Absent:
    """No item has it: whatever is compared with it is unknown."""


Source = Same | Coded | Named | Derived | Footprint | Absent


class Queryable(NamedTuple):
    """A property that filters may use."""

    name: str
    title: str
    kind: Kind
    source: Source | None = None
    """None: the station cannot be asked; the property is evaluated here."""
    schema: Mapping[str, Any] = {}
    """Further members of its JSON schema: enum, minimum, examples."""

    def to_schema(self) -> dict[str, Any]:
        """Its JSON schema as `/queryables` shows it."""
        if self.kind == "geometry":
            return {"title": self.title, "format": "geometry-any"}  # as OGC API Features Part 3 has it, without a type
        kind: dict[str, Any] = (
            {"type": "string", "format": "date-time"} if self.kind == "datetime" else {"type": self.kind}
        )
        return {"title": self.title} | kind | dict(self.schema)


Queryables = Mapping[str, Queryable]


def queryable_of(queryables: Queryables, name: str) -> Queryable:
    """The queryable of a name; one that no item has for any other name, as the filter extension allows."""
    return queryables.get(name) or Queryable(name, name, "any", Absent())
