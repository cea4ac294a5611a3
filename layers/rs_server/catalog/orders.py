"""The order of a page, and the cursors that say where in it the next page begins.

How the engine indexes a property that the mapping does not name is decided by whoever wrote it first, and shows: in the
sort value of an item that lacks it, and in what a cursor of one's own making is refused for. So such a property is part
of the order only if an item that the search finds has it. If none has, the order is the same without.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.mappings import INTERVAL, ITEM_PROPERTIES
from rs_server.catalog.properties import Kind, item_field
from rs_server.catalog.rights_clause import Query
from rs_server.errors import InvalidRequest
from rs_server.stac.pagination import NOT_OURS

MAX_KEYS = 20
"""Properties that one search may be sorted by."""

Cursor = list[Any]
"""The sort values of a document, one for each key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an order."""

    path: str
    direction: str = "asc"
    kind: Kind = "text"
    left_out: bool = False
    """Whether nothing that is found has it."""

    @property
    def clause(self) -> dict[str, Any]:
        """The key as the engine reads it; what lacks it comes last either way."""
        return {self.path: {"order": self.direction, "missing": "_last", "unmapped_type": "keyword"}}

    def takes(self, value: object) -> bool:
        """Whether a document can have this sort value: only text that is missing is null."""
        if value is None:
            return self.left_out or self.kind in {"text", "any"}
        return isinstance(value, (str, int)) or (isinstance(value, float) and isfinite(value))


@dataclass(frozen=True, slots=True)
class Order:
    """An order that no two documents share a place in."""

    keys: Sequence[Key]

    @property
    def clauses(self) -> list[dict[str, Any]]:
        """The order as the engine reads it."""
        return [key.clause for key in self.keys if not key.left_out]

    def cursor(self, values: Sequence[Any]) -> Cursor:
        """The cursor behind the document that the engine gives these sort values."""
        given = iter(values)
        return [None if key.left_out else next(given) for key in self.keys]

    def after(self, cursor: object) -> Cursor:
        """The engine's `search_after` for a cursor, which comes from outside; raises InvalidRequest."""
        if (
            not isinstance(cursor, list)
            or len(cursor) != len(self.keys)
            or not all(key.takes(value) for key, value in zip(self.keys, cursor, strict=True))
        ):
            raise InvalidRequest(NOT_OURS)
        return [value for key, value in zip(self.keys, cursor, strict=True) if not key.left_out]


NEWEST_FIRST = Key(f"{INTERVAL}.moment", "desc", "moment")
TIES = (Key("id", "desc"), Key("collection", "desc"))
"""Collection and id make an order of items one that no two share a place in."""


async def order_of_items(
    engine: Engine, index: str, query: Query, sortby: Sequence[tuple[str, str]], after: object = None
) -> Order:
    """The order of what `query` finds: as `sortby` asks, pairs of a property and `asc` or `desc`, else newest first."""
    if len(sortby) > MAX_KEYS:
        raise InvalidRequest(f"sortby: {len(sortby)} properties; a search is sorted by {MAX_KEYS} at most.")
    asked = [_item_key(name, direction) for name, direction in sortby] or [NEWEST_FIRST]
    unnamed = {key.path for key in asked if not _is_named(key.path)}
    if unnamed:
        present = await _present(engine, index, query, sorted(unnamed))
        asked = [Key(key.path, key.direction, key.kind, key.path in unnamed - present) for key in asked]
    order = Order([*asked, *TIES])
    if unnamed and isinstance(after, list) and None in after:
        await _check_nulls(engine, index, order, after)
    return order


def newest_first() -> Order:
    """The order of items that nothing is said about."""
    return Order([NEWEST_FIRST, *TIES])


def _item_key(name: str, direction: str) -> Key:
    """Sorted by datetime, an item without one has its start_datetime's place."""
    field = item_field(name)
    if field.path == "properties.datetime":
        return Key(NEWEST_FIRST.path, direction, NEWEST_FIRST.kind)
    return Key(field.path, direction, field.kind)


def _is_named(path: str) -> bool:
    """Whether the mapping names the field, so that it is the same for everybody."""
    return not path.startswith("properties.") or path.removeprefix("properties.") in ITEM_PROPERTIES


async def _present(engine: Engine, index: str, query: Query, paths: Sequence[str]) -> set[str]:
    """Those of `paths` that a document of `query` has something indexed at."""
    counts: Mapping[str, Any] = {str(at): {"filter": {"exists": {"field": path}}} for at, path in enumerate(paths)}
    answer = await engine.search(index, {"query": query, "size": 0, "track_total_hits": False, "aggs": dict(counts)})
    return {path for at, path in enumerate(paths) if answer["aggregations"][str(at)]["doc_count"]}


async def _check_nulls(engine: Engine, index: str, order: Order, cursor: Cursor) -> None:
    """Raise InvalidRequest for a null that the engine fails at: among numbers and times it is no sort value."""
    for key, value in zip(order.keys, cursor, strict=False):
        if value is None and not key.left_out and not _is_named(key.path):
            kinds = await engine.kinds(index, key.path)
            if kinds - {"keyword"}:
                raise InvalidRequest(NOT_OURS)
