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
