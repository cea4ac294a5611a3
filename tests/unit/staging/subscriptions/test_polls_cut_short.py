"""Polls that die, run out of time, or run beside each other lose nothing and double nothing."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from rs_server.staging.delivery import Delivery
from rs_server.staging.messages import Message
from rs_server.staging.subscriptions.store import SubscriptionStore
from tests.unit.staging.processes import Process
from tests.unit.staging.subscriptions.orders import Orders


@pytest.mark.parametrize("call", range(0, 45, 3))
async def test_a_poll_that_dies_at_any_call_loses_and_doubles_nothing(orders: Orders, call: int) -> None:
    """Each call of a poll in turn, and each of the next poll, which follows what the first one submitted."""
    orders.station.page_size = 1
    await orders.subscribe()
    for name in ("S1", "S2"):
        orders.station.publish(name, 1)
    await orders.round(process=Process(dies_at=call))
    await orders.round(process=Process(dies_at=call + 1))
    for _ in range(2):
        await orders.round()
    assert sorted(orders.staged) == ["S1", "S2"]
    assert [job.status for job in await orders.jobs()] == ["successful"] * 2
    current = await orders.get()
    assert (current.found, current.staged, current.failed) == (2, 2, 0)
    assert await orders.store.under_way("order-1") == []


async def test_polls_at_once_stage_each_item_once(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even when the lease, which should keep all but one from beginning, does not."""

    async def no_lease(*_: object) -> bool:
        return True

    orders.station.page_size = 2
    await orders.subscribe()
    for number in range(5):
        orders.station.publish(f"S{number}", 1 + number)
    orders.world.clock.seconds += 600
    monkeypatch.setattr(SubscriptionStore, "lease", no_lease)
    await asyncio.gather(*(orders.poll(Message("poll", "order-1")) for _ in range(3)))
    await orders.work()
    await orders.round()
    assert sorted(orders.staged) == [f"S{number}" for number in range(5)]
    assert len(await orders.jobs()) == 5
    current = await orders.get()
    assert (current.found, current.staged) == (5, 5)


async def test_a_second_poll_does_not_begin_while_the_first_is_at_work(orders: Orders) -> None:
    await orders.subscribe()
    assert await orders.store.lease("order-1", "another", 120)
    orders.station.publish("S1", 1)
    await orders.poll(Message("poll", "order-1"))
    assert orders.station.searches == []
    await orders.round()
    assert orders.staged == ["S1"]


async def test_a_poll_that_runs_out_of_time_goes_on_at_once(orders: Orders) -> None:
    """What it has found stays found, and the walk goes on at its page."""
    orders.station.page_size = 1
    await orders.subscribe()
    for number in range(4):
        orders.station.publish(f"S{number}", 1 + number)
    orders.world.clock.seconds += 300
    hurried = Delivery(orders.world.stores().queue, "receipt", 1, 5, itertools.count().__next__)
    assert await orders.poller().handle(Message("poll", "order-1"), hurried)
    assert 0 < (await orders.get()).found < 4
    assert (await orders.get()).walk != ""
    await orders.work()
    assert sorted(orders.staged) == [f"S{number}" for number in range(4)]
