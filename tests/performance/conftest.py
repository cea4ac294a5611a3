"""Tests that take minutes and measure; `make test` leaves them out. Run them with `pytest tests/performance`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

MEASURED = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "performance: measures against a goal, and takes minutes")
    config.stash[MEASURED] = []


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> Callable[[str, float, str], None]:
    """Notes a figure, to be printed at the end."""

    def note(name: str, value: float, unit: str) -> None:
        pytestconfig.stash[MEASURED].append(f"{value:10.3g} {unit:5} {name}")

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash[MEASURED]:
        terminalreporter.write_line(line)
