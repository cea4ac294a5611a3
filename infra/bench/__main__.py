"""`python -m bench`: run the benchmarks, show what came out, and add it to `.local/bench.json`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

from bench import report, results
from bench.benchmarks import BENCHMARKS, Benchmark, Run
from bench.load import LoadFailed
from bench.results import NotMeasured, Result
from local.parts import PartFailed

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run the benchmarks; 1 when one could not be measured, whose message is shown. A missed goal is no failure."""
    options = _options()
    home = ROOT / ".local"
    file = home / "bench.json"
    if options.report:
        report.write(ROOT / "docs", results.read(file))
        return 0
    run = Run(options.quick, home / "bench", home / "jars", lambda line: print(line, flush=True))
    chosen = [benchmark for benchmark in BENCHMARKS if not options.only or benchmark.name in options.only]
    measured, failures = measure(chosen, run, partial(results.add, file))
    if options.docs:
        report.write(ROOT / "docs", results.read(file))
    for result in measured:
        print(results.line(result))
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def measure(
    benchmarks: Iterable[Benchmark], run: Run, keep: Callable[[list[Result]], None]
) -> tuple[list[Result], list[str]]:
    """What each of `benchmarks` measured, one after the other, and why those failed that did.

    Each one's results are kept as soon as they are there, so that a run which is cut short has not run in vain.
    """
    measured: list[Result] = []
    failures: list[str] = []
    for benchmark in benchmarks:
        run.say(f"-- {benchmark.name}")
        start = monotonic()
        try:
            found = benchmark.measure(run)
        except (LoadFailed, NotMeasured, PartFailed) as failure:
            failures.append(f"{benchmark.name} was not measured: {failure}")
            continue
        made = report.conditions(os.cpu_count() or 1, os.getloadavg()[0], quick=run.quick)
        found = [replace(result, made=made, size="quick" if run.quick else "full") for result in found]
        keep(found)
        measured += found
        run.say(f"-- {benchmark.name}: {monotonic() - start:.0f} s")
    return measured, failures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller and shorter, for a first look")
    parser.add_argument("--docs", action="store_true", help="write the results into docs/benchmarks.md, as a plot, too")
    parser.add_argument("--report", action="store_true", help="only write docs/benchmarks.md from .local/bench.json")
    names = [benchmark.name for benchmark in BENCHMARKS]
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"may be repeated: {names}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
