"""Footprints of products as STAC geometries: closed rings, split where they cross the antimeridian (RFC 7946 3.1.9)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from rs_server.stations.filters.areas import positions_of

FOOTPRINT = re.compile(r"(POLYGON)\s*\(\((.+?)\)\)", re.IGNORECASE)
KINDS = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})

Ring = list[list[float]]


def geometry_of(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The geometry of a product, from GeoFootprint or else from the text of Footprint; None where it has none."""
    given = row.get("GeoFootprint")
    if isinstance(given, Mapping) and given.get("type") in KINDS and given.get("coordinates"):
        return _split({"type": given["type"], "coordinates": given["coordinates"]})
    found = FOOTPRINT.search(row.get("Footprint") or "")
    if not found:
        return None
    try:
        ring = [[float(number) for number in point.split()[:2]] for point in found[2].split(",")]
    except ValueError:
        return None
    return _split({"type": "Polygon", "coordinates": [ring]})


def bbox_of(geometry: dict[str, Any]) -> list[float]:
    """West, south, east, north; where the geometry is on both sides of the antimeridian, west is above east."""
    positions = list(positions_of(geometry))
    longitudes, latitudes = [point[0] for point in positions], [point[1] for point in positions]
    west, east = min(longitudes), max(longitudes)
    if geometry["type"] == "MultiPolygon" and west == -180.0 and east == 180.0:
        parts = [[point[0] for point in rings[0]] for rings in geometry["coordinates"]]
        west = min(min(part) for part in parts if max(part) == east)
        east = max(max(part) for part in parts if min(part) == -180.0)
    return [west, min(latitudes), east, max(latitudes)]


def _split(geometry: dict[str, Any]) -> dict[str, Any]:
    """`geometry` with its polygons cut at the antimeridian."""
    if geometry["type"] == "Polygon":
        given = [geometry["coordinates"]]
    elif geometry["type"] == "MultiPolygon":
        given = geometry["coordinates"]
    else:
        return geometry
    polygons = [part for rings in given for part in _parts(rings)]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _parts(rings: Sequence[Sequence[Sequence[float]]]) -> Iterator[list[Ring]]:
    closed = [_closed(ring) for ring in rings if len(ring) >= 3]
    if not closed:
        return
    jumps = [_jumps(ring) for ring in closed]
    if len(jumps[0]) % 2:
        yield [_around_pole(closed[0], jumps[0][0])]
    elif not any(jumps):
        yield closed
    else:
        unwrapped = [_unwrapped(ring) for ring in closed]
        for shift in (-360.0, 0.0, 360.0):
            part = [[[x - shift, y] for x, y in _clipped(ring, shift - 180, shift + 180)] for ring in unwrapped]
            if len(part[0]) >= 4:
                yield [ring for ring in part if len(ring) >= 4]


def _jumps(ring: Ring) -> list[int]:
    """The positions before which a ring jumps from one side of the antimeridian to the other."""
    return [index for index in range(1, len(ring)) if abs(ring[index][0] - ring[index - 1][0]) > 180]


def _closed(ring: Sequence[Sequence[float]]) -> Ring:
    points = [[float(point[0]), float(point[1])] for point in ring]
    return points if points[0] == points[-1] else [*points, points[0]]


def _around_pole(ring: Ring, jump: int) -> Ring:
    """A ring that goes round a pole, as one from -180 to 180 that is closed along the pole."""
    points = [*ring[jump:-1], *ring[:jump]]
    (x, y), (last_x, last_y) = points[0], points[-1]
    side = -180.0 if x < 0 else 180.0
    before, after = 180.0 - abs(last_x), 180.0 - abs(x)
    crossing = last_y + (y - last_y) * (before / (before + after) if before + after else 0.5)
    pole = 90.0 if sum(latitude for _, latitude in points) > 0 else -90.0
    return [[side, crossing], *points, [-side, crossing], [-side, pole], [side, pole], [side, crossing]]


def _unwrapped(ring: Ring) -> Ring:
    """The ring with longitudes that go on beyond 180."""
    points = [ring[0]]
    for x, y in ring[1:]:
        before = points[-1][0]
        points.append([before + (x - before + 180) % 360 - 180, y])
    return points


def _clipped(ring: Ring, west: float, east: float) -> Ring:
    """The part of a closed ring between two meridians (Sutherland and Hodgman)."""
    inside = _half(_half(ring[:-1], west, 1), east, -1)
    return _closed(inside) if len(inside) >= 3 else []


def _half(points: Ring, meridian: float, side: int) -> Ring:
    """The points on one side (1: east) of a meridian, with those where the ring crosses it."""
    kept: Ring = []
    for (x, y), (next_x, next_y) in pairwise([*points, *points[:1]]):
        here, there = (x - meridian) * side, (next_x - meridian) * side
        if here >= 0:
            kept.append([x, y])
        if here * there < 0:
            kept.append([meridian, y + (next_y - y) * (meridian - x) / (next_x - x)])
    return kept
