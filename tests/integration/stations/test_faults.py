"""Faults of a station: the right answer, or a clear error in time; one token and no more connections than allowed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rs_server.errors import BackendFailed, BackendTimeout, BackendUnavailable, RsServerError
from rs_server.stations.odata.gate import TableGate
from rs_server.stations.odata.http import Timing
from rs_server.stations.odata.state import StationState
from rs_server.stations.odata.token_store import TableTokenStore
from rs_server.stations.search.run import Bounds
from simulators.assembly import Options, build_station
from simulators.service.faults import Fault
from simulators.service.station import Station as SimulatedStation
from tests.integration.stations.simulated import ADMIN, Simulated


@pytest.fixture
def station() -> Iterator[SimulatedStation]:
    made = build_station(Options(interface="cadip", profile="mti", count=20))
    yield made
    made.database.close()


async def at_once(_: float) -> None:
    """A pause that is none: what passes between attempts is not of interest here."""
    await asyncio.sleep(0)


QUICK = Timing(sleep=at_once)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "unauthorized", "count": 1},
        {"kind": "unauthorized", "count": 1, "revoke": True},
        {"kind": "too_many_requests", "count": 3},
        {"kind": "too_many_requests", "count": 2, "retry_after": 1},
        {"kind": "too_many_requests", "count": 1, "quota_body": True},
        {"kind": "unavailable", "count": 3},
        {"kind": "unavailable", "count": 1, "retry_after": 2},
        {"kind": "malformed_json", "count": 3},
        {"kind": "slow_answer", "seconds": 0.2, "count": 2},
        {"kind": "token_down", "count": 3},
    ],
)
async def test_what_passes_is_waited_for(station: SimulatedStation, fault: dict[str, Any]) -> None:
    simulated = Simulated.of(station, timing=QUICK)
    station.faults.add(Fault(**fault))
    page = await simulated.search.search({"limit": 5}, ADMIN)
    assert len(page.items) == 5
    assert not page.partial


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "unauthorized"}, BackendFailed),
        ({"kind": "too_many_requests"}, BackendUnavailable),
        ({"kind": "too_many_requests", "retry_after": 3600}, BackendUnavailable),
        ({"kind": "unavailable"}, BackendUnavailable),
        ({"kind": "malformed_json"}, BackendFailed),
        ({"kind": "slow_answer", "seconds": 30}, BackendTimeout),
        ({"kind": "token_down"}, BackendUnavailable),
    ],
)
async def test_what_does_not_pass_is_told_in_time(
    station: SimulatedStation, fault: dict[str, Any], error: type[RsServerError]
) -> None:
    simulated = Simulated.of(station, timing=QUICK, bounds=Bounds(seconds=1.0))
    station.faults.add(Fault(**fault))
    begun = time.monotonic()
    with pytest.raises(error, match="cadip:mti") as caught:
        await simulated.search.search({"limit": 5}, ADMIN)
    assert time.monotonic() - begun < 20
    assert not {"rs-password", "rs-client-secret"} & set(str(caught.value).split())


async def test_a_token_that_ends_in_the_middle_of_a_walk(station: SimulatedStation) -> None:
    simulated = Simulated.of(station, timing=QUICK)
    station.faults.add(Fault(kind="unauthorized", revoke=True, after=2, count=1))
    pages = await simulated.walk(limit=5)
    assert sum(map(len, pages)) == 20
    assert sum(station.stats.tokens_by_grant.values()) == 2


async def test_a_hundred_searches_at_once(station: SimulatedStation, stations_table: Any) -> None:
    """One login, and no more requests at once than the profile allows to all instances together."""
    instances = [
        Simulated.of(
            station,
            gate_of=lambda each: TableGate(StationState(stations_table, "stations", each.id), each.limits),
            store_of=lambda name: TableTokenStore(StationState(stations_table, "stations", name)),
        )
        for _ in range(2)
    ]
    allowed = instances[0].search.profile.stations["mti"].limits.connections
    station.faults.add(Fault(kind="slow_answer", seconds=0.02))
    pages = await asyncio.gather(
        *(instance.search.search({"limit": 2}, ADMIN) for instance in instances for _ in range(50))
    )
    assert all(len(page.items) == 2 for page in pages)
    assert station.stats.requests.most <= allowed
    assert station.stats.tokens_by_grant == {"password": 1}
