"""Spatial tests: areas as clients write them, the antimeridian, and areas that are none."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import Polygon

from simulators.odata.errors import ODataError
from simulators.products.areas import across_antimeridian, index_of, passing, read_area
from simulators.products.footprints import FootprintPool
from tests.unit.simulators.visitor import is_odata_error

EUROPE = "SRID=4326;POLYGON((0 40,20 40,20 60,0 60,0 40))"
RINGS = [
    ((5, 45), (6, 45), (6, 46), (5, 46), (5, 45)),  # in Europe
    ((-5, 45), (5, 45), (5, 50), (-5, 50), (-5, 45)),  # at its border
    ((100, 0), (101, 0), (101, 1), (100, 1), (100, 0)),  # elsewhere
    ((174.98, -70), (-176.95, -70), (-176.95, -65), (174.98, -65), (174.98, -70)),  # over the antimeridian
]


@pytest.fixture(scope="module")
def index():
    return index_of(RINGS)


@pytest.mark.parametrize(
    ("function", "area", "expected"),
    [
        ("Intersects", EUROPE, [0, 1]),
        ("Within", EUROPE, [0]),
        ("Disjoints", EUROPE, [2, 3]),
        ("Intersects", "SRID=4326;POINT(179.5 -67)", [3]),
        ("Intersects", "SRID=4326;POINT(-179.5 -67)", [3]),
        ("Intersects", "SRID=4326;POINT(0 -67)", []),
        ("Intersects", "SRID=4326;LINESTRING(99 0.5,102 0.5)", [2]),
        ("Intersects", "SRID=4326;POLYGON((178 -68,-178 -68,-178 -66,178 -66,178 -68))", [3]),
        ("Intersects", "SRID=4326;POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))", [0, 1, 2, 3]),
        ("Intersects", "SRID=4326;MULTIPOLYGON(((0 40,20 40,20 60,0 40)),((99 0,102 0,102 2,99 0)))", [0, 1, 2]),
        # Orientation does not matter.
        ("Intersects", "SRID=4326;POLYGON((0 40,0 60,20 60,20 40,0 40))", [0, 1]),
    ],
)
def test_passing(index, function, area, expected):
    assert passing(function, area, index) == expected


@pytest.mark.parametrize(
    "area",
    [
        "POLYGON((0 40,20 40,20 60,0 40))",
        "SRID=3857;POLYGON((0 40,20 40,20 60,0 40))",
        "SRID=4326;POLYGON((0 40,20 40,20 60))",
        "SRID=4326;POLYGON((0 40,20 40,20 60,0 41))",
        "SRID=4326;POLYGON((0 40,20 40))",
        "SRID=4326;POLYGON(())",
        "SRID=4326;POLYGON EMPTY",
        "SRID=4326;POLYGON((0 95,20 40,20 60,0 95))",
        "SRID=4326;POLYGON((200 40,220 40,220 60,200 40))",
        "SRID=4326;POLYGON((0 0,10 10,10 0,0 10,0 0))",
        "SRID=4326;POLYGON((a b,c d,e f,a b))",
        "SRID=4326;POLYGON((nan nan,1 1,2 2,nan nan))",
        "SRID=4326;POLYGON((1e400 0,1 1,2 2,1e400 0))",
        "SRID=4326;CIRCLE(0 0 5)",
        "SRID=4326;" + "POLYGON((" + ",".join(["0 0"] * 3000) + "))",
        "",
    ],
)
async def test_refused(visit, area):
    with pytest.raises(ODataError) as refused:
        read_area(area)
    assert refused.value.status == 400
    answer = await visit("prip", "s1a").ask("Products", filter=f"OData.CSC.Intersects(area=geography'{area}')")
    assert answer.status_code == 400
    assert is_odata_error(answer)


def test_cut_at_the_antimeridian_keeps_the_area():
    cut = across_antimeridian(Polygon(RINGS[3]))
    assert len(cut.geoms) == 2
    assert cut.area == pytest.approx((360 - 174.98 - 176.95) * 5)
    assert all(-180 <= x <= 180 for x, _ in shapely.get_coordinates(cut))


def test_every_footprint_of_the_pool_can_be_tested():
    pool = FootprintPool.of(("S1", "S2", "S3", "S5P"))
    world = "SRID=4326;POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"
    assert len(pool.match("Intersects", world)) == len(pool.footprints)


async def test_the_footprint_of_a_product_finds_it(visit):
    """ESA's suite passes the Footprint of a product on, unchanged."""
    for profile in ("s1a", "s1c_werum"):
        visitor = visit("prip", profile)
        for product in (await visitor.get("Products", top="30"))["value"]:
            if product["Footprint"]:
                text = f"OData.CSC.Intersects(area={product['Footprint']})"
                assert product["Id"] in await visitor.names("Products", filter=text)


async def test_within_and_disjoints_are_each_other_s_company(visit):
    visitor = visit("prip", "s1c_serco")
    area = "(area=geography'SRID=4326;POLYGON((-60 -60,60 -60,60 60,-60 60,-60 -60))')"
    found = {
        function: set(await visitor.names("Products", filter=f"OData.CSC.{function}{area}"))
        for function in ("Intersects", "Within", "Disjoints")
    }
    assert found["Within"] < found["Intersects"]
    assert not found["Disjoints"] & found["Intersects"]
    without = set(await visitor.names("Products", filter=f"not OData.CSC.Intersects{area}"))
    assert found["Disjoints"] < without, "those without a footprint do not intersect either"


async def test_auxip_has_no_geometry(visit):
    answer = await visit("auxip", "adgs").ask("Products", filter=f"OData.CSC.Intersects(area=geography'{EUROPE}')")
    assert answer.status_code == 400
