"""What stands in the way of a poll is told, and waited for: lost rights, failing stations, quotas, stale tokens."""

from __future__ import annotations

import pytest

from rs_server.access.principals import Principal, Scope
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from rs_server.errors import Forbidden
from rs_server.staging.jobs import timestamp
from rs_server.staging.quotas import Limits
from tests.unit.staging.cast import ALICE
from tests.unit.staging.subscriptions.orders import DAY, Orders


async def test_the_quota_of_its_owner_is_waited_for_and_told(orders: Orders) -> None:
    orders.world.quotas = Limits(jobs=2)
    await orders.subscribe()
    for number in range(5):
        orders.station.publish(f"S{number}", 1 + number)
    await orders.round()
    failure = (await orders.get()).failure
    assert failure
    assert (failure.status, len(orders.staged)) == (429, 2)
    for _ in range(3):
        await orders.round()
    assert sorted(orders.staged) == [f"S{number}" for number in range(5)]
    assert (await orders.get()).failure is None


async def test_the_search_is_made_as_the_owner_is_today_with_the_scope_of_the_key(orders: Orders) -> None:
    scope = Scope(
        frozenset({"read", "write", "download"}),
        tuple(map(ResourcePattern.parse, ("cadip:mti", "process:staging", "catalog:alice:*"))),
    )
    narrowed = Principal(login="alice", key_id="k9", scope=scope)
    await orders.subscribe(principal=narrowed)
    orders.station.publish("S1", 1)
    await orders.round()
    assert {asked["login"] for asked in orders.station.asked_as} == {"alice"}
    assert {asked["scope"] for asked in orders.station.asked_as} == {scope.to_json()}
    assert (await orders.jobs())[0].principal.scope == scope


async def test_rights_that_are_withdrawn_end_the_staging_and_are_told(orders: Orders) -> None:
    await orders.subscribe()
    orders.world.people.grants = []
    orders.station.publish("S1", 1)
    await orders.round()
    current = await orders.get()
    assert current.failure is not None
    assert current.failure.status == 404
    assert (orders.station.searches, await orders.jobs()) == ([], [])
    orders.world.people.grants = [
        Grant("user:alice", ResourcePattern.parse("process:staging"), frozenset({"write"})),
        Grant("user:alice", ResourcePattern.parse("cadip:mti"), frozenset({"read", "download"})),
    ]
    await orders.round()
    current = await orders.get()
    assert (current.failure, current.failing_since) == (None, "")
    assert orders.staged == ["S1"]


async def test_a_station_that_fails_is_told_and_asked_again(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1)
    orders.station.refusal = (503, "Station cadip:mti does not answer.")
    await orders.round()
    first = await orders.get()
    await orders.round()
    current = await orders.get()
    assert current.failure is not None
    assert current.failure.status == 503
    assert "does not answer" in current.failure.reason
    assert current.failing_since == first.failing_since != ""
    orders.station.refusal = None
    await orders.round()
    assert orders.staged == ["S1"]
    assert (await orders.get()).failure is None


async def test_a_station_that_is_missing_in_a_search_of_several_is_not_passed_over(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S2", 3 * DAY)
    orders.station.missing_stations = [{"station": "cadip:sgs", "reason": "It does not answer."}]
    await orders.round(4 * DAY)
    current = await orders.get()
    assert orders.staged == ["S2"]
    assert current.failure is not None
    assert "cadip:sgs: It does not answer." in current.failure.reason
    orders.station.missing_stations = []
    orders.station.publish("S1", 1)  # what the missing station had: older than all that was seen
    await orders.round()
    assert orders.staged == ["S2", "S1"]


async def test_a_token_that_is_not_taken_any_more_begins_the_walk_again(orders: Orders) -> None:
    orders.station.page_size = 1
    await orders.subscribe()
    orders.station.publish("S1", 1)
    orders.station.publish("S2", 2)
    page = await orders.poller().walker.page(await orders.get(), ALICE, timestamp(orders.world.clock.now()))
    assert await orders.store.move(await orders.get(), page.after)
    orders.station.forgets_tokens = True
    await orders.round()
    orders.station.forgets_tokens = False
    orders.station.page_size = 100
    await orders.round()
    assert sorted(orders.staged) == ["S1", "S2"]


async def test_an_owner_who_is_disabled_gets_nothing_more(orders: Orders, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(principal: Principal) -> Principal:
        raise Forbidden(f"The user {principal.login!r} is disabled or gone.")

    await orders.subscribe()
    orders.station.publish("S1", 1)
    monkeypatch.setattr(orders.world.people, "current", gone)
    await orders.round()
    failure = (await orders.get()).failure
    assert failure
    assert (failure.status, orders.station.searches, await orders.jobs()) == (403, [], [])


async def test_an_answer_that_makes_no_sense_is_told_and_is_no_end(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1)
    published = orders.station.items[0]["properties"].pop("published")
    orders.station.items[0]["properties"]["published"] = "9999"
    await orders.round()
    failure = (await orders.get()).failure
    assert failure
    assert "unexpectedly" in failure.reason
    orders.station.items[0]["properties"]["published"] = published
    await orders.round()
    assert orders.staged == ["S1"]
