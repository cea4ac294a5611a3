"""The entity set of products for each interface, and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulators.odata.types import Attribute, Edm, EntitySet, Enumeration, Property

PRODUCTION_TYPE = Enumeration("ProductionType", ("systematic_production", "on-demand default", "on-demand non-default"))
SQL_TYPES = {Edm.STRING: "TEXT", Edm.DOUBLE: "REAL"}
COLUMNS = (
    *("Id", "Name", "ContentType", "ContentLength", "OriginDate", "PublicationDate", "EvictionDate"),
    *("ModificationDate", "Online", "ProductionType", "ContentDate/Start", "ContentDate/End"),
    *("mission", "seed", "footprint", "checksum", "quicklook", "evicted", "online_until"),
)
"""The table's columns before those of the attributes and those of staging."""

PRESENT = "PublicationDate <= :now AND evicted > :now"

COMMON = (
    Property("Id", Edm.GUID),
    Property("Name", Edm.STRING),
    Property("ContentType", Edm.STRING),
    Property("ContentLength", Edm.INT64),
    Property("OriginDate", Edm.INSTANT),
    Property("PublicationDate", Edm.INSTANT),
    Property("EvictionDate", Edm.INSTANT),
    Property("ContentDate/Start", Edm.INSTANT),
    Property("ContentDate/End", Edm.INSTANT),
)
PRODUCTION = Property("ProductionType", Edm.ENUMERATION, enumeration=PRODUCTION_TYPE)
MODIFICATION = Property("ModificationDate", Edm.INSTANT)
ONLINE = Property("Online", Edm.BOOLEAN)

STAGED = "(staged_from <= :now AND staged_until > :now)"
STAGED_ONLINE = Property(
    "Online", Edm.BOOLEAN, f"(Online OR coalesce(online_until > :now, 0) OR coalesce({STAGED}, 0))"
)
STAGED_EVICTION = Property(
    "EvictionDate",
    Edm.INSTANT,
    f"CASE WHEN NOT Online AND {STAGED} THEN max(staged_until, coalesce(online_until, 0))"
    " WHEN online_until > :now THEN online_until ELSE EvictionDate END",
)
"""At an archive: a copy that an order brought online is there from one instant to another."""


def schema(attributes: Mapping[str, Attribute]) -> list[str]:
    """The statements that create the table."""
    text = {"Id", "Name", "ContentType", "mission"}
    columns = [f'"{name}" {"TEXT" if name in text else "INTEGER"}' for name in COLUMNS]
    columns += ["staged_from INTEGER", "staged_until INTEGER"]
    columns += [f"{each.column} {SQL_TYPES.get(each.edm, 'INTEGER')}" for each in attributes.values()]
    return [f"CREATE TABLE products (rowid INTEGER PRIMARY KEY, {', '.join(columns)})"]


def indexes(attributes: Mapping[str, Attribute]) -> list[str]:
    """The statements that create the indexes, once the rows are there."""
    found = [
        "CREATE UNIQUE INDEX products_by_id ON products (Id)",
        "CREATE INDEX products_by_name ON products (Name)",
        "CREATE INDEX products_by_publication ON products (PublicationDate)",
        'CREATE INDEX products_by_start ON products ("ContentDate/Start")',
        "CREATE INDEX products_by_footprint ON products (footprint, PublicationDate)",
    ]
    asked_often = [
        name for name in ("productType", "orbitNumber", "relativeOrbitNumber", "tileId") if name in attributes
    ]
    return found + [
        f"CREATE INDEX products_by_{name} ON products ({attributes[name].column}, PublicationDate)"
        for name in asked_often
    ]


def product_set(properties: Sequence[Property], attributes: Mapping[str, Attribute], visible: str) -> EntitySet:
    """The entity set `Products` with some properties and attributes."""
    return EntitySet(
        name="Products",
        table="products",
        properties=tuple(properties),
        visible=visible,
        order="PublicationDate, rowid",
        expands=("Attributes",),
        attributes=dict(attributes),
        hidden=("seed", "footprint", "checksum"),
        media_type="application/octet-stream",
    )


def auxip_products(attributes: Mapping[str, Attribute]) -> EntitySet:
    """AUXIP: no footprint, no Online, no ProductionType, no ModificationDate."""
    return product_set(COMMON, attributes, PRESENT)


def prip_products(attributes: Mapping[str, Attribute], extra: Sequence[str]) -> EntitySet:
    """PRIP; some stations send ModificationDate or Online too."""
    added = tuple(each for each in (MODIFICATION, ONLINE) if each.path in extra)
    return product_set((*COMMON, PRODUCTION, *added), attributes, PRESENT)


def lta_products(attributes: Mapping[str, Attribute]) -> EntitySet:
    """LTA: products stay, their online copies come and go."""
    common = tuple(STAGED_EVICTION if each.path == "EvictionDate" else each for each in COMMON)
    return product_set((*common, PRODUCTION, MODIFICATION, STAGED_ONLINE), attributes, "PublicationDate <= :now")
