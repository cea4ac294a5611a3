"""What the commands print: tables and JSON on standard output, messages and progress on standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
"""The option that every command with a result has."""
PIPED_WIDTH = 250
"""Columns of a table that goes into a pipe or a file."""


def console(*, errors: bool = False) -> Console:
    """The terminal, or whatever stands in for it now."""
    from rich.console import Console

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
    from rich.table import Table
    from rich.text import Text

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


def print_change(as_json: bool, text: str, **members: Any) -> None:
    """Tell what a command has changed: `text` to a person, `members` to a program."""
    if as_json:
        print_json(members)
    else:
        typer.echo(text)


def print_record(record: Mapping[str, Any]) -> None:
    """Print the members of a document, a line each; those that are empty are left out."""
    members = {name: value for name, value in record.items() if value not in (None, "", [], {})}
    width = max(map(len, members), default=0)
    for name, value in members.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        typer.echo(f"{plain(name):<{width}}  {plain(text)}")


def size_text(size: int | None) -> str:
    """Bytes as a person reads them, in powers of 1000."""
    from rich import filesize

    return "" if size is None else filesize.decimal(size)
