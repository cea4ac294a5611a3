"""Products of AUXIP, PRIP and LTA (ICDs ESA-EOPG-EOPGC-IF-10, -3 and -2): one item each, with one asset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from rs_server.stac.ids import CONTAINER_SUFFIXES, item_id_of
from rs_server.stations.interfaces import authentication
from rs_server.stations.interfaces.attributes import Attributes, Mapped, attribute
from rs_server.stations.interfaces.footprints import bbox_of, geometry_of
from rs_server.stations.interfaces.model import Entity, Item, attributes_of
from rs_server.stations.interfaces.product_properties import TIMELINESS
from rs_server.stations.interfaces.values import instant, present, text, truth, whole_number
from rs_server.stations.odata.client import ODataClient, Row
from rs_server.stations.odata.http import Deadline
from rs_server.stations.profiles.model import Station
from rs_server.stations.queryables import Coded, Column, Footprint, Named, Queryable, Queryables, Same

NAME = Column("Name", "string", nullable=False)
PUBLISHED = Column("PublicationDate", "datetime", nullable=False)
SENSING_START = Column("ContentDate/Start", "datetime", nullable=False)
SENSING_END = Column("ContentDate/End", "datetime", nullable=False)
ONLINE = Column("Online", "boolean")

MULTIHASH = {"MD5": "d50110", "SHA256": "1220", "SHA-256": "1220", "BLAKE3": "1e20"}
"""Prefix of a digest by its algorithm: multicodec code and length, as the file extension demands."""
DIGEST = re.compile(r"[0-9a-f]{32,64}")

SCHEMAS = {
    "auth:": authentication.EXTENSION,
    "processing:": "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
    "product:": "https://stac-extensions.github.io/product/v1.0.0/schema.json",
    "sat:": "https://stac-extensions.github.io/sat/v1.2.0/schema.json",
    "sar:": "https://stac-extensions.github.io/sar/v1.3.0/schema.json",
    "eopf:": "https://cs-si.github.io/eopf-stac-extension/v1.2.0/schema.json",
    "grid:": "https://stac-extensions.github.io/grid/v1.1.0/schema.json",
    "eo:": "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "order:": "https://stac-extensions.github.io/order/v1.1.0/schema.json",
    "auxip:": "https://home.rs-python.eu/auxip-stac-extension/v1.1.0/schema.json",
}
"""Extension by prefix: an item declares those of which it has a property."""

ALWAYS = (
    "https://stac-extensions.github.io/external-ids/v1.0.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/timestamps/v1.1.0/schema.json",
)


class Dated(NamedTuple):
    """A date that a product has besides its sensing time and its publication."""

    name: str
    title: str
    column: Column
    partial: bool = False


class ProductInterface:
    """The products of one service: what AUXIP, PRIP and LTA have in common, and what `mapped` and `dates` add."""

    entity_set = "Products"
    published = PUBLISHED
    collection_extensions: Sequence[str] = ()
    same_by: Column | None = NAME
    late_properties: frozenset[str] = frozenset()

    def __init__(
        self, service: str, mapped: Sequence[Mapped], dates: Sequence[Dated], *, footprints: bool, orders: bool
    ) -> None:
        self.service = service
        self.mapped = tuple(mapped)
        self.dates = tuple(dates)
        self.footprints = footprints
        self.takes_orders = orders
        self.queryables = self._queryables()
        self.query_columns: Mapping[str, Column] = {
            name: attribute(name)
            for name in ("productType", "platformShortName", "platformSerialIdentifier", "processingLevel")
        }

    def expand(self, station: Station, *, whole: bool) -> tuple[str, ...]:
        """The attributes, always: items are made of them."""
        del station, whole
        return ("Attributes",)

    def properties(self, row: Row, station: Station) -> Item:
        """Id, geometry and properties of a product's item."""
        content = row.get("ContentDate") or {}
        published = instant(row.get("PublicationDate"))
        start, end = instant(content.get("Start")), instant(content.get("End"))
        values = attributes_of(row)
        properties = {
            "datetime": start or published,
            "start_datetime": start if end else None,
            "end_datetime": end if start else None,
            "published": published,
            "expires": instant(row.get("EvictionDate")),
            "externalIds": [{"scheme": self.service, "value": str(row.get("Id"))}],
            "rs:station": station.id,
            **{one.queryable.name: one.read(values) for one in self.mapped},
            **{one.name: instant(_held(row, values, one.column)) for one in self.dates},
        }
        properties["product:timeliness"] = TIMELINESS.get(str(properties.get("product:timeliness_category")))
        if self.service == "auxip":
            properties["auxip:id"] = str(row.get("Id"))
        if self.takes_orders:
            properties["order:status"] = {True: "succeeded", False: "orderable"}.get(truth(row.get("Online")))  # type: ignore[arg-type]  # None is no key
        geometry = geometry_of(row) if self.footprints else None
        item: Item = {"id": item_id_of(str(row.get("Name"))), "geometry": geometry, "properties": present(properties)}
        return item | ({"bbox": bbox_of(geometry)} if geometry else {})

    def item(self, entity: Entity, station: Station) -> Item:
        """The item of a product, with its file as asset."""
        item = self.properties(entity.row, station)
        item["properties"]["auth:schemes"] = authentication.schemes_of(station)
        name = str(entity.row.get("Name"))
        return {
            "type": "Feature",
            "stac_version": "1.1.0",
            "stac_extensions": list(_extensions(tuple(item["properties"]))),
            **item,
            "assets": {name: asset_of(entity.row, station)},
        }

    def item_of_row(self, row: Row, station: Station) -> Item:
        """The item of a product."""
        return self.item(Entity(row), station)

    async def complete(self, client: ODataClient, rows: Sequence[Row], deadline: Deadline) -> list[Entity]:
        """Products are complete as they come."""
        del client, deadline
        return [Entity(row) for row in rows]

    def _queryables(self) -> Queryables:
        fixed = [
            Queryable("id", "Item id", "string", Named(NAME, CONTAINER_SUFFIXES, "station")),
            Queryable("collection", "Collection", "string"),
            Queryable("datetime", "Start of sensing, or of validity", "datetime", Same(SENSING_START)),
            Queryable(
                "start_datetime", "Start of sensing, or of validity", "datetime", Same(SENSING_START, partial=True)
            ),
            Queryable("end_datetime", "End of sensing, or of validity", "datetime", Same(SENSING_END, partial=True)),
            Queryable("published", "Publication at the station", "datetime", Same(PUBLISHED)),
            Queryable(
                "expires",
                "Eviction at the station",
                "datetime",
                Same(Column("EvictionDate", "datetime"), partial=True),
            ),
            Queryable("rs:station", "Station", "string"),
            *(one.queryable for one in self.mapped),
            *(Queryable(one.name, one.title, "datetime", Same(one.column, partial=one.partial)) for one in self.dates),
        ]
        if self.footprints:
            fixed.append(Queryable("geometry", "Footprint", "geometry", Footprint()))
        if self.takes_orders:
            states: dict[str, tuple[tuple[tuple[Column, str | bool], ...], ...]] = {
                "succeeded": (((ONLINE, True),),),
                "orderable": (((ONLINE, False),),),
            }
            fixed.append(
                Queryable("order:status", "Whether it is online", "string", Coded(states), {"enum": sorted(states)})
            )
        return {queryable.name: queryable for queryable in fixed}


@lru_cache(maxsize=512)
def _extensions(names: tuple[str, ...]) -> tuple[str, ...]:
    """The extensions that an item with these properties declares; products of one type have the same ones."""
    used = {schema for prefix, schema in SCHEMAS.items() if any(name.startswith(prefix) for name in names)}
    return tuple(sorted(used.union(ALWAYS)))


def _held(row: Row, values: Attributes, column: Column) -> object:
    return values.get(column.path) if column.attribute else row.get(column.path)


def asset_of(row: Row, station: Station) -> dict[str, object]:
    """The file of a product."""
    key = str(row.get("Id"))
    entity = f"Products('{key}')" if station.quoted_keys else f"Products({key})"
    return present(
        {
            "href": f"{station.service_root}{entity}/$value",
            "title": row.get("Name"),
            "type": text(row.get("ContentType")) or "application/octet-stream",
            "roles": ["data"],
            "auth:refs": [authentication.SCHEME],
            "externalIds": [{"scheme": station.service, "value": key}],
            "file:size": whole_number(row.get("ContentLength")),
            "file:checksum": checksum_of(row.get("Checksum")),
            "eviction_datetime": instant(row.get("EvictionDate")),
        }
    )


def checksum_of(checksums: Any) -> str | None:
    """The multihash of the first checksum that has one; stations write digests in either case."""
    for checksum in checksums if isinstance(checksums, list) else ():
        prefix = MULTIHASH.get(str(checksum.get("Algorithm")).upper())
        digest = str(checksum.get("Value") or "").lower()
        if prefix and DIGEST.fullmatch(digest) and len(digest) == 2 * int(prefix[-2:], 16):
            return prefix + digest
    return None
