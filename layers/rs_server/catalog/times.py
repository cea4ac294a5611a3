"""Times as the engine indexes and compares them: RFC 3339 text, cut to the years 1970 to 2262."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rs_server.errors import InvalidRequest

FIRST = "1970-01-01T00:00:00.000000000Z"
LAST = "2262-04-11T23:47:16.000000000Z"
"""Bounds of the engine's nanoseconds since 1970 in 64 bits; validity to the year 9999 is common in ground segments."""

RFC3339 = re.compile(r"(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})")


def now() -> str:
    """The present, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def days_after(moment: str, days: int) -> str:
    """The time of day of `moment`, some days later."""
    later = parse_time(moment, "moment") + timedelta(days=days)
    return later.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: object, name: str) -> datetime:
    """Read an RFC 3339 date-time; raises InvalidRequest naming `name`."""
    return _read(text, name)[0]


def exact(text: str, name: str) -> str:
    """An RFC 3339 date-time to the nanosecond; raises InvalidRequest naming `name`.

    The engine takes a bound with fewer digits for the whole second or millisecond.
    """
    return _to_the_nanosecond(_read(text, name)[1])


def cut(text: str, name: str) -> str:
    """As `exact`, but cut to what the engine can hold to the nanosecond."""
    return _cut(*_read(text, name))


def _read(text: object, name: str) -> tuple[datetime, re.Match[str]]:
    parts = RFC3339.fullmatch(text) if isinstance(text, str) else None
    if parts:
        try:
            return datetime.fromisoformat(parts[0].upper()).astimezone(UTC), parts
        except (ValueError, OverflowError):
            pass  # a form that fits and a day that does not exist: said below
    raise InvalidRequest(f"{name}: {text!r} is no RFC 3339 date-time, such as 2024-11-14T14:30:38.056Z.")


def _cut(moment: datetime, parts: re.Match[str]) -> str:
    if moment <= _BOUNDS[0]:
        return FIRST
    return _to_the_nanosecond(parts) if moment < _BOUNDS[1] else LAST


def _to_the_nanosecond(parts: re.Match[str]) -> str:
    return f"{parts[1]}.{(parts[2] or '')[:9]:0<9}{parts[3]}".upper()


_BOUNDS = (parse_time(FIRST, "datetime"), parse_time(LAST, "datetime"))


def interval_of(properties: Mapping[str, Any]) -> dict[str, str]:
    """Start and end of an item's time, and the moment it is sorted by; raises InvalidRequest for what is no time.

    Items have `datetime`, or null there and both `start_datetime` and `end_datetime` (STAC 1.0, item specification).
    """
    moment = properties.get("datetime")
    start = properties.get("start_datetime")
    end = properties.get("end_datetime")
    if moment is None and (start is None or end is None):
        raise InvalidRequest("datetime: it must be a date-time, or null beside start_datetime and end_datetime.")
    if start is not None and end is not None:
        bounds = _read(start, "start_datetime"), _read(end, "end_datetime")
        if bounds[0][0] > bounds[1][0]:
            raise InvalidRequest("start_datetime: it is later than end_datetime.")
        first, last = _cut(*bounds[0]), _cut(*bounds[1])
        shown = first if moment is None or moment == start else cut(moment, "datetime")
        return {"start": first, "end": last, "moment": shown}
    instant = cut(str(moment), "datetime")
    return {"start": instant, "end": instant, "moment": instant}


def parse_interval(text: str) -> tuple[str, str]:
    """Bounds of a `datetime` parameter: one time, or two with a slash, where `..` or nothing leaves a side open."""
    start, slash, end = text.partition("/")
    if not slash:
        instant = cut(start, "datetime")
        return instant, instant
    if start in {"", ".."} and end in {"", ".."}:
        raise InvalidRequest("datetime: an interval must have a bound on one side at least.")
    first = FIRST if start in {"", ".."} else cut(start, "datetime")
    last = LAST if end in {"", ".."} else cut(end, "datetime")
    if parse_time(first, "datetime") > parse_time(last, "datetime"):
        raise InvalidRequest("datetime: the interval ends before it starts.")
    return first, last
