"""The runner: one benchmark after the other, whatever becomes of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.__main__ import main, measure
from bench.benchmarks import BENCHMARKS, Benchmark, Run
from bench.results import NotMeasured, Result

FOUND = Result("found", 1.0, 1.0)


def failing(run):
    raise NotMeasured("nothing to compare")


def test_one_that_cannot_be_measured_keeps_no_other_from_running():
    run = Run(quick=True, folder=Path(), jars=Path(), say=lambda line: None)
    kept: list[list[Result]] = []
    benchmarks = [Benchmark("broken", failing), Benchmark("sound", lambda run: [FOUND])]
    measured, failures = measure(benchmarks, run, kept.append)
    assert kept == [measured]
    assert [(result.name, result.value) for result in measured] == [("found", 1.0)]
    assert "quick" in measured[0].made
    assert measured[0].size == "quick"
    assert failures == ["broken was not measured: nothing to compare"]


def test_names_are_for_the_command_line_and_each_is_one_benchmark():
    names = [benchmark.name for benchmark in BENCHMARKS]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_a_name_that_is_none_is_refused_with_those_that_there_are(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--only", "nothing"])
    with pytest.raises(SystemExit):
        main()
    assert "search_with_rights" in capsys.readouterr().err
