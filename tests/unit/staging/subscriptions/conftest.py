"""Standing orders in a world of their own."""

from __future__ import annotations

import pytest

from tests.unit.staging.subscriptions.orders import Orders
from tests.unit.staging.world import World


@pytest.fixture
def orders(world: World) -> Orders:
    return Orders(world)
