"""Pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; what would break a cell is taken care of."""
    lines = [_row(columns), _row(["---"] * len(columns)), *map(_row, rows)]
    return "".join(f"{line}\n" for line in lines) + "\n"


def code(value: object) -> str:
    """`value` as code, or nothing for an empty one."""
    return f"`{value}`" if value not in ("", None) else ""


def sentence(text: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((text or "").strip().split("\n\n")[0].split())


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
