"""Results: the goal, the file, the ratios."""

from __future__ import annotations

import json

import pytest

from bench.load import LoadFailed, rate
from bench.results import Result, add, line, read, write
from bench.search_with_rights import results_of


@pytest.mark.parametrize(
    ("value", "goal", "better", "reached"),
    [(1.0, 1.0, "higher", True), (0.9, 1.0, "higher", False), (0.9, 1.0, "lower", True), (1.1, 1.0, "lower", False)],
)
def test_a_goal_is_reached_on_its_better_side(value, goal, better, reached):
    result = Result("x", value, goal, better)
    assert result.reached is reached
    assert line(result).endswith("reached" if reached else "MISSED")


def test_the_file_for_scripts(tmp_path):
    write(tmp_path / "bench.json", [Result("search", 5.8, 1.0)])
    assert json.loads((tmp_path / "bench.json").read_text()) == {
        "results": [{"name": "search", "value": 5.8, "goal": 1.0, "better": "higher"}]
    }
    assert [file.name for file in tmp_path.iterdir()] == ["bench.json"]


def test_results_of_several_runs_add_up_and_a_quick_one_replaces_no_full_one(tmp_path):
    file = tmp_path / "bench.json"
    add(file, [Result("a", 1.0, 1.0, made="today", size="full"), Result("b", 1.0, 1.0, size="quick")])
    add(file, [Result("a", 2.0, 1.0, size="quick"), Result("b", 2.0, 1.0, size="quick"), Result("c", 2.0, 1.0)])
    assert [(result.name, result.value) for result in read(file)] == [("a", 1.0), ("b", 2.0), ("c", 2.0)]
    assert read(file)[0].made == "today"
    add(file, [Result("a", 3.0, 1.0, size="full"), Result("b", 3.0, 1.0, size="full")])
    assert [(result.name, result.value) for result in read(file)] == [("a", 3.0), ("b", 3.0), ("c", 2.0)]


def test_rounds_give_their_median_and_requests_their_geometric_mean():
    overall, first, second = results_of({("a", 1): [1.0, 2.0, 9.0], ("b", 8): [8.0]})
    assert (first.name, first.value) == ("search with rights: a, 1 clients", 2.0)
    assert second.value == 8.0
    assert (overall.name, overall.value) == ("search with rights", 4.0)


def stats(**members):
    counted = {"name": "x", "num_requests": 300, "num_failures": 0, "start_time": 10.0, "last_request_timestamp": 14.0}
    return counted | members


def test_requests_are_counted_over_the_time_they_took():
    assert rate(stats()) == 75.0


@pytest.mark.parametrize("members", [{"num_failures": 1}, {"num_requests": 0}])
def test_a_load_with_failures_measures_nothing(members):
    with pytest.raises(LoadFailed):
        rate(stats(**members))
