"""Areas of a filter as polygons that a station can be asked with (WKT, longitude before latitude)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

MAX_VERTICES = 100
LONGEST_EDGE = 90.0
"""Degrees of longitude; a longer edge could be taken for one that crosses the antimeridian."""

Position = Sequence[float]


def polygons_around(area: dict[str, Any]) -> list[str]:
    """WKT polygons that together cover `area` (GeoJSON geometry or {"bbox": ...}); none where there is no telling."""
    if "bbox" in area:
        return _box(area["bbox"])
    kind, coordinates = area.get("type"), area.get("coordinates")
    if kind == "Polygon" and coordinates:
        return [_polygon(coordinates[0])]
    if kind == "MultiPolygon" and coordinates:
        return [_polygon(rings[0]) for rings in coordinates if rings]
    positions = list(positions_of(area))
    return _around(positions) if positions else []


def positions_of(geometry: dict[str, Any]) -> Iterator[Position]:
    """All positions of a GeoJSON geometry."""
    for part in geometry.get("geometries", ()):
        yield from positions_of(part)
    yield from _flat(geometry.get("coordinates", ()))


def _flat(node: Any) -> Iterator[Position]:
    if node and isinstance(node[0], int | float):
        yield node
    else:
        for part in node:
            yield from _flat(part)


def _box(bbox: Sequence[float]) -> list[str]:
    west, south, east, north = bbox[0], bbox[1], bbox[len(bbox) // 2], bbox[len(bbox) // 2 + 1]
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return [_polygon(_ring(w, south, e, north)) for w, e in spans]


def _polygon(ring: Sequence[Position]) -> str:
    """A ring as WKT; one of too many vertices by the box around it."""
    if len(ring) > MAX_VERTICES:
        return _around(ring)[0]
    points = ",".join(f"{_degrees(point[0])} {_degrees(point[1])}" for point in _dense(ring))
    return f"POLYGON(({points}))"


def _around(positions: Sequence[Position]) -> list[str]:
    """The box around positions, a little larger than they need, since a box must have an area."""
    longitudes, latitudes = [point[0] for point in positions], [point[1] for point in positions]
    pad = 1e-6
    west, east = max(-180.0, min(longitudes) - pad), min(180.0, max(longitudes) + pad)
    south, north = max(-90.0, min(latitudes) - pad), min(90.0, max(latitudes) + pad)
    return [_polygon(_ring(west, south, east, north))]


def _ring(west: float, south: float, east: float, north: float) -> list[Position]:
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def _dense(ring: Sequence[Position]) -> Iterator[Position]:
    """The ring with points on edges that are long in longitude."""
    for (x, y, *_), (next_x, next_y, *_) in pairwise(ring):
        pieces = max(1, math.ceil(abs(next_x - x) / LONGEST_EDGE))
        for piece in range(pieces):
            yield x + (next_x - x) * piece / pieces, y + (next_y - y) * piece / pieces
    yield ring[-1]


def _degrees(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")
