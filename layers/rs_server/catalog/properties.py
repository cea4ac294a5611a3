"""Names that queries use, and the fields of the engine that they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rs_server.catalog.engine.mappings import (
    COLLECTION_DATES,
    COLLECTION_KEYWORDS,
    COLLECTION_PROSE,
    DATE_PROPERTIES,
    KEYWORD_PROPERTIES,
    NUMBER_PROPERTIES,
    PROSE_PROPERTIES,
)
from rs_server.errors import InvalidRequest

Kind = Literal["text", "number", "date", "moment", "shape", "any"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the engine: its path, and what it holds; `any` where that is up to the items."""

    path: str
    kind: Kind

    @property
    def name(self) -> str:
        """The property's name, as queries write it."""
        return self.path.removeprefix("properties.")


FieldOf = Callable[[str], Field]
"""Finds the field that a query's property name means; raises InvalidRequest where there is none."""


def item_field(name: str) -> Field:
    """The field of an item's property, which may be written with or without `properties.` before it."""
    match name:
        case "id" | "collection":
            return Field(name, "text")
        case "geometry":
            return Field(name, "shape")
    bare = name.removeprefix("properties.")
    if not bare or "*" in bare or "^" in bare:
        raise InvalidRequest(f"Property {bare!r}: a name is not empty, and has no '*' or '^'.")
    return Field(f"properties.{bare}", _kind(bare))


def collection_field(name: str) -> Field:
    """The field of a collection's member; only a few are indexed."""
    if name in COLLECTION_DATES:
        return Field(name, "date")
    if name in (*COLLECTION_KEYWORDS, *COLLECTION_PROSE):
        return Field(name, "text")
    known = ", ".join(sorted((*COLLECTION_DATES, *COLLECTION_KEYWORDS, *COLLECTION_PROSE)))
    raise InvalidRequest(f"Property {name!r}: collections can be found and sorted by {known}.")


def _kind(name: str) -> Kind:
    if name == "datetime":
        return "moment"
    if name in DATE_PROPERTIES or name.endswith("datetime"):
        return "date"
    if name in KEYWORD_PROPERTIES or name in PROSE_PROPERTIES:
        return "text"
    return "number" if name in NUMBER_PROPERTIES else "any"
