"""What the search needs to know of an interface; the modules beside this one are its four implementations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from rs_server.stations.odata.client import ODataClient, Row
from rs_server.stations.odata.http import Deadline
from rs_server.stations.profiles.model import Station
from rs_server.stations.queryables import Column, Queryables

Item = dict[str, Any]


class Entity(NamedTuple):
    """An entity of a station and what hangs on it, before it is written as an item."""

    row: Row
    files: Sequence[Row] = ()


class Interface(Protocol):
    """How the entities of one interface are asked for and written as STAC items."""

    service: str
    entity_set: str
    queryables: Queryables
    published: Column
    """The property that every entity has, and that paging goes along."""
    query_columns: Mapping[str, Column]
    """What the queries of collections name."""
    collection_extensions: Sequence[str]
    """Schemas of STAC extensions that the summaries of a collection use."""
    same_by: Column | None
    """The property by which an entity is the same at several stations; None where each station has its own."""
    takes_orders: bool
    """Whether products that are offline can be ordered."""
    late_properties: frozenset[str]
    """Properties that need more than the entity itself: `rs:complete` of a session needs its files."""

    def expand(self, station: Station, *, whole: bool) -> tuple[str, ...]:
        """`$expand` for rows that are looked at, or with `whole` for rows that become items as they are."""

    def properties(self, row: Row, station: Station) -> Item:
        """Id, geometry and properties of the item: what a filter looks at."""

    def item(self, entity: Entity, station: Station) -> Item:
        """The whole item, but for collection and links."""

    def item_of_row(self, row: Row, station: Station) -> Item:
        """The whole item of an entity on which nothing hangs."""

    async def complete(self, client: ODataClient, rows: Sequence[Row], deadline: Deadline) -> list[Entity]:
        """Rows with what hangs on them, in as few requests as possible."""


def value_in(row: Row, column: Column) -> Any:
    """What a row holds in a column."""
    if column.attribute is not None:
        return attributes_of(row).get(column.path)
    value: Any = row
    for name in column.path.split("/"):
        value = value.get(name) if isinstance(value, dict) else None
    return value


ATTRIBUTES = "@attributes"


def attributes_of(row: Row) -> dict[str, Any]:
    """A product's attributes by name; read once a row, and kept in it under a name that OData has no property of."""
    known: dict[str, Any] | None = row.get(ATTRIBUTES)
    if known is None:
        listed = row.get("Attributes")
        pairs = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        known = row[ATTRIBUTES] = {str(each.get("Name")): each.get("Value") for each in pairs}
    return known


def belongs(row: Row, query: Mapping[str, Sequence[str]], columns: Mapping[str, Column]) -> bool:
    """Whether an entity is of a collection with this query."""
    return all(value_in(row, columns[name]) in values for name, values in query.items())
