"""YAML into named tuples: every fault is told with file, line and field.

Types that a field may have: str, int, float, bool, Any, Literal, tuple[X, ...], frozenset[X], Mapping[str, X], and
another named tuple.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C reads a profile ten times as fast, which each cold start has to do; not every build of yaml has it."""
CONSTRUCTOR = yaml.constructor.SafeConstructor()
PLAIN = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


class InvalidProfile(Exception):
    """A profile cannot be used as it is; the message names file, line and field."""


class Place(NamedTuple):
    """Where in which document something stands."""

    file: str
    line: int
    field: str = ""

    def inside(self, node: yaml.Node, name: str) -> Place:
        """The place of a member of what stands here."""
        return Place(self.file, node.start_mark.line + 1, f"{self.field}.{name}" if self.field else name)

    def refuse(self, message: str) -> InvalidProfile:
        """The fault at this place."""
        return InvalidProfile(f"{self.file}, line {self.line}: {self.field or 'document'}: {message}")


def read_document[T](kind: type[T], text: str, file: str) -> tuple[T, yaml.Node]:
    """Read `text` as a `kind` (a NamedTuple); also its nodes, for checks that need lines. Raises InvalidProfile."""
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = min(error.problem_mark.line, text.count("\n")) + 1 if error.problem_mark else 1
        raise Place(file, line).refuse(error.problem or "This is no YAML.") from None
    if node is None:
        raise Place(file, 1).refuse("It is empty.")
    document: T = _read(kind, node, Place(file, node.start_mark.line + 1))
    return document, node


def place_of(node: yaml.Node, file: str, *path: str | int) -> Place:
    """The place of what `path` leads to, which exists."""
    place = Place(file, node.start_mark.line + 1)
    for step in path:
        node = node.value[step] if isinstance(node, yaml.SequenceNode) else _member(node, str(step))
        place = place.inside(node, str(step))
    return place


def _member(node: yaml.Node, name: str) -> yaml.Node:
    members: dict[str, yaml.Node] = {str(key.value): value for key, value in node.value}
    return members[name]


def _read(kind: Any, node: yaml.Node, place: Place) -> Any:
    origin = get_origin(kind)
    if hasattr(kind, "_field_defaults"):
        return _read_fields(kind, node, place)
    if origin is Literal:
        return _read_choice(get_args(kind), node, place)
    if origin in {tuple, frozenset}:
        return _read_list(kind, node, place)
    if origin is Mapping:
        return {
            name: _read(get_args(kind)[1], value, place.inside(value, name))
            for name, value in _members(node, place).items()
        }
    value = _plain(node)
    if kind is Any:
        return value
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise place.refuse(f"It must be {PLAIN[kind]}, not {node.value!r}.")
    return value


def _plain(node: yaml.Node) -> Any:
    """What a node holds, in Python's own types."""
    return CONSTRUCTOR.construct_document(node)


def _read_choice(choices: tuple[Any, ...], node: yaml.Node, place: Place) -> Any:
    value = _plain(node)
    if value not in choices:
        raise place.refuse(f"It must be one of {', '.join(map(str, choices))}, not {value!r}.")
    return value


def _read_list(kind: Any, node: yaml.Node, place: Place) -> Any:
    if not isinstance(node, yaml.SequenceNode):
        raise place.refuse("It must be a list.")
    element = get_args(kind)[0]
    values = (_read(element, item, place.inside(item, str(index))) for index, item in enumerate(node.value))
    return get_origin(kind)(values)


def _members(node: yaml.Node, place: Place) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise place.refuse("It must have members (name: value).")
    members: dict[str, yaml.Node] = {}
    for key, value in node.value:
        if key.value in members:
            raise place.inside(key, str(key.value)).refuse("It is given twice.")
        members[str(key.value)] = value
    return members


def _read_fields(kind: Any, node: yaml.Node, place: Place) -> Any:
    members = _members(node, place)
    for name, value in members.items():
        if name not in kind._fields:
            raise place.inside(value, name).refuse(f"There is no such field; there are {', '.join(kind._fields)}.")
    hints = _hints(kind)
    missing = [name for name in kind._fields if name not in members and name not in kind._field_defaults]
    if missing:
        raise place.refuse(f"It lacks {', '.join(missing)}.")
    return kind(
        **{name: _read(_bare(hints[name]), value, place.inside(value, name)) for name, value in members.items()}
    )


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _bare(hint: Any) -> Any:
    """`X` of `X | None`: in YAML a field that has no value is left out."""
    if isinstance(hint, types.UnionType):
        return next(part for part in get_args(hint) if part is not type(None))
    return hint
