"""The `fields` extension: which members of an item are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from rs_server.errors import InvalidRequest

IDENTITY = ("type", "stac_version", "id", "collection")
"""Sent whatever is asked for: without these an answer is no item."""
DEFAULT = (*IDENTITY, "geometry", "bbox", "links", "assets", "properties.datetime")
"""What is sent when `include` is there and empty."""


class Fields(NamedTuple):
    """Paths to include (None: all) and to exclude. What both name is included, and the more exact path wins."""

    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()

    @classmethod
    def read(cls, value: Any) -> Fields:
        """Read `a,-b` (list of texts) or `{"include": [], "exclude": []}`; raises InvalidRequest otherwise."""
        match value:
            case None:
                return cls()
            case list() as names if all(isinstance(name, str) for name in names):
                plain = [name.strip() for name in names if name.strip()]
                include = tuple(name.lstrip("+") for name in plain if not name.startswith("-"))
                return cls(include or None, tuple(name[1:] for name in plain if name.startswith("-")))
            case Mapping():
                include_given = "include" in value or "exclude" not in value
                return cls(
                    (_paths(value.get("include")) or DEFAULT) if include_given else None, _paths(value.get("exclude"))
                )
        raise InvalidRequest("fields must be a list of names, those to leave out with '-' before them.")

    def apply(self, item: dict[str, Any]) -> dict[str, Any]:
        """What of `item` is sent."""
        if self.include is not None:
            chosen: dict[str, Any] = {}
            for path in (*IDENTITY, *self.include):
                _copy(item, chosen, path.split("."))
            item = chosen
        for path in self.exclude:
            if path not in IDENTITY and not self._included(path):
                item = _without(item, path.split("."))
        return item

    def _included(self, path: str) -> bool:
        """Whether what is named by `path`, or something within it, is included by name."""
        given = () if self.include in {None, DEFAULT} else self.include or ()
        return any(name == path or name.startswith(f"{path}.") for name in given)


def _paths(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list | tuple | set) and all(isinstance(name, str) for name in value):
        return tuple(value)
    raise InvalidRequest("include and exclude of fields must be lists of names.")


def _copy(source: dict[str, Any], target: dict[str, Any], path: list[str]) -> None:
    """Copy what `path` leads to; where a name itself has dots, as in `a.b`, the longest that fits is taken."""
    for length in range(len(path), 0, -1):
        name = ".".join(path[:length])
        if name not in source:
            continue
        if length == len(path):
            target[name] = source[name]
        elif isinstance(source[name], dict):
            inner = target.setdefault(name, {})
            if inner is not source[name]:
                _copy(source[name], inner, path[length:])
        return


def _without(source: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """`source` without what `path` leads to; it stays as it is."""
    for length in range(len(path), 0, -1):
        name = ".".join(path[:length])
        if name not in source:
            continue
        if length == len(path):
            return {key: value for key, value in source.items() if key != name}
        if isinstance(source[name], dict):
            return source | {name: _without(source[name], path[length:])}
        return source
    return source
