"""A production service that tests may only read."""

from __future__ import annotations

import pytest


@pytest.fixture
def s1a(visit):
    return visit("prip", "s1a")
