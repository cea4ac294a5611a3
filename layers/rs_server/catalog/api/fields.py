"""The fields extension (v1.0.0): answers with some members only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Members:
    """The members that answers have of one kind of document."""

    always: Sequence[str]
    """What says what it is: part of every answer that does not exclude it."""
    default: Sequence[str]
    """What a valid document needs besides, shown where `fields` names nothing to include."""


ITEM = Members(
    always=("type", "stac_version", "id", "collection"),
    default=(
        *("geometry", "bbox", "links", "assets"),
        *("properties.datetime", "properties.start_datetime", "properties.end_datetime"),
    ),
)
COLLECTION = Members(
    always=("type", "stac_version", "id"), default=("title", "description", "license", "extent", "links")
)


def selected(document: dict[str, Any], fields: Mapping[str, Sequence[str]], members: Members) -> dict[str, Any]:
    """The members of `document` that `fields` asks for; what is not there is passed over.

    Only `include`: these. Only `exclude`: all others. An `include` that is there and empty stands for the default. What
    is in both is shown.
    """
    include, exclude = fields.get("include"), fields.get("exclude") or ()
    everything = include is None and exclude
    shown = document if everything else _included(document, [*members.always, *(include or members.default)])
    for path in exclude:
        if not include or not any(f"{name}.".startswith(f"{path}.") for name in include):
            shown = _without(shown, path.split("."))
    return shown


def _included(document: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    whole: set[str] = set()
    inner: dict[str, list[str]] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        if rest:
            inner.setdefault(name, []).append(rest)
        else:
            whole.add(name)
    shown = {name: value for name, value in document.items() if name in whole}
    for name in inner.keys() - whole:
        value = document.get(name)
        part = _included(value, inner[name]) if isinstance(value, dict) else {}
        if part:
            shown[name] = part
    return shown


def _without(document: dict[str, Any], path: list[str]) -> dict[str, Any]:
    name, *rest = path
    if name not in document:
        return document
    if not rest:
        return {key: value for key, value in document.items() if key != name}
    value = document[name]
    return document | {name: _without(value, rest)} if isinstance(value, dict) else document
