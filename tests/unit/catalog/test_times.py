"""Times in the engine's bounds (RFC 3339; STAC item specification on datetime)."""

from __future__ import annotations

from typing import Any

import pytest

from rs_server.catalog.times import FIRST, LAST, interval_of, parse_interval
from rs_server.errors import InvalidRequest

T1 = "2024-11-14T14:30:38.056552000Z"
T2 = "2024-11-14T14:31:00.000000000Z"
T3 = "2024-11-15T00:00:00.000000000Z"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"datetime": T1}, (T1, T1, T1)),
        ({"datetime": T2, "start_datetime": T1, "end_datetime": T3}, (T1, T3, T2)),
        ({"datetime": None, "start_datetime": T1, "end_datetime": T3}, (T1, T3, T1)),
        ({"datetime": None, "start_datetime": T1, "end_datetime": "9999-12-31T23:59:59Z"}, (T1, LAST, T1)),
        ({"datetime": "1957-10-04T19:28:34Z"}, (FIRST, FIRST, FIRST)),
        ({"datetime": T2, "start_datetime": T1}, (T2, T2, T2)),
    ],
)
def test_time_of_an_item(properties: dict[str, Any], expected: tuple[str, str, str]) -> None:
    interval = interval_of(properties)
    assert (interval["start"], interval["end"], interval["moment"]) == expected


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"datetime": None},
        {"datetime": None, "start_datetime": T1},
        {"datetime": "yesterday"},
        {"datetime": "2024-02-30T00:00:00Z"},
        {"datetime": "2024-11-14"},
        {"datetime": 1731594638},
        {"datetime": T1, "start_datetime": T3, "end_datetime": T1},
        {"datetime": False},
    ],
)
def test_what_is_no_time_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        interval_of(properties)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (T1, (T1, T1)),
        (f"{T1}/{T3}", (T1, T3)),
        (f"../{T3}", (FIRST, T3)),
        (f"/{T3}", (FIRST, T3)),
        (f"{T1}/..", (T1, LAST)),
        ("2024-11-14T14:31:00Z", (T2, T2)),
        ("2024-11-14t15:30:00.5+01:00/..", ("2024-11-14T15:30:00.500000000+01:00", LAST)),
    ],
)
def test_datetime_parameter(text: str, expected: tuple[str, str]) -> None:
    assert parse_interval(text) == expected


@pytest.mark.parametrize("text", ["../..", "/", "", f"{T3}/{T1}", f"{T1}/{T2}/{T3}", "2024", f"{T1}/soon"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_interval(text)
