"""A filter after it was read: typed against the queryables, so that nothing after this point meets a wrong type.

Values are Python's: str, float, bool, or an aware datetime for a property that is a date and time. `between` is read
as two comparisons and a bare boolean property as a comparison with true.

And and Or are no named tuples, as the others are: those with the same arguments would be equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

Value = str | float | bool | datetime
Operator = Literal["=", "<>", "<", "<=", ">", ">="]

NEGATED: dict[Operator, Operator] = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED: dict[Operator, Operator] = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    args: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    args: tuple[Filter, ...]


class Not(NamedTuple):
    """The opposite; of what is unknown it is unknown too."""

    arg: Filter


class Constant(NamedTuple):
    """True or false whatever the item."""

    value: bool


class Compare(NamedTuple):
    """A property against a value."""

    property: str
    op: Operator
    value: Value


class In(NamedTuple):
    """A property against a list of values."""

    property: str
    values: tuple[Value, ...]


class Like(NamedTuple):
    """A text property against a pattern: `%` any text, `_` one character, a backslash takes their meaning away."""

    property: str
    pattern: str


class IsNull(NamedTuple):
    """The item lacks the property, or it is null."""

    property: str


class Other(NamedTuple):
    """Anything else CQL2 has (spatial, temporal and array functions, arithmetic, case): evaluated by `cql2`."""

    expression: dict[str, Any]
    properties: frozenset[str]


Filter = And | Or | Not | Constant | Compare | In | Like | IsNull | Other
TRUE = Constant(True)


def conjuncts(node: Filter) -> Iterator[Filter]:
    """The parts of `node` that must all hold."""
    if isinstance(node, And):
        for arg in node.args:
            yield from conjuncts(arg)
    elif node != TRUE:
        yield node


def all_of(parts: list[Filter]) -> Filter:
    """The filter that holds where all of `parts` hold."""
    flat = tuple(part for given in parts for part in conjuncts(given))
    return TRUE if not flat else flat[0] if len(flat) == 1 else And(flat)


def properties_of(node: Filter) -> frozenset[str]:
    """The properties that `node` looks at."""
    if isinstance(node, And | Or):
        return frozenset().union(*(properties_of(arg) for arg in node.args))
    if isinstance(node, Not):
        return properties_of(node.arg)
    if isinstance(node, Constant):
        return frozenset()
    return node.properties if isinstance(node, Other) else frozenset({node.property})


def pattern_tokens(pattern: str) -> list[tuple[Literal["text", "%", "_"], str]]:
    """A LIKE pattern cut into literal texts (escapes resolved) and wildcards."""
    tokens: list[tuple[Literal["text", "%", "_"], str]] = []
    escaped = False
    for character in pattern:
        if character == "\\" and not escaped:
            escaped = True
            continue
        if character == "%" and not escaped:
            tokens.append(("%", ""))
        elif character == "_" and not escaped:
            tokens.append(("_", ""))
        elif tokens and tokens[-1][0] == "text":
            tokens[-1] = ("text", tokens[-1][1] + character)
        else:
            tokens.append(("text", character))
        escaped = False
    return tokens
