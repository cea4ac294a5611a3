"""The syntax tree of a `$filter`."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.odata.types import Edm

type Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal: its type, and its value (an instant in microseconds; a Guid in lower case; a name for an enum)."""

    edm: Edm
    value: Value
    enumeration: str = ""
    """For an enum member the name of its enumeration, such as `JobStatus`."""


@dataclass(frozen=True, slots=True)
class Path:
    """A property, such as `Name` or `ContentDate/Start`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function that yields a value, such as `tolower(Name)`."""

    function: str
    arguments: tuple[Argument, ...]


type Argument = Path | Call | Literal
type Operand = Path | Call


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operand operator literal`."""

    operand: Operand
    operator: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Membership:
    """`operand in (literal, ...)`."""

    operand: Operand
    literals: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class TextTest:
    """`startswith`, `endswith`, `contains` or `matchesPattern` of two arguments."""

    function: str
    text: Argument
    part: Argument


@dataclass(frozen=True, slots=True)
class AttributeTest:
    """An attribute of a product with this name and type has a value that passes; `operator` may be `in`."""

    attribute_type: Edm
    name: str
    operator: str
    literals: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class SpatialTest:
    """`OData.CSC.Intersects`, `Within` or `Disjoints` of the footprint and an area, given as EWKT."""

    function: str
    area: str


@dataclass(frozen=True, slots=True)
class Negation:
    """`not condition`; `spaced` tells `not (x)` from `not(x)`, which most stations refuse."""

    condition: Condition
    spaced: bool


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All of the conditions."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """Any of the conditions."""

    conditions: tuple[Condition, ...]


type Condition = Comparison | Membership | TextTest | AttributeTest | SpatialTest | Negation | Conjunction | Disjunction
