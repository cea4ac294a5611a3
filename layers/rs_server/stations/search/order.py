"""Order of a search, and cursors: how far a search came at one station, without counting rows.

A cursor is the last sort key that was taken and which entities of that key were. The next page begins at that key
again and leaves those out, so that equal keys and rows that appear in between are neither lost nor doubled.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from rs_server.errors import BackendFailed, InvalidRequest
from rs_server.stations.filters import odata
from rs_server.stations.filters.syntax import Operator
from rs_server.stations.interfaces.model import value_in
from rs_server.stations.odata.client import Row
from rs_server.stations.odata.query import parse_datetime
from rs_server.stations.profiles.model import Station
from rs_server.stations.queryables import Column

MILLISECOND = timedelta(milliseconds=1)
MOST_EQUAL = 200
"""Entities with one and the same sort key that a token names; beyond, those before are skipped by their number."""
MOST_SKIPPED = 1_000_000

Key = str | float | datetime


class SortKey(NamedTuple):
    """A property to sort by."""

    property: str
    descending: bool = False

    def __str__(self) -> str:
        return ("-" if self.descending else "+") + self.property


NEWEST_FIRST = (SortKey("published", descending=True),)


class Cursor(NamedTuple):
    """How far a stream came: its last key, and the entities with that key, as digests of their ids.

    Of more than MOST_EQUAL with one key, the first ones are only counted (`skipped`): a station has no other order to
    page along within one key, so that `$skip` has to do.
    """

    key: Key | None = None
    taken: frozenset[str] = frozenset()
    skipped: int = 0

    def after(self, key: Key, digest: str) -> Cursor:
        """The cursor when one more entity is taken."""
        if key == self.key and len(self.taken) >= MOST_EQUAL:
            return Cursor(key, frozenset({digest}), self.skipped + len(self.taken))
        if key == self.key:
            return Cursor(key, self.taken | {digest}, self.skipped)
        return Cursor(key, frozenset({digest}))

    def to_json(self) -> list[Any]:
        """The cursor in a page token."""
        key = self.key.isoformat() if isinstance(self.key, datetime) else self.key
        return [key, "".join(sorted(self.taken)), *([self.skipped] if self.skipped else [])]

    @classmethod
    def from_json(cls, state: object, kind: str) -> Cursor:
        """Read what `to_json` wrote, which came back from outside; raises InvalidRequest for anything else."""
        skipped = 0
        match state:
            case [_, _, int(skipped)] if 0 < skipped <= MOST_SKIPPED:
                state = state[:2]
        match state:
            case [None, ""] if not skipped:
                return cls()
            case [str(key), str(taken)] if kind == "datetime":
                return cls(_moment(key), _digests(taken), skipped)
            case [str(key), str(taken)] if kind == "string":
                return cls(key, _digests(taken), skipped)
            case [int(key) | float(key), str(taken)] if kind in {"integer", "number"}:
                return cls(float(key), _digests(taken), skipped)
        raise InvalidRequest("The page token is not one of ours. Start again from the first page.")


DIGEST = 6


def digest_of(entity_id: str) -> str:
    """Six characters that stand for an id among the few that share a key."""
    return base64.urlsafe_b64encode(hashlib.blake2s(entity_id.encode(), digest_size=5).digest())[:DIGEST].decode()


def _digests(text: str) -> frozenset[str]:
    return frozenset(text[start : start + DIGEST] for start in range(0, len(text), DIGEST))


def _moment(text: str) -> datetime:
    try:
        return parse_datetime(text)
    except ValueError:
        raise InvalidRequest("The page token is not one of ours. Start again from the first page.") from None


class KeySet(NamedTuple):
    """Paging along one column of a station, up or down."""

    column: Column
    descending: bool

    @property
    def orderby(self) -> str:
        """The `$orderby` option."""
        return f"{self.column.path} {'desc' if self.descending else 'asc'}"

    def key(self, row: Row, station: Station) -> Key:
        """The sort key of a row; raises BackendFailed where the station left it out."""
        value = value_in(row, self.column)
        try:
            return _READERS[self.column.kind](value)
        except (TypeError, ValueError, AttributeError):
            raise BackendFailed(f"Station {station.id} has an entity without a valid {self.column.path}.") from None

    def bound(self, station: Station, key: Key) -> str:
        """The condition for rows at `key` or behind it.

        Dates are taken by the whole millisecond, as some stations show fewer digits than they compare; what comes
        too early by that is dropped by `precedes`.
        """
        asked: list[tuple[Operator, Key]] = [("<=" if self.descending else ">=", key)]
        if isinstance(key, datetime):
            floor = key.replace(microsecond=key.microsecond // 1000 * 1000)
            after, before = floor + MILLISECOND, floor - MILLISECOND
            asked = [("<", after), ("<=", after)] if self.descending else [(">=", floor), (">", before)]
        for operator, value in asked:
            condition = odata.comparison(station, self.column, operator, value)
            if condition.text:
                return condition.text
        raise InvalidRequest(f"Station {station.id} cannot be paged by {self.column.path}. Sort otherwise.")

    def precedes(self, key: Key, position: Key | None) -> bool:
        """Whether `key` comes before `position`; texts are left to the station, which may order them its own way."""
        if isinstance(key, datetime) and isinstance(position, datetime):
            return key > position if self.descending else key < position
        if isinstance(key, float) and isinstance(position, float):
            return key > position if self.descending else key < position
        return False


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _utc(value: Any) -> datetime:
    return parse_datetime(value).astimezone(UTC)


_READERS: dict[str, Callable[[Any], Key]] = {"datetime": _utc, "string": _text, "integer": float, "number": float}
