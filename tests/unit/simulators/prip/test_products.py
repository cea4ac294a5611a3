"""PRIP: the product's properties, footprints, order, quicklooks and eviction, and the quirks of services."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from simulators.odata.instants import read_instant
from tests.unit.simulators.prip.products import products

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FOOTPRINT = re.compile(r"geography'SRID=4326;POLYGON\(\((-?\d+(\.\d+)? -?\d+(\.\d+)?,?)+\)\)'")
OPTIONAL = type(None)
# The product's properties and their types in JSON.
PROPERTIES = [
    ("Id", str),
    ("Name", str),
    ("ContentType", str),
    ("ContentLength", int),
    ("OriginDate", str),
    ("PublicationDate", str),
    ("EvictionDate", str),
    ("ProductionType", str),
    ("Checksum", list),
    ("ContentDate", dict),
    ("Footprint", str | OPTIONAL),
    ("GeoFootprint", dict | OPTIONAL),
]


@pytest.mark.parametrize(("name", "json_type"), PROPERTIES, ids=[row[0] for row in PROPERTIES])
async def test_property(s1a, name, json_type):
    for product in await products(s1a):
        assert isinstance(product[name], json_type)
        assert not name.endswith("Date") or name == "ContentDate" or INSTANT.fullmatch(product[name])


async def test_only_the_properties_of_the_interface_are_sent(s1a, visit):
    product = (await s1a.get("Products", top="1"))["value"][0]
    assert {each for each in product if not each.startswith("@")} == {row[0] for row in PROPERTIES}
    some = (await visit("prip", "s3a").get("Products", top="1"))["value"][0]
    assert {"ModificationDate", "Online"} <= set(some)


async def test_production_type_is_text_on_the_wire_and_an_enum_in_filters(s1a):
    types = await s1a.names("Products", "ProductionType")
    assert set(types) == {"systematic_production", "on-demand default"}
    systematic = "ProductionType eq OData.CSC.ProductionType'systematic_production'"
    assert len(await s1a.names("Products", filter=systematic)) == types.count("systematic_production")


async def test_footprints_are_closed_rings_alike_in_both_forms(s1a):
    some = [each for each in await products(s1a) if each["Footprint"]]
    assert some
    for product in some:
        assert FOOTPRINT.fullmatch(product["Footprint"])
        ring = product["GeoFootprint"]["coordinates"][0]
        assert product["GeoFootprint"]["type"] == "Polygon"
        assert ring[0] == ring[-1]
        text = ",".join(f"{longitude} {latitude}" for longitude, latitude in ring)
        assert f"(({text}))" in product["Footprint"]
        coordinates = next(each["Value"] for each in product["Attributes"] if each["Name"] == "coordinates")
        assert coordinates == " ".join(f"{latitude},{longitude}" for longitude, latitude in ring), "latitude first"


async def test_some_footprints_are_null_and_some_cross_the_antimeridian(own_station):
    visitor = own_station("prip", "s1c_serco", count=2000)
    rings = [
        product["GeoFootprint"] and product["GeoFootprint"]["coordinates"][0]
        for skip in ("0", "1000")
        for product in (await visitor.get("Products", skip=skip))["value"]
    ]
    assert None in rings
    assert any(abs(a[0] - b[0]) > 180 for ring in rings if ring for a, b in pairwise(ring))


SORTABLE = "PublicationDate EvictionDate OriginDate ContentDate/Start ContentDate/End ContentLength Name ContentType Id"


@pytest.mark.parametrize("name", SORTABLE.split())
async def test_order(s1a, name):
    outer, _, inner = name.partition("/")
    for direction in ("asc", "desc"):
        page = (await s1a.get("Products", orderby=f"{name} {direction}"))["value"]
        values = [each[outer][inner] if inner else each[outer] for each in page]
        assert values == sorted(values, reverse=direction == "desc")


async def test_order_by_production_type(s1a):
    types = await s1a.names("Products", "ProductionType", orderby="ProductionType desc")
    assert types[0] == "on-demand default"
    assert types[-1] == "systematic_production"


async def test_quicklooks(s1a):
    page = (await s1a.get("Products", expand="Quicklooks"))["value"]
    assert {len(each["Quicklooks"]) for each in page} == {0, 1}
    product = next(each for each in page if each["Quicklooks"])
    image = product["Quicklooks"][0]["Image"]
    listed = await s1a.get(f"Products({product['Id']})/Quicklooks")
    assert [each["Image"] for each in listed["value"]] == [image]
    answer = await s1a.ask(f"Products({product['Id']})/Quicklooks('{image}')/$value")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert answer.content.endswith(b"IEND\xaeB`\x82")
    without = next(each for each in page if not each["Quicklooks"])
    assert (await s1a.ask(f"Products({without['Id']})/Quicklooks('{image}')/$value")).status_code == 404


async def test_a_product_disappears_at_its_eviction_date(own_station):
    visitor = own_station("prip", "s1a", count=50)
    product = (await visitor.get("Products", orderby="EvictionDate", top="1"))["value"][0]
    visitor.station.clock.set(now=read_instant(product["EvictionDate"]))
    for path in (f"Products({product['Id']})", f"Products({product['Id']})/$value"):
        assert (await visitor.ask(path)).status_code == 404
    assert product["Id"] not in await visitor.names("Products")


async def test_equal_publication_dates_occur(s1a):
    dates = await s1a.names("Products", "PublicationDate")
    assert max(dates.count(date) for date in dates) >= 4


@pytest.mark.parametrize(("profile", "form"), [("s1c_serco", "POLYGON (("), ("s1c_werum", "Polygon((")])
async def test_footprint_texts_differ(visit, profile, form):
    texts = [each for each in await visit("prip", profile).names("Products", "Footprint") if each]
    assert texts
    assert all(text.startswith(f"geography'SRID=4326;{form}") for text in texts)


async def test_quirks_of_profiles(visit):
    assert set(await visit("prip", "s1c_serco").names("Products", "EvictionDate")) == {"5721-02-10T15:32:40.768Z"}
    upper = await visit("prip", "s2b").names("Products", "Checksum")
    assert all(re.fullmatch(r"[0-9A-F]{32}", each[0]["Value"]) for each in upper)
    assert [] in await visit("prip", "s1c_werum").names("Products", "Checksum")
    six = await visit("prip", "s3a").names("Products", "PublicationDate")
    assert all(re.fullmatch(r".*\.\d{6}Z", each) for each in six)
