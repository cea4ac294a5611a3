"""Values of stations as STAC wants them: dates that databases can hold, checksums, platforms."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rs_server.stations.odata.query import datetime_literal, parse_datetime

FAR_FUTURE = "2261-12-31T23:59:59.000Z"
"""The latest date that an item shows. Stations write years up to 9999 for "never"; nanosecond clocks end in 2262."""

PLAIN_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")

PLATFORMS: Mapping[str, tuple[str, str]] = {
    f"S{mission}{unit}": (f"sentinel-{mission}{unit.lower()}", f"sentinel-{mission}")
    for mission, units in (("1", "ABCD"), ("2", "ABCD"), ("3", "ABCD"), ("6", "AB"))
    for unit in units
} | {"S5P": ("sentinel-5p", "sentinel-5p")}
"""Code of a satellite: its `platform` and `constellation` in STAC (lower case, as the STAC common metadata say)."""


def instant(text: object) -> str | None:
    """A station's date and time for an item: UTC, not beyond FAR_FUTURE; None where there is no readable one."""
    if not isinstance(text, str):
        return None
    if PLAIN_INSTANT.fullmatch(text):
        return text if text < FAR_FUTURE else FAR_FUTURE
    try:
        moment = datetime_literal(parse_datetime(text))
    except (ValueError, OverflowError):
        return None
    return min(moment, FAR_FUTURE)


def whole_number(value: object) -> int | None:
    """An Int64, which some stations write as text."""
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def truth(value: object) -> bool | None:
    """A Boolean, which some stations write as text."""
    if value is True or value is False or value is None:
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def text(value: object) -> str | None:
    """A String; None for null."""
    return None if value is None else str(value)


def present(members: Mapping[str, object]) -> dict[str, object]:
    """`members` without those that are None, which an item leaves out."""
    return {name: value for name, value in members.items() if value is not None}
