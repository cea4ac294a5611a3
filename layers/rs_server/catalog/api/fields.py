"""The fields extension: answers with some members only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def selected(document: dict[str, Any], include: Iterable[str], exclude: Iterable[str]) -> dict[str, Any]:
    """`document` with the members that `include` names, all if it is empty, and without those that `exclude` names.

    Names are paths with full stops. What is not there is passed over.
    """
    wanted = list(include)
    shown = _included(document, wanted) if wanted else document
    for path in exclude:
        shown = _without(shown, path.split("."))
    return shown


def _included(document: Mapping[str, Any], paths: list[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        if name not in document:
            continue
        value = document[name]
        if rest and isinstance(value, dict):
            inner = _included(value, [rest])
            if inner:
                shown[name] = {**shown.get(name, {}), **inner}
        elif not rest:
            shown[name] = value
    return shown


def _without(document: dict[str, Any], path: list[str]) -> dict[str, Any]:
    name, *rest = path
    if name not in document:
        return document
    if not rest:
        return {key: value for key, value in document.items() if key != name}
    value = document[name]
    return document | {name: _without(value, rest)} if isinstance(value, dict) else document
