"""The parts of the search benchmark: one engine, and two web servers of one worker each on it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench import kept
from local import engine, parts
from local.looking import look

ENGINE_PORT, CATALOG_PORT, LIBRARY_PORT = 9209, 9407, 9408
CATALOG = f"http://localhost:{CATALOG_PORT}"
LIBRARY = f"http://localhost:{LIBRARY_PORT}"


@contextmanager
def running_engine(home: parts.Home, jars: Path) -> Iterator[str]:
    """URL of an engine that holds nothing; it ends with the block."""
    engine.prepare(home)
    with _engine(home, jars) as url:
        yield url


@contextmanager
def kept_engine(data: kept.Data, jars: Path) -> Iterator[tuple[str, bool]]:
    """URL of an engine, and whether `data` is loaded; if not, the block has to load it. It ends with the block."""
    home = parts.Home(data.folder)
    with data.in_use() as loaded:
        if not loaded:
            shutil.rmtree(data.folder, ignore_errors=True)
            engine.prepare(home)
        with _engine(home, jars) as url:
            yield url, loaded
            kept.flush(url)


@contextmanager
def _engine(home: parts.Home, jars: Path) -> Iterator[str]:
    node = engine.Engine("rs-server-bench", ENGINE_PORT, "1g")
    with running(engine.part(node, home, engine.fetch_jars(jars)), home):
        yield node.url


@contextmanager
def running(part: parts.Part, home: parts.Home) -> Iterator[None]:
    """Have `part` running within the block. Raises PartFailed."""
    try:
        parts.ensure(part, home)
        yield
    finally:
        parts.stop(part.name, home)


def catalog(engine_url: str, collections: list[str], login: str = "reader") -> parts.Part:
    """Our catalog with rights, asked by `login`, who may read `collections`."""
    environment = {
        "SEARCH_ENGINE": "opensearch",
        "SEARCH_ENGINE_URL": engine_url,
        "BENCH_COLLECTIONS": ",".join(collections),
        "BENCH_URL": CATALOG,
        "BENCH_LOGIN": login,
    }
    return _server("catalog", "bench.catalog_server:create_app", CATALOG_PORT, environment)


def library(engine_url: str) -> parts.Part:
    """The bare stac-fastapi-opensearch, as its own documentation starts it."""
    address = httpx.URL(engine_url)
    environment = {
        "ES_HOST": address.host,
        "ES_PORT": str(address.port),
        "ES_USE_SSL": "false",
        "ES_VERIFY_CERTS": "false",
        "DATABASE_REFRESH": "true",
        "ENABLE_TRANSACTIONS_EXTENSIONS": "true",
    }
    return _server("library", "stac_fastapi.opensearch.app:create_app", LIBRARY_PORT, environment)


def _server(name: str, factory: str, port: int, environment: dict[str, str]) -> parts.Part:
    def is_ready() -> bool:
        answer = look(f"http://localhost:{port}/")
        return answer is not None and answer.is_success

    variables = ("env", *(f"{name}={value}" for name, value in environment.items()))
    command = (sys.executable, "-m", "uvicorn", factory, "--factory", "--port", str(port), "--log-level", "warning")
    return parts.Part(name=name, port=port, command=(*variables, *command), ready=is_ready)
