"""A station that refuses queries which find more than it likes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from rs_server.stations.interfaces.cadip import PUBLISHED
from rs_server.stations.search.order import KeySet
from rs_server.stations.search.windows import Windows
from tests.unit.stations.odata.doubles import station
from tests.unit.stations.search.doubles import ADMIN, Service, profile_of, session, with_limits
from tests.unit.stations.station_double import StationDouble

NOW = datetime.fromtimestamp(1_700_000_000, UTC)
"""The time of the clock double."""


def service(count: int, every: timedelta) -> Service:
    double = StationDouble([session(number, NOW - every * number - timedelta(minutes=1)) for number in range(count)])
    double.max_result = 10
    return Service({"mti": double}, {"mti": with_limits(profile_of("mti"), window_hours=24)})


@pytest.mark.parametrize("order", ["-published", "published"])
@pytest.mark.parametrize("limit", [3, 7, 50])
async def test_a_walk_goes_window_by_window(order: str, limit: int) -> None:
    searched = service(40, timedelta(hours=3))
    found = await searched.ids(limit=limit, sortby=[order])
    expected = [each["SessionId"] for each in searched.stations["mti"].sessions]
    assert found == (expected if order == "-published" else expected[::-1])


async def test_a_page_of_the_newest_is_one_request() -> None:
    searched = service(40, timedelta(hours=3))
    await searched.search.search({"limit": 5}, ADMIN)
    assert len(searched.stations["mti"].requests) == 1


async def test_years_without_anything_cost_few_requests() -> None:
    searched = service(3, timedelta(hours=3))
    assert len(await searched.ids(limit=10)) == 3
    assert len(searched.stations["mti"].requests) < 16


async def test_a_gap_is_crossed() -> None:
    searched = service(3, timedelta(days=200))
    assert len(await searched.ids(limit=10)) == 3


async def test_equal_dates_at_the_edge_of_a_window() -> None:
    searched = service(0, timedelta())
    edge = NOW + timedelta(hours=1) - timedelta(days=1)
    searched.stations["mti"].sessions += [session(number, edge) for number in range(9)]
    assert len(set(await searched.ids(limit=2))) == 9


def test_windows_meet_and_do_not_overlap() -> None:
    begin = NOW - timedelta(days=30)
    for descending in (True, False):
        windows = Windows(KeySet(PUBLISHED, descending), begin, NOW, timedelta(days=1))
        conditions = [windows.condition(station(operators=frozenset({"ge", "lt", "eq", "and"})))]
        while windows.advance(found=False):
            conditions.append(windows.condition(station(operators=frozenset({"ge", "lt", "eq", "and"}))))
        edges = [condition.replace("PublicationDate ", "").split(" and ") for condition in conditions]
        ordered = edges[::-1] if descending else edges
        assert all(before[1].removeprefix("lt ") == after[0].removeprefix("ge ") for before, after in pairwise(ordered))
        assert ordered[0][0] == f"ge {begin:%Y-%m-%dT%H:%M:%S.000Z}"
        assert len(conditions) == 5
