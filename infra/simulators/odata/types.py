"""What a station's entities consist of: the EDM types, enumerations, properties, attributes and entity sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Edm(StrEnum):
    """The primitive types of the CSC interfaces."""

    STRING = "String"
    INT64 = "Int64"
    DOUBLE = "Double"
    BOOLEAN = "Boolean"
    INSTANT = "DateTimeOffset"
    GUID = "Guid"
    ENUMERATION = "Enumeration"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An enum of `OData.CSC`; a member is stored as its position."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """A primitive property: its path, its type, and the SQL expression that yields it (default: its own column).

    Expressions may use `:now`, the station's time; instants are microseconds, booleans 0 and 1.
    """

    path: str
    edm: Edm
    sql: str = ""
    enumeration: Enumeration | None = None

    @property
    def expression(self) -> str:
        """The SQL expression of its value."""
        return self.sql or f'"{self.path}"'


@dataclass(frozen=True, slots=True)
class Attribute:
    """A product attribute of this station: its name, its type there, and the column that holds it."""

    name: str
    edm: Edm

    @property
    def column(self) -> str:
        """The SQL column of its value."""
        return f'"attribute_{self.name}"'

    @property
    def type_name(self) -> str:
        """The type as attributes name it: `Integer` where properties say `Int64`."""
        return "Integer" if self.edm is Edm.INT64 else self.edm.value


@dataclass(frozen=True, slots=True)
class EntitySet:
    """An entity set: its name, the table behind it, what is visible at `:now`, and its properties in wire order."""

    name: str
    table: str
    properties: tuple[Property, ...]
    visible: str = "1"
    key: str = "Id"
    """The property that is the key: a Guid, or a text."""
    order: str = "rowid"
    """The order of an answer that asked for none."""
    expands: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    """Columns that rendering needs and that are no properties."""
    media_type: str = ""
    """For a media entity (one with `$value`) its content type."""

    def renamed(self, names: Mapping[str, str]) -> EntitySet:
        """The same with some properties spelled differently, in answers and in queries."""
        properties = tuple(
            replace(each, path=names.get(each.path, each.path), sql=each.expression) for each in self.properties
        )
        return replace(self, properties=properties)

    def property(self, path: str) -> Property | None:
        """The property at `path`, or None."""
        return next((each for each in self.properties if each.path == path), None)
