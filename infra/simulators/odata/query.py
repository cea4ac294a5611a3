"""Pages and entities out of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulators.odata.errors import ODataError
from simulators.odata.options import QueryOptions
from simulators.odata.sql import FilterCompiler, SpatialMatch
from simulators.odata.types import EntitySet
from simulators.storage import Database, Row


@dataclass(frozen=True, slots=True)
class Scope:
    """A SQL condition that narrows an entity set beforehand: to one key, or to what belongs to another entity."""

    condition: str = "1"
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows (`rowid`, the hidden columns, the properties), the count if asked for, and whether more rows follow."""

    rows: list[Row]
    count: int | None
    more: bool


def columns_of(entity_set: EntitySet) -> str:
    """The select list whose rows `Page` describes."""
    return ", ".join(("rowid", *entity_set.hidden, *(each.expression for each in entity_set.properties)))


def fetch_page(
    database: Database,
    entity_set: EntitySet,
    options: QueryOptions,
    now: int,
    scope: Scope | None = None,
    spatial_match: SpatialMatch | None = None,
    max_result: int | None = None,
) -> Page:
    """The page of `entity_set` that `options` ask for, of what is visible at `now`; raises 429 over `max_result`."""
    compiler = FilterCompiler(entity_set, spatial_match)
    wanted = compiler.compile(options.filter) if options.filter is not None else "1"
    within = scope or Scope()
    parameters = {"now": now, **within.parameters, **compiler.parameters}
    source = f"FROM {entity_set.table} WHERE {entity_set.visible} AND {within.condition} AND {wanted}"
    counting = options.count or max_result is not None
    count: int | None = database.read(f"SELECT count(*) {source}", parameters)[0][0] if counting else None
    if max_result is not None and count is not None and count > max_result:
        raise ODataError(429, f"The filter finds {count} entities, more than the quota of {max_result}: narrow it.")
    rows = database.read(
        f"SELECT {columns_of(entity_set)} {source} ORDER BY {_order(entity_set, options)} LIMIT :limit OFFSET :offset",
        # One row more than asked for tells whether a next page exists.
        parameters | {"limit": options.top + 1, "offset": options.skip},
    )
    return Page(rows[: options.top], count if options.count else None, len(rows) > options.top)


def fetch_entity(database: Database, entity_set: EntitySet, scope: Scope, now: int) -> Row | None:
    """The first visible row within `scope`, or None."""
    rows = database.read(
        f"SELECT {columns_of(entity_set)} FROM {entity_set.table}"
        f" WHERE {entity_set.visible} AND {scope.condition} LIMIT 1",
        {"now": now, **scope.parameters},
    )
    return rows[0] if rows else None


def fetch_related(
    database: Database, entity_set: EntitySet, owner: str, owners: Sequence[int], now: int
) -> Iterable[tuple[int, Row]]:
    """The visible rows whose column `owner` is among `owners`, each with its owner, in the set's own order."""
    marks = ", ".join(str(int(each)) for each in owners)
    rows = database.read(
        f"SELECT {owner}, {columns_of(entity_set)} FROM {entity_set.table}"
        f" WHERE {entity_set.visible} AND {owner} IN ({marks}) ORDER BY {entity_set.order}",
        {"now": now},
    )
    return ((row[0], row[1:]) for row in rows)


def _order(entity_set: EntitySet, options: QueryOptions) -> str:
    if options.ordering is None:
        return entity_set.order
    direction = "DESC" if options.ordering.descending else "ASC"
    # Equal values keep one order, so that pages neither lose nor repeat rows.
    return f"{options.ordering.by.expression} {direction}, rowid {direction}"
