"""Where a satellite is at an instant: orbit numbers and ground track, simple but consistent."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulators.odata.instants import DAY, read_instant

RECORDED = read_instant("2024-11-14T14:30:00Z")
"""At this instant the orbit numbers below were (about) reached; S1A's is that of the recorded downlink."""


@dataclass(frozen=True, slots=True)
class OrbitPlan:
    """A mission's repeating orbit."""

    days: int
    revolutions: int
    inclination: float
    """In degrees; above 90, retrograde."""
    reached: int
    """The absolute orbit number at `RECORDED`."""

    @property
    def period(self) -> int:
        """Microseconds of a revolution."""
        return self.days * DAY // self.revolutions


@dataclass(frozen=True, slots=True)
class Position:
    """Orbit numbers, and how much of the revolution (from the ascending node on) is done, 0 to 1."""

    absolute: int
    relative: int
    cycle: int
    phase: float

    @property
    def direction(self) -> str:
        """ASCENDING or DESCENDING."""
        return "DESCENDING" if 0.25 <= self.phase < 0.75 else "ASCENDING"


PLANS = {
    "S1": OrbitPlan(12, 175, 98.18, 56552),
    "S2": OrbitPlan(10, 143, 98.62, 49100),
    "S3": OrbitPlan(27, 385, 98.65, 45500),
    "S5": OrbitPlan(16, 227, 98.74, 36700),
}


def position(unit: str, instant: int) -> Position:
    """The orbit of a unit such as `S1A`; units of a mission fly on one numbering here."""
    plan = PLANS[unit[:2]]
    turns, rest = divmod(instant - RECORDED, plan.period)
    absolute = plan.reached + turns
    cycle, relative = divmod(absolute, plan.revolutions)
    return Position(absolute, relative + 1, cycle + 1, rest / plan.period)


def ground_point(inclination: float, node_longitude: float, phase: float) -> tuple[float, float]:
    """Longitude (not wrapped) and latitude below a satellite, in degrees."""
    angle, tilt = 2 * math.pi * phase, math.radians(inclination)
    latitude = math.asin(math.sin(tilt) * math.sin(angle))
    along = math.atan2(math.cos(tilt) * math.sin(angle), math.cos(angle))
    # atan2 jumps at half a revolution, and the Earth turns a fourteenth beneath each.
    return node_longitude + math.degrees(along) - 360 * phase / 14.5, math.degrees(latitude)
