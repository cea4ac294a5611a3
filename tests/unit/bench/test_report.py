"""The page and the plot in the documentation say what was measured."""

from __future__ import annotations

from xml.etree import ElementTree

from bench import report, results
from bench.results import Result

MEASURED = [Result("quick & good", 4.0, 2.0, made="once, in full"), Result("slow", 3.0, 1.5, "lower")]


def test_the_table_has_each_value_and_whether_it_is_good_enough(tmp_path):
    report.write(tmp_path, MEASURED)
    page = (tmp_path / "benchmarks.md").read_text()
    assert "| quick & good | 4 | ≥ 2 | reached | once, in full |" in page
    assert "| slow | 3 | ≤ 1.5 | **missed** |" in page


def test_the_page_is_the_same_from_the_file(tmp_path):
    results.write(tmp_path / "bench.json", MEASURED)
    assert report.table(results.read(tmp_path / "bench.json")) == report.table(MEASURED)


def test_the_plot_shows_how_far_each_is_from_its_goal(tmp_path):
    root = ElementTree.fromstring(report.plot(MEASURED))
    good, bad = root.findall("{http://www.w3.org/2000/svg}rect")
    assert good.get("width") == bad.get("width")  # twice as good, half as good
    assert float(bad.get("x")) < float(good.get("x"))
    assert good.get("fill") != bad.get("fill")


def test_a_run_of_some_can_keep_the_results_of_others(tmp_path):
    results.write(tmp_path / "bench.json", MEASURED)
    new = [Result("slow", 1.0, 1.5, "lower"), Result("more", 1.0, 1.0)]
    kept = results.merged(results.read(tmp_path / "bench.json"), new)
    assert [(result.name, result.value) for result in kept] == [("quick & good", 4.0), ("slow", 1.0), ("more", 1.0)]
    assert results.read(tmp_path / "none.json") == []
