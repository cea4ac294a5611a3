"""Spatial tests with shapely, which only stations that are asked for them import."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise

import shapely
from shapely import STRtree
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from simulators.odata.errors import bad_request

_EWKT = re.compile(r"SRID=4326;\s*(?P<wkt>(?:POINT|LINESTRING|POLYGON|MULTIPOLYGON)\s*\([-+0-9.eE,\s()]*\))", re.I)
_HUGE = re.compile(r"e[-+]?[0-9]{3}|[0-9]{30}", re.I)
"""Numbers that no coordinate has, and that would overflow."""
WORLD = box(-180, -90, 180, 90)
EAST_OF_WORLD = box(180, -90, 540, 90)
MAX_POINTS = 2000

type Index = tuple[STRtree, list[BaseGeometry]]


def read_area(ewkt: str) -> BaseGeometry:
    """Read `SRID=4326;POLYGON((lon lat, ...))` and its like; raises a 400 for anything that is no area on Earth."""
    match = _EWKT.fullmatch(ewkt.strip())
    if match is None or _HUGE.search(match["wkt"]):
        raise _refused("write SRID=4326; and a POINT, LINESTRING, POLYGON or MULTIPOLYGON")
    try:
        area = shapely.from_wkt(match["wkt"].upper())
    except shapely.errors.ShapelyError as error:
        raise _refused(str(error).partition(": ")[2] or "it is no WKT") from None
    coordinates = shapely.get_coordinates(area).tolist()
    if not coordinates or len(coordinates) > MAX_POINTS:
        raise _refused(f"it must have 1 to {MAX_POINTS} points")
    if not all(_on_earth(longitude, latitude) for longitude, latitude in coordinates):
        raise _refused("longitudes go from -180 to 180, latitudes from -90 to 90")
    area = across_antimeridian(area)
    if not area.is_valid:
        raise _refused(shapely.is_valid_reason(area))
    return area


def across_antimeridian(area: BaseGeometry) -> BaseGeometry:
    """A polygon whose ring jumps over the antimeridian, cut there into two; anything else as it is.

    An edge of more than half the globe is taken to go the short way round, but not one that spans it all.
    """
    if not isinstance(area, Polygon) or not _jumps(area):
        return area
    unwrapped = Polygon([(x + 360 if x < 0 else x, y) for x, y in area.exterior.coords])
    parts = [unwrapped & WORLD, translate(unwrapped & EAST_OF_WORLD, xoff=-360)]
    polygons = [each for part in parts for each in getattr(part, "geoms", [part]) if isinstance(each, Polygon)]
    return MultiPolygon([each for each in polygons if not each.is_empty])


def index_of(rings: Sequence[Sequence[tuple[float, float]]]) -> Index:
    """A spatial index over rings."""
    geometries: list[BaseGeometry] = [across_antimeridian(Polygon(ring)).buffer(0) for ring in rings]
    return STRtree(geometries), geometries


def passing(function: str, area: str, index: Index) -> list[int]:
    """The numbers of the geometries that pass `Intersects`, `Within` or `Disjoints` with an EWKT area."""
    tree, geometries = index
    wanted = read_area(area)
    touching = {int(number) for number in tree.query(wanted, predicate="intersects")}
    if function == "Disjoints":
        return [number for number in range(len(geometries)) if number not in touching]
    if function == "Within":
        return sorted(number for number in touching if geometries[number].within(wanted))
    return sorted(touching)


def _jumps(polygon: Polygon) -> bool:
    longitudes = [x for x, _ in polygon.exterior.coords]
    return any(180 < abs(b - a) < 360 for a, b in pairwise(longitudes))


def _on_earth(longitude: float, latitude: float) -> bool:
    finite = math.isfinite(longitude) and math.isfinite(latitude)
    return finite and abs(longitude) <= 180 and abs(latitude) <= 90


def _refused(reason: str) -> Exception:
    return bad_request(f"The area of the spatial test is not understood: {reason}.")
