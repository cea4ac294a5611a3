"""Instants: any precision is read, any asked for is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.odata.instants import datetime_of, instant_of, read_exact_instant, read_instant, write_instant


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00Z", 0),
        ("1970-01-01T00:00:33.05Z", 33_050_000),
        ("1970-01-01T00:00:48.812Z", 48_812_000),
        ("1970-01-01T00:00:50.15647Z", 50_156_470),
        ("1970-01-01T00:00:26.000736Z", 26_000_736),
        ("1970-01-01T00:00:00.123456789Z", 123_456),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:00:00-01:00", 0),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ],
)
def test_read(text, micros):
    assert read_instant(text) == micros


@pytest.mark.parametrize(
    "text",
    [
        "2024-11-14",
        "2024-11-14T14:30:00",
        "2024-11-31T00:00:00Z",
        "2024-11-14T24:00:00Z",
        "2024-11-14T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "2024-11-14T14:30:00+15:00",
        "2024-11-14T14:30:00.Z",
        "\uff12\uff10\uff12\uff14-11-14T14:30:00Z",
        "",
    ],
)
def test_refused(text):
    with pytest.raises(ValueError):
        read_instant(text)


def test_digits_below_the_microsecond_lie_between():
    assert 123_456 < read_exact_instant("1970-01-01T00:00:00.1234567Z") < 123_457


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        (None, "1970-01-01T00:00:01.05Z"),
        (0, "1970-01-01T00:00:01Z"),
        (3, "1970-01-01T00:00:01.050Z"),
        (6, "1970-01-01T00:00:01.050000Z"),
    ],
)
def test_write(digits, text):
    assert write_instant(1_050_000, digits) == text


def test_write_whole_seconds():
    assert write_instant(0, None) == "1970-01-01T00:00:00Z"


@given(st.datetimes(min_value=datetime(1, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)))
def test_round_trip(moment):
    assert datetime_of(instant_of(moment)) == moment
    assert read_instant(write_instant(instant_of(moment), 6)) == instant_of(moment)
    assert read_instant(write_instant(instant_of(moment), None)) == instant_of(moment)
    cut = datetime_of(read_instant(write_instant(instant_of(moment))))
    assert timedelta(0) <= moment - cut < timedelta(milliseconds=1)
