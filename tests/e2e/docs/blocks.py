"""The code of the documentation: fenced blocks of README and docs, with what is said of running them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
RUNNABLE = frozenset({"console", "sh", "python"})
SHOWN = frozenset({"json", "mermaid", "text", "yaml", "http"})
"""Languages of blocks that show something and are no commands."""
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\S*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
MARK = re.compile(r"<!-- not run: (?P<reason>[^>]+) -->\s*\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str
    reason: str
    """Why it is not run; empty for one that is."""

    @property
    def runs(self) -> bool:
        """Whether tests run it."""
        return self.language in RUNNABLE and not self.reason

    def commands(self) -> str:
        """What of it is typed into a shell."""
        if self.language == "sh":
            return self.text
        typed = [line for line in self.text.splitlines() if line.startswith(("$ ", "> "))]
        return "".join(f"{line[2:]}\n" for line in typed)


def pages() -> list[Path]:
    """README and all pages that are written by hand."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        mark = MARK.search(text, 0, match.start())
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, match["language"], match["text"], mark["reason"] if mark else "")
