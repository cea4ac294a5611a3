"""Stations that tests may only read; whoever changes one makes a station of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from simulators.odata.instants import read_instant
from tests.unit.simulators.visitor import Visitor, make_station


@pytest.fixture(scope="session")
def visitors() -> Iterator[dict[tuple[str, str], Visitor]]:
    made: dict[tuple[str, str], Visitor] = {}
    yield made
    for visitor in made.values():
        visitor.station.database.close()


@pytest.fixture
def visit(visitors):
    """A visitor to a station of this interface and profile, made once."""

    def visitor(interface: str, profile: str) -> Visitor:
        if (interface, profile) not in visitors:
            visitors[interface, profile] = Visitor(make_station(interface, profile))
        return visitors[interface, profile]

    return visitor


@pytest.fixture
def mti(visit) -> Visitor:
    """Matera, a day after the recorded pass."""
    return visit("cadip", "mti")


@pytest.fixture
def own_station():
    """Makes a station that the test may change."""
    made: list[Visitor] = []

    def make(interface: str, profile: str, now: str | None = None, **options) -> Visitor:
        station = make_station(interface, profile, now=read_instant(now) if now else None, **options)
        made.append(Visitor(station))
        return made[-1]

    yield make
    for visitor in made:
        visitor.station.database.close()
