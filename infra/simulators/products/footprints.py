"""Footprints: a small pool for each mission, so that a spatial test is made once a footprint and not once a product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from simulators.orbits import PLANS, Position, ground_point
from simulators.products.recorded import Ring, recorded_rings

if TYPE_CHECKING:
    from shapely import STRtree
    from shapely.geometry.base import BaseGeometry

TRACKS, PHASES = 40, 24
HALF_WIDTH = {"S1": 125.0, "S2": 145.0, "S3": 635.0, "S5": 1300.0}
"""Half a swath, in kilometres."""
KM_OF_DEGREE = 111.2
ZONES, BANDS, SQUARES = 60, "CDEFGHJKLMNPQRSTUVWX", "ABCDEFGHJKLMNPQRSTUVWXYZ"
TILES = 600


@dataclass(frozen=True, slots=True)
class Footprint:
    """A closed ring of (longitude, latitude); it may cross the antimeridian, and then jumps from 180 to -180."""

    ring: Ring

    def ewkt(self, style: str) -> str:
        """As the stations' text; `style` is how they write the beginning, such as `POLYGON((`."""
        points = ",".join(f"{longitude} {latitude}" for longitude, latitude in self.ring)
        return f"geography'SRID=4326;{style}{points}))'"

    def geojson(self) -> dict[str, Any]:
        """As GeoJSON, as it is on the wire: not split at the antimeridian."""
        return {"type": "Polygon", "coordinates": [[list(point) for point in self.ring]]}

    def coordinates(self) -> str:
        """As in the attribute of this name: `lat,lon lat,lon ...`."""
        return " ".join(f"{latitude},{longitude}" for longitude, latitude in self.ring)


@dataclass(frozen=True)
class FootprintPool:
    """The footprints of a station's products; a product names one by its number."""

    footprints: tuple[Footprint, ...]
    swaths: dict[str, int]
    """Number of the first swath of a mission (`S1`, ...)."""
    first_tile: int
    tile_ids: tuple[str, ...]

    @classmethod
    @cache
    def of(cls, missions: tuple[str, ...]) -> FootprintPool:
        """The pool for missions (`S1`, ..., `S5P`, `AUX`); the same at every call."""
        footprints: list[Footprint] = []
        swaths: dict[str, int] = {}
        for mission in (each[:2] for each in missions if each[:2] in PLANS):
            swaths[mission] = len(footprints)
            footprints += (_swath(mission, track, phase) for track in range(TRACKS) for phase in range(PHASES))
        tiles = [_tile(number) for number in range(TILES)] if "S2" in swaths else []
        if tiles:
            footprints += map(Footprint, recorded_rings())
        first_tile = len(footprints)
        footprints += (footprint for _, footprint in tiles)
        return cls(tuple(footprints), swaths, first_tile, tuple(tile_id for tile_id, _ in tiles))

    def numbers(self) -> dict[Ring, int]:
        """The number of each ring."""
        return {footprint.ring: number for number, footprint in enumerate(self.footprints)}

    def swath_at(self, mission: str, position: Position) -> int:
        """The number of the swath seen from a position."""
        return self.swaths[mission] + (position.relative % TRACKS) * PHASES + int(position.phase * PHASES)

    def match(self, function: str, area: str) -> Sequence[int]:
        """The numbers of the footprints that pass `Intersects`, `Within` or `Disjoints` with an EWKT area."""
        from simulators.products.areas import passing  # shapely takes long to import; few need it

        return passing(function, area, self._index)

    @cached_property
    def _index(self) -> tuple[STRtree, list[BaseGeometry]]:
        from simulators.products.areas import index_of

        return index_of([each.ring for each in self.footprints])


def _swath(mission: str, track: int, phase: int) -> Footprint:
    plan = PLANS[mission]
    node = -180 + 360 * track / TRACKS
    begin, end = phase / PHASES, (phase + 0.6) / PHASES
    corners = [
        _beside(mission, ground_point(plan.inclination, node, moment), side)
        for moment, side in ((begin, -1), (end, -1), (end, 1), (begin, 1), (begin, -1))
    ]
    return Footprint(tuple(corners))


def _beside(mission: str, point: tuple[float, float], side: int) -> tuple[float, float]:
    """A point moved east or west by half a swath, not beyond the poles' surroundings."""
    longitude, latitude = point
    degrees = min(HALF_WIDTH[mission] / KM_OF_DEGREE, 12.0)
    return round(_wrapped(longitude + side * degrees), 4), round(latitude, 4)


def _wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def _tile(number: int) -> tuple[str, Footprint]:
    """A tile in the naming of the MGRS grid, near where that grid has it."""
    zone = number % ZONES + 1
    band = BANDS[(number // ZONES * 2 + number) % len(BANDS)]
    square = SQUARES[number % len(SQUARES)] + SQUARES[(number * 7) % 20]
    west = -186 + 6 * zone + (number * 13 % 50) / 10
    south = -80 + 8 * BANDS.index(band) + (number * 17 % 70) / 10
    ring = ((west, south), (west + 1, south), (west + 1, south + 1), (west, south + 1), (west, south))
    footprint = Footprint(tuple((round(_wrapped(x), 4), round(y, 4)) for x, y in ring))
    return f"{zone:02d}{band}{square}", footprint
