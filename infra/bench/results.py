"""What a benchmark measured, and the file for scripts that holds it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


class NotMeasured(Exception):
    """What was to be compared is not comparable, or did not run; the message says what was seen."""


@dataclass(frozen=True, slots=True)
class Result:
    """One measured ratio and what it should be."""

    name: str
    value: float
    goal: float
    better: Literal["higher", "lower"] = "higher"
    made: str = ""
    """When and how it was measured, as `report.conditions` says it."""
    size: Literal["", "quick", "full"] = ""

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.goal if self.better == "higher" else self.value <= self.goal


def line(result: Result) -> str:
    """The result as a person reads it."""
    sign = "≥" if result.better == "higher" else "≤"
    verdict = "reached" if result.reached else "MISSED"
    return f"{result.name:<50} {result.value:6.2f}   goal {sign} {result.goal:g}   {verdict}"


def write(path: Path, results: Iterable[Result]) -> None:
    """Write `{"results": [...]}`, whole or not at all; what a result does not say is left out."""
    entries = [{name: value for name, value in asdict(result).items() if value != ""} for result in results]
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"results": entries}, indent=2) + "\n")
    draft.replace(path)


def read(path: Path) -> list[Result]:
    """The results in a file that `write` has written; none if there is no file."""
    return [Result(**entry) for entry in json.loads(path.read_text())["results"]] if path.exists() else []


def merged(old: Iterable[Result], new: Iterable[Result]) -> list[Result]:
    """All results, the new one where both have one of the same name; but a quick one does not replace a full one."""
    both = {result.name: result for result in old}
    for result in new:
        if result.size != "quick" or result.name not in both or both[result.name].size != "full":
            both[result.name] = result
    return list(both.values())


def add(path: Path, new: Iterable[Result]) -> None:
    """Add results to those in a file, as `merged` has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, merged(read(path), new))
