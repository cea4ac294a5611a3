"""Reads the authorization matrix: which principal gets which answer, on every route and method."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

TABLE = Path(__file__).with_name("matrix.txt")
THING = re.compile(r"\{(\w+)\}")
CELL = re.compile(r"([2345]\d\d)([+-]?)")
SIGNS: Mapping[bool | None, str] = {True: "+", False: "-", None: ""}


@dataclass(frozen=True, slots=True)
class Expected:
    """An answer: its status, and whether the thing in question is in it (None: no matter)."""

    status: int
    shows: bool | None = None

    @property
    def works(self) -> bool:
        """Whether the request does what it asks for."""
        return self.status < 400


@dataclass(frozen=True, slots=True)
class Row:
    """A request with the expected answer to each principal."""

    section: str
    method: str
    path: str
    """With `{things}`, a query, and perhaps a `#word` that tells it from others of the same route."""
    answers: Mapping[str, Expected] = field(hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's segments, without query and word."""
        return tuple(urlsplit(self.path).path.strip("/").split("/"))

    @property
    def consumed(self) -> str:
        """The thing that this changes or removes, so that each principal that may do it needs one of its own."""
        found = THING.fullmatch(self.segments[-1])
        return found[1] if found and self.method in {"PUT", "PATCH", "DELETE"} else ""


@cache
def rows() -> Sequence[Row]:
    """All rows of the table, those of several methods taken apart."""
    return tuple(_rows(TABLE.read_text()))


def principals() -> Sequence[str]:
    """The columns' names, in order."""
    return tuple(rows()[0].answers)


def legend(title: str) -> Mapping[str, str]:
    """What the table's head says under `title` ("Columns" or "Things"), by name."""
    entries: dict[str, str] = {}
    name, wanted = "", False
    for line in TABLE.read_text().splitlines():
        text = line.removeprefix("#").removeprefix(" ")
        if not line.startswith("#") or (text and not text.startswith(" ")):
            wanted = line.startswith("#") and text == title
        elif wanted and text.strip():
            if not text.startswith("   "):
                name, _, text = text.strip().partition(" ")
            entries[name] = f"{entries.get(name, '')} {text.strip()}".strip()
    return entries


def _rows(text: str) -> Iterator[Row]:
    section, columns = "", list[str]()
    for line in filter(None, (line for line in text.splitlines() if not line.startswith("#"))):
        words = line.split()
        if line.startswith("@ "):
            section = line.removeprefix("@ ")
        elif not columns:
            columns = words
        else:
            methods, path, *cells = words
            answers = dict(zip(columns, map(_expected, cells), strict=True))
            yield from (Row(section, method, each, answers) for each in _paths(path) for method in methods.split(","))


def _paths(path: str) -> Iterator[str]:
    """The paths that a row means: one for each service of the first segment."""
    services, slash, rest = path.removeprefix("/").partition("/")
    yield from (f"/{service}{slash}{rest}" for service in services.split("|"))


def _expected(cell: str) -> Expected:
    found = CELL.fullmatch(cell)
    assert found, f"{cell!r} is no status, with or without + or -"
    return Expected(int(found[1]), next(shows for shows, sign in SIGNS.items() if sign == found[2]))
