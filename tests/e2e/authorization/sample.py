"""Which cells of the matrix are sent through the deployed gateway, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle

from rs_server.access.gateway import READING_METHODS
from tests.e2e.authorization.table import Row, principals

REFUSED = ("bad", "exp", "rev", "dis")
"""The principals whose credential the authorizer refuses. After each of these the emulator starts it anew."""


def sample(rows: Sequence[Row]) -> Sequence[tuple[Row, str]]:
    """Of every row that changes something a principal for whom it works and one for whom it does not.

    Of the others one, by turns of the one and the other kind, and where there is but one kind, of that. The principals
    take turns. Those whose credential is no good take turns at the services instead.
    """
    return [*_answered(rows), *_refused(rows)]


def _answered(rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    turns = [name for name in principals() if name not in REFUSED]
    for row, turn in zip(rows, cycle((False, True))):
        ways = {row.answers[name].works for name in turns}
        if row.method in READING_METHODS:
            ways = ways & {turn} or ways
        for works in sorted(ways):
            column = next(name for name in turns if row.answers[name].works is works)
            turns.remove(column)
            turns.append(column)
            yield row, column


def _refused(rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    services = {row.segments[0]: row for row in rows if row.answers[REFUSED[0]].status == 401}
    yield from zip(services.values(), cycle(REFUSED))
