"""The benchmarks that there are, each a module that measures one thing. A new one is one more line in `BENCHMARKS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import (
    flat,
    ingest,
    rights_clause,
    search_with_rights,
    staging_planning,
    staging_transfers,
    station_imports,
    station_search,
)
from bench.results import Result
from local.parts import Home


@dataclass(frozen=True, slots=True)
class Run:
    """What a benchmark is given: how thorough it has to be, where it may keep things, and how it tells its progress."""

    quick: bool
    folder: Path
    jars: Path
    """Where the search engine's jars are fetched to."""
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One measurement that stands by itself, chosen by its name with `--only`."""

    name: str
    measure: Callable[[Run], list[Result]]
    """Raises NotMeasured, LoadFailed or PartFailed when there is nothing to report."""


def _search_with_rights(run: Run) -> list[Result]:
    size = search_with_rights.QUICK if run.quick else search_with_rights.FULL
    return search_with_rights.run(size, run.folder, run.jars, run.say)


def _station_search(run: Run) -> list[Result]:
    return station_search.run(3 if run.quick else 9, run.say)


def _station_imports(run: Run) -> list[Result]:
    return station_imports.run(3 if run.quick else 9, run.folder, run.say)


def _rights_clause(run: Run) -> list[Result]:
    return rights_clause.run(rights_clause.QUICK if run.quick else rights_clause.FULL, run.folder, run.jars, run.say)


def _many_collections(run: Run) -> list[Result]:
    return flat.many_collections(flat.QUICK if run.quick else flat.FULL, run.folder, run.jars, run.say)


def _many_items(run: Run) -> list[Result]:
    return flat.many_items(flat.QUICK if run.quick else flat.FULL, run.folder, run.jars, run.say)


def _ingest(run: Run) -> list[Result]:
    return ingest.run(ingest.QUICK if run.quick else ingest.FULL, run.folder, run.jars, run.say)


def _staging(measure: Callable[..., list[Result]]) -> Callable[[Run], list[Result]]:
    """A benchmark of staging, with parts of its own below the run's folder."""
    return lambda run: measure(Home(run.folder / "staging"), run.jars.parent, run.say, quick=run.quick)


BENCHMARKS = (
    Benchmark("search_with_rights", _search_with_rights),
    Benchmark("rights_clause", _rights_clause),
    Benchmark("many_collections", _many_collections),
    Benchmark("many_items", _many_items),
    Benchmark("ingest", _ingest),
    Benchmark("station_search", _station_search),
    Benchmark("station_imports", _station_imports),
    Benchmark("staging_stream", _staging(staging_transfers.one_stream)),
    Benchmark("staging_workers", _staging(staging_transfers.scaling)),
    Benchmark("staging_memory", _staging(staging_transfers.memory)),
    Benchmark("staging_planning", _staging(staging_planning.measure)),
)
