from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from rs_server.errors import BackendUnavailable
from rs_server.stations.odata.gate import EXTENDED_EVERY, TableGate
from rs_server.stations.odata.http import Deadline
from rs_server.stations.odata.query import ODataQuery
from rs_server.stations.odata.state import StationState
from rs_server.stations.profiles.model import Limits
from tests.unit.stations.odata.doubles import ROOT, Clock, FakeStation, client_of

CHUNK = f"{ROOT}Files(228b97bc-aa04-4036-8450-3106bc7684bb)/$value"


class World:
    """Instances of ours that share a station."""

    def __init__(self, dynamodb: Any, **limits: Any) -> None:
        self.state = StationState(dynamodb, "stations", "cadip:mti")
        self.limits = Limits(**limits)
        self.clock = Clock()

    def gate(self) -> TableGate:
        return TableGate(self.state, self.limits, self.clock.timing)

    def deadline(self, seconds: float = 3) -> Deadline:
        return Deadline.after(seconds, self.clock.timing)

    async def slots(self) -> set[str]:
        return set(await self.state.listed("slot#"))


async def enter(gate: TableGate, deadline: Deadline, *, download: bool = False) -> Any:
    """Hold a connection beyond this call; what comes back gives it up."""
    held = gate.hold(deadline, download=download)
    await held.__aenter__()
    return held


async def leave(held: Any) -> None:
    await held.__aexit__(None, None, None)


async def test_no_more_connections_than_allowed_over_all_instances(dynamodb: Any) -> None:
    world = World(dynamodb, connections=2)
    first, second = [await enter(world.gate(), world.deadline()) for _ in range(2)]
    assert await world.slots() == {"slot#0", "slot#1"}
    with pytest.raises(BackendUnavailable, match="All 2 connections that station cadip:mti allows") as caught:
        await enter(world.gate(), world.deadline())
    assert caught.value.retry_after == 5
    await leave(first)
    third = await enter(world.gate(), world.deadline())
    await leave(second)
    await leave(third)
    assert await world.slots() == set()


async def test_a_connection_that_comes_free_in_time_is_waited_for(dynamodb: Any) -> None:
    world = World(dynamodb, connections=1)
    held = await enter(world.gate(), world.deadline())
    world.clock.stands_still()
    waiting = asyncio.create_task(enter(world.gate(), world.deadline()))
    await world.clock.asked_to_sleep(0.2)
    assert not waiting.done()
    await leave(held)
    world.clock.goes_on()
    await leave(await waiting)


async def test_downloads_leave_one_connection_to_queries(dynamodb: Any) -> None:
    world = World(dynamodb, connections=2)
    download = await enter(world.gate(), world.deadline(), download=True)
    assert await world.slots() == {"slot#1"}
    with pytest.raises(BackendUnavailable):
        await enter(world.gate(), world.deadline(), download=True)
    await leave(await enter(world.gate(), world.deadline()))
    await leave(download)


async def test_a_single_connection_serves_downloads_too(dynamodb: Any) -> None:
    world = World(dynamodb, connections=1)
    await leave(await enter(world.gate(), world.deadline(), download=True))


async def test_the_slot_of_an_instance_that_died_is_free_after_a_minute(dynamodb: Any) -> None:
    world = World(dynamodb, connections=1)
    await world.state.take("slot#0", "dead", world.clock.time, world.clock.time + 60)
    await leave(await enter(world.gate(), world.deadline(300)))
    assert sum(world.clock.pauses) >= 60


async def test_a_slot_in_use_is_extended(dynamodb: Any) -> None:
    world = World(dynamodb, connections=1)
    taken_at = world.clock.time
    held = await enter(world.gate(), world.deadline())
    await world.clock.asked_to_sleep(EXTENDED_EVERY)  # from the take to the first extension
    await world.clock.asked_to_sleep(EXTENDED_EVERY)  # which is written when the next pause begins
    (record,) = (await world.state.listed("slot#")).values()
    assert float(record["until"]["N"]) > taken_at + 60
    await leave(held)


async def test_a_request_that_has_lost_its_slot_is_broken_off(dynamodb: Any) -> None:
    """An instance that stood still for a minute may find that another has its connection."""
    world = World(dynamodb, connections=1)

    async def stand_still() -> None:
        async with world.gate().hold(world.deadline(), download=True):
            await world.state.take("slot#0", "another", world.clock.time + 3600, world.clock.time + 7200)
            await asyncio.Event().wait()

    with pytest.raises(BackendUnavailable, match="another request has it now") as caught:
        await asyncio.wait_for(stand_still(), 120)
    assert caught.value.retry_after == 1
    (record,) = (await world.state.listed("slot#")).values()
    assert record["owner"] == {"S": "another"}


async def test_a_slot_that_was_left_is_not_extended_by_who_comes_too_late(dynamodb: Any) -> None:
    world = World(dynamodb, connections=1)
    await world.state.take("slot#0", "one", world.clock.time, world.clock.time + 60)
    await world.state.leave("slot#0", "one")
    assert not await world.state.extend("slot#0", "one", world.clock.time + 60)
    assert await world.slots() == set()


async def test_requests_are_counted_by_the_minute_over_all_instances(dynamodb: Any) -> None:
    world = World(dynamodb, connections=1, requests_per_minute=5)
    world.clock.time = 1_700_000_000.0 // 60 * 60
    gates = [world.gate(), world.gate()]
    for number in range(5):
        await leave(await enter(gates[number % 2], world.deadline()))
    with pytest.raises(BackendUnavailable, match="The 5 requests a minute that station cadip:mti allows") as caught:
        await enter(gates[0], world.deadline())
    assert caught.value.retry_after is not None
    await leave(await enter(gates[1], world.deadline(70)))


async def test_an_instance_reserves_requests_so_that_not_each_costs_a_write(dynamodb: Any) -> None:
    world = World(dynamodb, connections=1, requests_per_minute=600)
    gate = world.gate()
    world.clock.time = 1_700_000_000.0 // 60 * 60
    for _ in range(10):
        await leave(await enter(gate, world.deadline()))
    (record,) = (await world.state.listed("minute#")).values()
    assert record["count"]["N"] == "10"


async def test_the_client_holds_a_connection_while_it_is_used(dynamodb: Any) -> None:
    world = World(dynamodb, connections=2)
    fake = FakeStation(lambda request: httpx.Response(200, json={"value": []}))
    client = client_of(fake, world.clock, gate=world.gate())
    async with client.stream(CHUNK):
        assert await world.slots() == {"slot#1"}
    await client.get_page("Sessions", ODataQuery())
    assert await world.slots() == set()


async def test_a_connection_is_given_up_after_a_failure(dynamodb: Any) -> None:
    world = World(dynamodb, connections=2)
    client = client_of(FakeStation(lambda request: httpx.Response(500)), world.clock, gate=world.gate())
    with pytest.raises(Exception, match="status 500"):
        await client.get_page("Sessions", ODataQuery())
    assert await world.slots() == set()
