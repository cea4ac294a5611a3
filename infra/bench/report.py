"""Results as people read them: a table and a plot in `docs/`, made from what was measured and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import log2
from pathlib import Path
from xml.sax.saxutils import escape

from bench.results import Result

TABLE = "benchmarks.md"
PLOT = "benchmarks.svg"
ROW, LABELS, WIDTH = 22, 430, 900
"""Pixels: height of a row, width of the names, of the whole."""
OCTAVES = 3
"""The plot ends at eight times the goal on either side."""


def write(folder: Path, results: Sequence[Result]) -> None:
    """Write table and plot into `folder`."""
    (folder / TABLE).write_text(table(results))
    (folder / PLOT).write_text(plot(results))


def conditions(processors: int, load: float, *, quick: bool) -> str:
    """What has to be known of a run to judge it."""
    size = "quick" if quick else "full"
    return f"{date.today().isoformat()}, {size}, {processors} processors, load {load:.1f}"


def table(results: Sequence[Result]) -> str:
    """A Markdown page."""
    rows = [
        f"| {result.name} | {result.value:g} | {'≥' if result.better == 'higher' else '≤'} {result.goal:g} "
        f"| {'reached' if result.reached else '**missed**'} | {result.made} |"
        for result in results
    ]
    head = [
        "# Benchmarks",
        "",
        "Written by `make bench BENCH=--report` from `.local/bench.json`. Each value but seconds is a ratio to a",
        "baseline that was measured in the same run, in turns; see [the decision](decisions/benchmarks.md). Sizes are",
        "full or quick (small); the load is the machine's at the end of the run, with the benchmark's own.",
        "",
        f"![Each value to its goal]({PLOT})",
        "",
        "| benchmark | value | goal | | measured |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def plot(results: Sequence[Result]) -> str:
    """Bars from the goal, which is the line in the middle, to the right as far as it is surpassed (in octaves)."""
    height = ROW * len(results) + 30
    middle = LABELS + (WIDTH - LABELS) / 2
    bars = [_bar(result, ROW * position + 10, middle) for position, result in enumerate(results)]
    line = f'<line x1="{middle}" y1="5" x2="{middle}" y2="{height - 20}" stroke="#333"/>'
    caption = (
        f'<text x="{middle}" y="{height - 6}" text-anchor="middle">goal; a mark to the right is twice as good</text>'
    )
    marks = [
        f'<line x1="{x}" y1="5" x2="{x}" y2="{height - 20}" stroke="#ddd"/>'
        for octave in range(-OCTAVES, OCTAVES + 1)
        for x in [middle + _width(octave)]
    ]
    style = 'font-family="sans-serif" font-size="12"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" {style}>'
    return "\n".join([opening, *marks, *bars, line, caption, "</svg>"]) + "\n"


def _bar(result: Result, top: int, middle: float) -> str:
    ratio = result.value / result.goal if result.better == "higher" else result.goal / max(result.value, 1e-9)
    octaves = max(-OCTAVES, min(OCTAVES, log2(max(ratio, 1e-9))))
    left, width = min(middle, middle + _width(octaves)), abs(_width(octaves))
    colour = "#2a7" if result.reached else "#c43"
    name = f'<text x="{LABELS - 8}" y="{top + 13}" text-anchor="end">{escape(result.name)}</text>'
    return f'{name}<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{ROW - 6}" fill="{colour}"/>'


def _width(octaves: float) -> float:
    return octaves * (WIDTH - LABELS - 40) / 2 / OCTAVES
