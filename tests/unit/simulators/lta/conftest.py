"""An archive that the test may change."""

from __future__ import annotations

import pytest

from tests.unit.simulators.visitor import Visitor


@pytest.fixture
def acri(own_station) -> Visitor:
    return own_station("lta", "acri", count=120)
