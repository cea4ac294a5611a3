"""Stations that tests may only read; whoever changes one makes a station of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.odata.instants import read_instant
from simulators.service.station import Station
from tests.unit.simulators.visitor import Visitor, make_station


@pytest.fixture(scope="session")
def stations() -> Iterator[dict[tuple[str, str], Station]]:
    made: dict[tuple[str, str], Station] = {}
    yield made
    for station in made.values():
        station.database.close()


@pytest.fixture
def visit(stations):
    """A visitor to a station of this interface and profile, made once."""

    def visitor(interface: str, profile: str) -> Visitor:
        key = (interface, profile)
        if key not in stations:
            stations[key] = make_station(interface, profile)
        return Visitor(stations[key])

    return visitor


@pytest.fixture
def mti(visit) -> Visitor:
    """Matera, some hours after the recorded pass."""
    return visit("cadip", "mti")


@pytest.fixture
def own_station():
    """Makes a station that the test may change."""
    made: list[Station] = []

    def make(interface: str, profile: str, now: str | None = None, **options) -> Visitor:
        station = make_station(interface, profile, now=read_instant(now) if now else None, **options)
        made.append(station)
        return Visitor(station)

    yield make
    for station in made:
        station.database.close()
