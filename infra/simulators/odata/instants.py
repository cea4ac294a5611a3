"""Instants as whole microseconds since 1970 UTC, and the texts they have on the wire.

Stations differ in how many digits of a second they write, even within one answer; every form is read, and the profile
decides which is written.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
DAY = 86_400 * SECOND

DATE_TIME_OFFSET = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)", re.ASCII
)


def instant_of(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def datetime_of(instant: int) -> datetime:
    """The UTC datetime of an instant."""
    return EPOCH + timedelta(microseconds=instant)


def read_instant(text: str) -> int:
    """Read an Edm.DateTimeOffset, digits below the microsecond cut off; raises ValueError saying what is wrong."""
    return int(read_exact_instant(text) // 1)


def read_exact_instant(text: str) -> int | float:
    """Read an Edm.DateTimeOffset; with digits below the microsecond, a number between two whole microseconds.

    So `lt`, `gt` and `eq` against stored microseconds stay exact whatever the literal's precision.
    """
    match = DATE_TIME_OFFSET.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no DateTimeOffset: write YYYY-MM-DDThh:mm:ss.sssZ.")
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    try:
        whole = instant_of(datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=UTC))
    except ValueError as error:
        raise ValueError(f"{text!r} is no instant: {error}.") from None
    fraction = (match[7] or "").ljust(12, "0")
    exact = whole - _offset(match[8]) + int(fraction[:6])
    return exact + 0.5 if int(fraction[6:]) else exact


def _offset(text: str) -> int:
    if text == "Z":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 14 or minutes > 59:
        raise ValueError(f"{text!r} is no offset from UTC.")
    return (1 if text[0] == "+" else -1) * (hours * 60 + minutes) * 60 * SECOND


@lru_cache(maxsize=65_536)
def _second(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).isoformat()[:19]


def write_instant(instant: int, digits: int | None = 3) -> str:
    """Write an instant in UTC with `digits` of a second (0 to 6); None writes as many as it needs."""
    seconds, micros = divmod(instant, SECOND)
    text = _second(seconds)
    fraction = f"{micros:06d}".rstrip("0") if digits is None else f"{micros:06d}"[:digits]
    return f"{text}.{fraction}Z" if fraction else f"{text}Z"
