"""What holds for all tests."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

# No clock decides whether a test passes: the machine may be slow, or do other things as well.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """Let the garbage collector not look through what was imported and collected: that stays to the end."""
    gc.collect()
    gc.freeze()
