"""A station's products, filled and ready to be served; and what the three interfaces serve of them alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from simulators.odata.actions import ActionCall, Reply
from simulators.odata.options import QueryOptions
from simulators.odata.query import Scope, fetch_page
from simulators.odata.service import Dialect, ODataService, Resource
from simulators.odata.types import Attribute, EntitySet
from simulators.products.bodies import BodyPool
from simulators.products.catalogue import Holdings, fill, kinds_held
from simulators.products.footprints import FootprintPool
from simulators.products.recorded import recorded_lengths
from simulators.products.view import ProductStyle, ProductView
from simulators.storage import Database, Row

MAX_LISTED = 1000


class ListedProduct(BaseModel):
    """A product of a FilterList."""

    model_config = ConfigDict(extra="ignore")

    Name: str = Field(max_length=500)


class FilterListRequest(BaseModel):
    """The body of `Products/OData.CSC.FilterList`."""

    model_config = ConfigDict(extra="ignore")

    FilterProducts: list[ListedProduct] = Field(max_length=MAX_LISTED)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The products of a station."""

    database: Database
    attributes: Mapping[str, Attribute]
    pool: FootprintPool
    view: ProductView

    @classmethod
    def filled(
        cls,
        database: Database,
        holdings: Holdings,
        *,
        count: int,
        seed: int,
        size_scale: float,
        dialect: Dialect,
        style: ProductStyle,
    ) -> Shelf:
        """Make up the products, unless the database has them from an earlier start."""
        pool = FootprintPool.of(holdings.missions)
        if not database.has("products"):
            fill(database, holdings, count, seed, size_scale, pool)
        lengths = {length for held in kinds_held(holdings, size_scale) for length in held.lengths}
        bodies = BodyPool.of(lengths | set(recorded_lengths(size_scale)) if holdings.recorded else lengths)
        return cls(database, holdings.attributes, pool, ProductView(database, pool, bodies, dialect.wire, style))

    def resource(self, products: EntitySet) -> Resource:
        """Products as an entity set to serve."""

        def attributes(rows: Sequence[Row], _: int) -> Mapping[int, Any]:
            return self.view.attributes(products, rows)

        return Resource(
            products, expanders={"Attributes": attributes}, finish=self.view.finish, payload=self.view.payload
        )

    def filter_list(self, service: ODataService, products: EntitySet, call: ActionCall) -> Reply:
        """The products of these names."""
        names = [each.Name for each in call.read(FilterListRequest).FilterProducts]
        parameters = {f"name{number}": name for number, name in enumerate(names)}
        scope = Scope(f"Name IN ({', '.join(f':{mark}' for mark in parameters)})", parameters)
        page = fetch_page(self.database, products, QueryOptions(top=MAX_LISTED), call.now, scope)
        value = service.rendered("Products", page.rows, call.now)
        return Reply(200, {"@odata.context": "$metadata#Products", "value": value})


def create(database: Database, statements: Iterable[str]) -> None:
    """Create tables and indexes beside that of the products, where they are not there from an earlier start."""
    with database.writing() as connection:
        for statement in statements:
            kind, name = statement.split(maxsplit=2)[1:]
            connection.execute(f"CREATE {kind} IF NOT EXISTS {name}")


def with_missions(products: EntitySet, missions: Sequence[str]) -> EntitySet:
    """The entity set narrowed to missions, as where an archive has a service root for each."""
    quoted = ", ".join(f"'{mission}'" for mission in missions)
    return replace(products, visible=f"{products.visible} AND mission IN ({quoted})")
