"""Boxes and shapes as the engine wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rs_server.errors import InvalidRequest

Shape = dict[str, Any]

DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""How deep the positions of each kind of geometry are nested (RFC 7946)."""


def check_geometry(geometry: object) -> None:
    """Return if `geometry` is GeoJSON on the globe; raises InvalidRequest. What is left to check the engine checks."""
    match geometry:
        case {"type": "GeometryCollection", "geometries": [*parts]}:
            for part in parts:
                check_geometry(part)
        case {"type": str(kind), "coordinates": [*coordinates]} if kind in DEPTHS:
            _check_positions(coordinates, DEPTHS[kind])
        case _:
            raise InvalidRequest("geometry: it must be a GeoJSON geometry, or null.")


def _check_positions(coordinates: Any, depth: int) -> None:
    """Return if `coordinates` are lists in lists, `depth` deep, with positions on the globe in the innermost."""
    if depth == 0:
        coordinates, depth = [coordinates], 1
    if not isinstance(coordinates, list):
        raise _misshapen()
    if depth > 1:
        for part in coordinates:
            _check_positions(part, depth - 1)
        return
    for position in coordinates:
        if not isinstance(position, list) or len(position) < 2:
            raise _misshapen()
        longitude, latitude = position[0], position[1]
        if not isinstance(longitude, (int, float)) or not isinstance(latitude, (int, float)):
            raise _misshapen()
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise InvalidRequest("geometry: longitudes lie between -180 and 180, latitudes between -90 and 90.")


def _misshapen() -> InvalidRequest:
    return InvalidRequest("geometry: its coordinates are not those of its type.")


def envelope(bbox: Sequence[float]) -> Shape:
    """The shape of a bounding box of 4 or 6 numbers; west may be greater than east, across the antimeridian."""
    west, south, east, north = _flat(bbox)
    if south > north:
        raise InvalidRequest("bbox: its southern edge lies north of its northern one.")
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
        raise InvalidRequest("bbox: longitudes lie between -180 and 180, latitudes between -90 and 90.")
    return {"type": "envelope", "coordinates": [[west, north], [east, south]]}


def intersecting(field: str, shape: Mapping[str, Any], relation: str = "intersects") -> dict[str, Any]:
    """The query for documents whose `field` has this relation to `shape`."""
    return {"geo_shape": {field: {"shape": dict(shape), "relation": relation}}}


def _flat(bbox: Sequence[float]) -> tuple[float, float, float, float]:
    if len(bbox) not in {4, 6} or not all(isinstance(edge, int | float) for edge in bbox):
        raise InvalidRequest("bbox: it must have 4 numbers, or 6 with heights.")
    half = len(bbox) // 2
    return bbox[0], bbox[1], bbox[half], bbox[half + 1]
