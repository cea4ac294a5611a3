"""What a benchmark measured, and the file for scripts that holds it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Result:
    """One measured ratio and what it should be."""

    name: str
    value: float
    goal: float
    better: Literal["higher", "lower"] = "higher"

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
    """Write `{"results": [...]}`, whole or not at all."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"results": [asdict(result) for result in results]}, indent=2) + "\n")
    draft.replace(path)
