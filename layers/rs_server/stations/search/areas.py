"""`bbox` and `intersects` as filters on the geometry."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rs_server.errors import InvalidRequest
from rs_server.stations.filters.syntax import Filter, Other

GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)
MAX_POSITIONS = 2000


def read_bbox(value: Any) -> Filter:
    """`[west, south, east, north]`, or with heights 6 numbers; west > east crosses the antimeridian (RFC 7946 5.2)."""
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(map(_number, value)):
        raise InvalidRequest("bbox must be 4 or 6 numbers: west, south, (lowest,) east, north(, highest).")
    match list(value):
        case [west, south, east, north] | [west, south, _, east, north, _]:
            pass
        case _:
            raise InvalidRequest("bbox must have 4 or 6 numbers.")
    if not (-90 <= south <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise InvalidRequest("bbox must lie within -180, -90, 180, 90, with south not above north.")
    boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    rings = [[[w, south], [e, south], [e, north], [w, north], [w, south]] for w, e in boxes]
    if len(rings) == 1:
        return intersecting({"type": "Polygon", "coordinates": rings})
    return intersecting({"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]})


def read_intersects(value: Any) -> Filter:
    """A GeoJSON geometry of any type."""
    _check(value)
    return intersecting(value)


def intersecting(geometry: Mapping[str, Any]) -> Filter:
    """The filter for items whose geometry meets `geometry`."""
    return Other({"op": "s_intersects", "args": [{"property": "geometry"}, dict(geometry)]}, frozenset({"geometry"}))


def _check(value: Any) -> None:
    if not isinstance(value, Mapping) or value.get("type") not in GEOMETRIES:
        raise InvalidRequest("intersects must be a GeoJSON geometry.")
    if value["type"] == "GeometryCollection":
        for part in value.get("geometries") or ():
            _check(part)
        return
    positions = list(_positions(value.get("coordinates")))
    if not positions:
        raise InvalidRequest("The geometry of intersects has no coordinates.")
    if len(positions) > MAX_POSITIONS:
        raise InvalidRequest(f"The geometry of intersects has more than {MAX_POSITIONS} positions. Simplify it.")
    if not all(-180 <= west <= 180 and -90 <= north <= 90 for west, north in positions):
        raise InvalidRequest("The coordinates of intersects must be longitudes and latitudes in degrees.")


def _positions(node: Any, depth: int = 0) -> list[tuple[float, float]]:
    if not isinstance(node, list) or depth > 4:
        raise InvalidRequest("The coordinates of intersects are not those of a GeoJSON geometry.")
    if node and all(map(_number, node)):
        if len(node) not in {2, 3}:
            raise InvalidRequest("A position of intersects must have 2 or 3 numbers.")
        return [(node[0], node[1])]
    return [position for part in node for position in _positions(part, depth + 1)]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
