"""Stations that tests may only read; whoever changes one makes a station of its own."""

from __future__ import annotations

import functools
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture(scope="session")
def untouched(tmp_path_factory):
    """The data that a station begins with, in a file made once."""
    folder = tmp_path_factory.mktemp("stations")

    @functools.cache
    def data(interface: str, profile: str, **options) -> Path:
        path = folder / f"{uuid.uuid4()}.sqlite"
        make_station(interface, profile, database=path, **options).database.close()
        return path

    return data


@pytest.fixture
def own_station(untouched, tmp_path):
    """Makes a station that the test may change."""
    made: list[Visitor] = []

    def make(interface: str, profile: str, now: str | None = None, **options) -> Visitor:
        database = shutil.copy(untouched(interface, profile, **options), tmp_path / f"{len(made)}.sqlite")
        at = read_instant(now) if now else None
        made.append(Visitor(make_station(interface, profile, now=at, database=database, **options)))
        return made[-1]

    yield make
    for visitor in made:
        visitor.station.database.close()
