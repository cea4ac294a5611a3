"""What the commands print: tables and JSON on standard output, messages and progress on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich import filesize
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 250
"""Columns of a table that goes into a pipe or a file."""


def console(*, errors: bool = False) -> Console:
    """The terminal, or whatever stands in for it now."""
    made = Console(stderr=errors, highlight=False, markup=False)
    return made if made.is_terminal else Console(stderr=errors, highlight=False, markup=False, width=PIPED_WIDTH)


def tell(message: str, style: str = "") -> None:
    """Say something to the person, beside the output."""
    console(errors=True).print(plain(message), style=style or None, soft_wrap=True)


def plain(value: object) -> str:
    """`value` as text that cannot steer the terminal, wherever it came from."""
    return "".join(mark if mark.isprintable() or mark == "\n" else "\ufffd" for mark in str(value))


def print_json(document: Any) -> None:
    """Print JSON, the same in a terminal and in a pipe."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings; numbers stand to the right."""
    texts = [[Text(plain(value)) for value in row] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True, justify="right" if column in {"assets", "size", "progress"} else "left")
    for text in texts:
        table.add_row(*text)
    out = console()
    with out.capture() as capture:
        out.print(table)
    typer.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))


def size_text(size: int | None) -> str:
    """Bytes as a person reads them, in powers of 1000."""
    return "" if size is None else filesize.decimal(size)
