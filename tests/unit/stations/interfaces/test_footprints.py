from __future__ import annotations

from typing import Any

import pytest
from shapely.geometry import shape

from rs_server.stations.interfaces.footprints import bbox_of, geometry_of

SQUARE = [[10.0, 0.0], [20.0, 0.0], [20.0, 10.0], [10.0, 10.0], [10.0, 0.0]]
ACROSS = [[174.98, 50.0], [-176.95, 52.0], [-178.0, 60.0], [173.5, 58.0], [174.98, 50.0]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"GeoFootprint": {"type": "Polygon", "coordinates": list(rings)}}


def test_a_plain_footprint_stays_as_it_is() -> None:
    geometry = geometry_of(polygon(SQUARE))
    assert geometry == {"type": "Polygon", "coordinates": [SQUARE]}
    assert bbox_of(geometry) == [10.0, 0.0, 20.0, 10.0]


def test_an_open_ring_is_closed() -> None:
    geometry = geometry_of(polygon(SQUARE[:-1]))
    assert geometry == {"type": "Polygon", "coordinates": [SQUARE]}


def test_a_footprint_across_the_antimeridian_is_split() -> None:
    geometry = geometry_of(polygon(ACROSS))
    assert geometry is not None
    assert geometry["type"] == "MultiPolygon"
    parts = [shape({"type": "Polygon", "coordinates": rings}) for rings in geometry["coordinates"]]
    assert all(part.is_valid for part in parts)
    west, east = sorted((part.bounds for part in parts), key=lambda bounds: bounds[0])
    assert (west[0], round(west[2], 2)) == (-180.0, -176.95)
    assert (round(east[0], 2), east[2]) == (173.5, 180.0)
    unsplit = shape({"type": "Polygon", "coordinates": [[[x % 360, y] for x, y in ACROSS]]})
    assert sum(part.area for part in parts) == pytest.approx(unsplit.area)
    box = bbox_of(geometry)
    assert box[0] > box[2], "west of the box is east of its east, as RFC 7946 5.2 has it"
    assert [round(each, 2) for each in box] == [173.5, 50.0, -176.95, 60.0]


def test_a_footprint_around_the_pole_goes_up_to_it() -> None:
    ring = [[0.0, 80.0], [90.0, 80.0], [180.0, 80.0], [-90.0, 80.0], [0.0, 80.0]]
    geometry = geometry_of(polygon(ring))
    assert geometry is not None
    assert shape(geometry).is_valid
    assert shape(geometry).area == pytest.approx(360 * 10)


def test_a_hole_is_split_with_its_polygon() -> None:
    outer = [[170.0, 0.0], [-170.0, 0.0], [-170.0, 20.0], [170.0, 20.0], [170.0, 0.0]]
    hole = [[175.0, 5.0], [-175.0, 5.0], [-175.0, 15.0], [175.0, 15.0], [175.0, 5.0]]
    geometry = geometry_of(polygon(outer, hole))
    assert geometry is not None
    assert shape(geometry).area == pytest.approx(20 * 20 - 10 * 10)


@pytest.mark.parametrize(
    "text",
    [
        "geography'SRID=4326;POLYGON((10 0,20 0,20 10,10 10,10 0))'",
        "geography'SRID=4326;Polygon((10.0 0.0, 20 0, 20 10, 10 10, 10 0))",
        "POLYGON ((10 0 5,20 0 5,20 10 5,10 10 5,10 0 5))",
    ],
)
def test_the_text_of_a_footprint_will_do(text: str) -> None:
    assert geometry_of({"Footprint": text}) == {"type": "Polygon", "coordinates": [SQUARE]}


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"GeoFootprint": None, "Footprint": None},
        {"GeoFootprint": {"type": "Circle", "coordinates": [1]}},
        {"GeoFootprint": {"type": "Polygon", "coordinates": []}},
        {"Footprint": "nowhere"},
        {"Footprint": "POLYGON((a b,c d))"},
    ],
)
def test_no_footprint_is_no_geometry(row: dict[str, Any]) -> None:
    assert geometry_of(row) is None


def test_other_geometries_are_kept_without_their_crs() -> None:
    line = {"type": "LineString", "coordinates": [[1.0, 2.0], [3.0, 4.0]]}
    geometry = geometry_of({"GeoFootprint": line | {"crs": {"type": "name"}}})
    assert geometry == line
    assert bbox_of(geometry) == [1.0, 2.0, 3.0, 4.0]
