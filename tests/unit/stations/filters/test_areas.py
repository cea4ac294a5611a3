from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from rs_server.stations.filters.areas import polygons_around
from rs_server.stations.filters.parsing import read_text
from rs_server.stations.filters.pushdown import Pushdown
from rs_server.stations.interfaces.prip import prip_interface
from rs_server.stations.profiles.model import Operator
from tests.unit.stations.odata.doubles import station

RING = [[0.0, 0.0], [10.0, 0.0], [10.0, 5.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ({"bbox": [0, 1, 2, 3]}, ["POLYGON((0 1,2 1,2 3,0 3,0 1))"]),
        ({"bbox": [0, 1, -9, 2, 3, 9]}, ["POLYGON((0 1,2 1,2 3,0 3,0 1))"]),
        (
            {"bbox": [170, 0, -170, 1]},
            ["POLYGON((170 0,180 0,180 1,170 1,170 0))", "POLYGON((-180 0,-170 0,-170 1,-180 1,-180 0))"],
        ),
        ({"type": "Polygon", "coordinates": [RING]}, ["POLYGON((0 0,10 0,10 5,0 0))"]),
        ({"type": "MultiPolygon", "coordinates": [[RING], [RING]]}, ["POLYGON((0 0,10 0,10 5,0 0))"] * 2),
        ({"type": "GeometryCollection", "geometries": []}, []),
    ],
)  # fmt: skip
def test_polygons_are_asked_as_they_are(area: dict[str, Any], expected: list[str]) -> None:
    assert polygons_around(area) == expected


@pytest.mark.parametrize(
    "area",
    [
        {"type": "Point", "coordinates": [180.0, 90.0]},
        {"type": "MultiPoint", "coordinates": [[1.0, 2.0], [3.0, -4.0]]},
        {"type": "LineString", "coordinates": [[1.0, 2.0], [3.0, -4.0]]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1.0, 2.0]}]},
        {"type": "Polygon", "coordinates": [[[x / 10, (x % 7) / 7] for x in range(200)] + [[0.0, 0.0]]]},
    ],
)
def test_other_areas_are_covered_by_a_box(area: dict[str, Any]) -> None:
    (text,) = polygons_around(area)
    covering = shapely.from_wkt(text)
    assert covering.is_valid
    assert covering.area > 0
    assert all(covering.covers(shapely.Point(point)) for point in shapely.get_coordinates(shape(area)))


def test_no_edge_of_the_world_is_taken_for_a_short_cut() -> None:
    (text,) = polygons_around({"bbox": [-180, -90, 180, 90]})
    longitudes = [point[0] for point in shapely.get_coordinates(shapely.from_wkt(text))]
    assert max(abs(after - before) for before, after in pairwise(longitudes)) <= 90


EVERYTHING: frozenset[Operator] = frozenset(
    {"eq", "and", "or", "gt", "ge", "lt", "le", "in", "intersects", "startswith"}
)
PRODUCTS = prip_interface().queryables
ORBIT_AS_TEXT = {"attribute_types": {"orbitNumber": "String"}}


def condition(text: str, **profile: Any) -> str | None:
    made = station(**({"operators": EVERYTHING, "attribute_operators": frozenset({"eq", "ge", "le", "in"})} | profile))
    return Pushdown(made, PRODUCTS, {}).split(read_text(text, PRODUCTS), 4000).condition


def lambda_of(kind: str, name: str, comparison: str) -> str:
    value = f"att/OData.CSC.{kind}Attribute/Value {comparison}"
    return f"Attributes/OData.CSC.{kind}Attribute/any(att:att/Name eq '{name}' and {value})"


@pytest.mark.parametrize(
    ("text", "profile", "expected"),
    [
        (
            "S_INTERSECTS(geometry, BBOX(0, 1, 2, 3))",
            {},
            "OData.CSC.Intersects(area=geography'SRID=4326;POLYGON((0 1,2 1,2 3,0 3,0 1))')",
        ),
        ("S_INTERSECTS(geometry, BBOX(0, 1, 2, 3))", {"operators": EVERYTHING - {"intersects"}}, ""),
        ("S_WITHIN(geometry, BBOX(0, 1, 2, 3))", {}, ""),
        ("product:type = 'O''X'", {}, lambda_of("String", "productType", "eq 'O''X'")),
        ("product:type IN ('a', 'b')", {}, lambda_of("String", "productType", "in ('a','b')")),
        ("product:type LIKE 'a%'", {}, ""),
        ("product:type <> 'a'", {}, ""),
        ("eo:cloud_cover <= 12.5", {}, lambda_of("Double", "cloudCover", "le 12.5")),
        ("eo:cloud_cover < 12.5", {}, ""),
        ("sat:absolute_orbit = 7", {}, lambda_of("Integer", "orbitNumber", "eq 7")),
        ("sat:absolute_orbit = 7", ORBIT_AS_TEXT, lambda_of("String", "orbitNumber", "eq '7'")),
        ("sat:absolute_orbit >= 7", ORBIT_AS_TEXT, ""),
        ("sat:orbit_state = 'ascending'", {}, lambda_of("String", "orbitDirection", "eq 'ASCENDING'")),
        ("sat:orbit_state = 'ascending'", {"lacks": frozenset({"orbitDirection"})}, None),
        (
            "platform = 'sentinel-1a'",
            {},
            f"{lambda_of('String', 'platformShortName', "eq 'SENTINEL-1'")} and "
            f"{lambda_of('String', 'platformSerialIdentifier', "eq 'A'")}",
        ),
        ("platform = 'sentinel-5p'", {}, lambda_of("String", "platformShortName", "eq 'SENTINEL-5P'")),
        ("grid:code = 'MGRS-47XMH'", {}, lambda_of("String", "tileId", "in ('47XMH','T47XMH')")),
        ("grid:code = 'other'", {}, None),
        ("id = 'S1A_X'", {}, "startswith(Name,'S1A_X')"),
        ("A_CONTAINS(instruments, ('sar'))", {}, ""),
        (
            "processing:datetime >= TIMESTAMP('2024-11-14T14:30:00Z')",
            {},
            lambda_of("DateTimeOffset", "processingDate", "ge 2024-11-14T14:30:00.000Z"),
        ),
    ],
)  # fmt: skip
def test_what_product_stations_are_asked(text: str, profile: dict[str, Any], expected: str | None) -> None:
    assert condition(text, **profile) == expected
