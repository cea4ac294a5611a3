"""Renders docs/authorization-matrix.md from the table: `python -m tests.e2e.authorization.page`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tests.e2e.authorization.table import SIGNS, THING, Expected, Row, legend, principals, rows

PAGE = Path(__file__).parents[3] / "docs" / "authorization-matrix.md"
HEAD = """# The authorization matrix

Who gets what answer, on every route and method. The expectations are written by hand from the rules in
[access.md](access.md), and tests hold the deployed system to them: every cell is asked of the authorizer and the
service, and one or two of each row through the gateway as well ([how](decisions/authorization-matrix.md)). Every route
of the services' applications, of their OpenAPI documents and of the gateway has its row, what was refused has changed
nothing, and what was not allowed to be made is not there. {count} requests, each by {columns} principals.

`200+` shows the thing in question, `200-` does not: lists and searches hold what may be read, and nothing else.

*This page is rendered from `tests/e2e/authorization/matrix.txt`; a test fails when it is not current.*
"""


def render() -> str:
    """The page."""
    parts = [
        HEAD.format(count=len(rows()), columns=len(principals())),
        "## Principals\n",
        *_entries(legend("Columns").items()),
        "",
        "## Things\n",
        *_entries(legend("Things").items()),
    ]
    for section, members in groupby(rows(), key=lambda row: row.section):
        parts += ["", f"## {section}\n", *_table(list(members))]
    return "\n".join(parts) + "\n"


def _entries(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    yield from (f"| `{name}` | {_with_things_as_code(text)} |" for name, text in entries)


def _table(members: Sequence[Row]) -> Iterator[str]:
    yield f"| | {' | '.join(principals())} |"
    yield f"|---|{'---|' * len(principals())}"
    alike = groupby(members, key=lambda row: (row.path, tuple(row.answers.values())))
    for (path, answers), group in alike:
        methods = " ".join(row.method for row in group)
        yield f"| `{methods} {_readable(path)}` | {' | '.join(map(_cell, answers))} |"


def _readable(path: str) -> str:
    route, _, word = path.partition("#")
    return f"{route} ({word.replace('-', ' ')})" if word else route


def _cell(expected: Expected) -> str:
    return f"{expected.status}{SIGNS[expected.shows]}"


def _with_things_as_code(text: str) -> str:
    return THING.sub(lambda found: f"`{found[0]}`", text)


if __name__ == "__main__":
    PAGE.write_text(render())
