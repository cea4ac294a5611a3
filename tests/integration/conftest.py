"""What integration tests run on: a real search engine, AWS in memory (moto)."""

from __future__ import annotations

import dataclasses
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import engine, parts

ROOT = Path(__file__).parents[2]
FREE_PORTS = range(9260, 9300)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the first file that needs the search engine start it while other workers do what does not need it."""
    here = Path(__file__).parent
    asking = [item.path for item in items if "search_engine_url" in getattr(item, "fixturenames", ())]
    first, others = asking[:1], set(asking)

    def turn(item: pytest.Item) -> int:
        if not item.path.is_relative_to(here):
            return 3
        return 0 if item.path in first else 2 if item.path in others else 1

    items.sort(key=turn)


@pytest.fixture(scope="session")
def search_engine_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a real OpenSearch node: the one RS_TEST_SEARCH_URL names, else one of this test session.

    Tests share it, with each other and perhaps with others: each makes indices of its own names and removes them.
    """
    given = os.environ.get("RS_TEST_SEARCH_URL")
    if given:
        return given
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    session = os.getppid() if worker else os.getpid()
    base = tmp_path_factory.getbasetemp()
    home = parts.Home((base.parent if worker else base) / "search-engine")
    with _locked(home.folder):
        return _session_engine(session, home)


def _session_engine(session: int, home: parts.Home) -> str:
    """Start the engine of this test session, unless another worker has; it ends with the process `session`."""
    address = home.folder / "url"
    if address.exists():
        return address.read_text()
    port = next(port for port in FREE_PORTS if not parts.is_busy(port))
    node = engine.Engine(f"test-{session}", port)
    plain = engine.part(node, home, engine.fetch_jars(ROOT / ".local" / "jars"))
    engine.prepare(home)
    watched = (sys.executable, "-m", "local.watch", str(session), *plain.command)
    parts.ensure(dataclasses.replace(plain, command=watched), home)
    address.write_text(node.url)
    return node.url


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
