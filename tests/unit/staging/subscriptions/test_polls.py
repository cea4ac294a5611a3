"""Each item that a station publishes after a subscription is made is staged exactly once, when it is whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rs_server.staging.jobs import timestamp
from rs_server.staging.messages import Message
from rs_server.staging.selection import AssetFilter
from rs_server.staging.subscriptions.model import Source
from tests.unit.staging.cast import START
from tests.unit.staging.subscriptions.orders import DAY, Orders


async def test_what_is_published_is_staged_once(orders: Orders) -> None:
    await orders.subscribe(label="sessions")
    orders.station.publish("S1", 1)
    orders.station.publish("S2", 2)
    for _ in range(4):
        await orders.round()
    jobs = await orders.jobs()
    assert [(job.status, job.label, job.owner) for job in jobs] == [("successful", "sessions", "alice")] * 2
    assert sorted(orders.staged) == ["S1", "S2"]
    current = await orders.get()
    assert (current.found, current.staged, current.failed) == (2, 2, 0)
    assert await orders.store.under_way("order-1") == []


async def test_what_was_published_before_is_left_out(orders: Orders) -> None:
    orders.station.publish("old", -1)
    await orders.subscribe()
    orders.station.publish("new", 1)
    await orders.round()
    assert orders.staged == ["new"]


async def test_since_reaches_back(orders: Orders) -> None:
    orders.station.publish("older", -3 * DAY)
    orders.station.publish("old", -DAY)
    await orders.subscribe(since=timestamp(START - timedelta(days=2)))
    await orders.round()
    assert orders.staged == ["old"]


async def test_only_what_the_filter_accepts(orders: Orders) -> None:
    await orders.subscribe(source=Source("cadip", ("s1_mti",), "platform = 'sentinel-1a'"))
    orders.station.publish("A", 1, platform="sentinel-1a")
    orders.station.publish("B", 2, platform="sentinel-1c")
    await orders.round()
    assert orders.staged == ["A"]
    assert orders.station.searches[0]["filter-lang"] == "cql2-text"
    assert orders.station.searches[0]["collections"] == "s1_mti"


async def test_a_session_gets_properties_late(orders: Orders) -> None:
    """A filter may ask for what is known only when the downlink has ended, long after the session is published."""
    await orders.subscribe(source=Source("cadip", ("s1_mti",), "platform = 'sentinel-1a'"))
    orders.station.publish("late", 1)
    orders.station.publish("later", 30, platform="sentinel-1a")
    await orders.round(40)
    assert orders.staged == ["later"]
    orders.station.items[0]["properties"]["platform"] = "sentinel-1a"
    await orders.round(60)
    assert orders.staged == ["later", "late"]


async def test_an_item_that_shows_late_is_not_passed_over(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("second", 20)
    await orders.round(30)
    orders.station.publish("first", 10)
    await orders.round()
    assert orders.staged == ["second", "first"]


async def test_a_session_that_is_not_whole_is_waited_for(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1, complete=False)
    await orders.round()
    await orders.round()
    assert await orders.jobs() == []
    assert [found.item for found in await orders.store.under_way("order-1")] == ["S1"]
    orders.station.complete("S1")
    await orders.round()
    await orders.round()
    assert orders.staged == ["S1"]
    assert len(await orders.jobs()) == 1


async def test_a_session_that_never_gets_whole_is_given_up(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1, complete=False)
    await orders.round()
    await orders.round(4 * DAY)
    await orders.round()
    current = await orders.get()
    assert (current.failed, await orders.store.under_way("order-1"), await orders.jobs()) == (1, [], [])
    [failure] = await orders.store.failures("order-1")
    assert failure["item"] == "S1"
    assert "did not complete it" in failure["reason"]


async def test_a_session_that_is_gone_before_it_was_whole_is_given_up(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1, complete=False)
    await orders.round()
    orders.station.items.clear()
    await orders.round(4 * DAY)
    assert [failure["item"] for failure in await orders.store.failures("order-1")] == ["S1"]


@pytest.mark.parametrize("page_size", [1, 3])
async def test_pages_are_walked_to_the_last(orders: Orders, page_size: int) -> None:
    orders.station.page_size = page_size
    await orders.subscribe()
    for number in range(4):
        orders.station.publish(f"S{number}", 1 + number // 3)  # several of the same moment
    await orders.round()
    await orders.round()
    assert sorted(orders.staged) == [f"S{number}" for number in range(4)]
    assert (await orders.get()).walk == ""


async def test_the_jobs_are_done_by_the_workers(orders: Orders) -> None:
    """With all that a job does: the item is read again at the station, its chosen assets are brought and published."""
    await orders.subscribe(wanted=AssetFilter((), ("*-2.raw",)))
    orders.station.publish("S1", 1)
    for _ in range(2):
        orders.world.clock.seconds += 300
        await orders.poller().call_all()
        await orders.world.run()
    assert set(orders.world.items["S1"]["assets"]) == {"S1-2.raw"}
    assert len(orders.world.objects()) == 1
    assert (await orders.get()).staged == 1


async def test_a_long_list_is_staged_a_few_at_a_time(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the owner can stage other things meanwhile."""
    monkeypatch.setattr("rs_server.staging.subscriptions.polling.MOST_JOBS", 2)
    await orders.subscribe()
    for number in range(5):
        orders.station.publish(f"S{number}", 1 + number)
    most = 0
    for _ in range(4):
        orders.world.clock.seconds += 300
        await orders.poll(Message("poll", "order-1"))
        most = max(most, len([job for job in await orders.jobs() if job.stage != "closed"]))
        await orders.work()
    assert (most, len(orders.staged)) == (2, 5)


async def test_a_paused_one_catches_up_when_it_goes_on(orders: Orders) -> None:
    await orders.subscribe()
    await orders.make_paused()
    orders.station.publish("S1", 1)
    await orders.round()
    assert (orders.staged, orders.station.searches) == ([], [])
    await orders.store.amend("order-1", status="active")
    await orders.round()
    assert orders.staged == ["S1"]


async def test_one_that_is_removed_leaves_its_jobs_alone_and_finds_nothing_more(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1)
    orders.station.publish("S2", 1, complete=False)
    orders.world.clock.seconds += 300
    await orders.poll(Message("poll", "order-1"))
    assert await orders.store.remove("order-1")
    await orders.work()
    assert await orders.store.under_way("order-1") == []
    assert orders.staged == ["S1"]
    orders.station.complete("S2")
    await orders.round()
    assert orders.staged == ["S1"]


async def test_what_two_subscriptions_find_is_staged_for_each(orders: Orders) -> None:
    await orders.subscribe()
    await orders.subscribe(id="order-2")
    orders.station.publish("S1", 1)
    await orders.round()
    assert len(await orders.jobs()) == 2
    assert orders.staged == ["S1", "S1"]


async def test_a_date_in_the_future_hides_nothing(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("future", 400 * DAY)
    await orders.round()
    orders.station.publish("S1", 7)
    await orders.round()
    assert orders.staged == ["future", "S1"]
