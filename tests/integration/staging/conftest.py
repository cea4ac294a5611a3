"""Staging deployments on a simulated AWS."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.staging.world import Worlds


@pytest.fixture
def worlds() -> Iterator[Worlds]:
    made = Worlds()
    yield made
    made.close()
