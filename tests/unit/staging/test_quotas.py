"""Quotas: a user has so many jobs and bytes under way, counted once and given back once, whatever happens."""

from __future__ import annotations

import pytest

from rs_server.errors import TooManyRequests
from rs_server.staging.quotas import Limits
from tests.unit.staging.checks import check_idle, check_nothing_left, check_published, reason_of
from tests.unit.staging.processes import Process
from tests.unit.staging.world import World


async def test_one_job_more_than_may_be_is_refused_until_one_has_ended(world: World) -> None:
    world.quotas = Limits(jobs=2)
    for name in ("S1", "S2"):
        await world.submit({"value": world.session(name, {f"{name}.raw": 10})})
    with pytest.raises(TooManyRequests, match="You have 2 jobs under way"):
        await world.submit({"value": world.session("S3", {"c.raw": 10})})
    await world.run()
    assert set(world.under_way()) == {0}
    await world.submit({"value": world.session("S3", {"c.raw": 10})})
    await world.run()
    assert world.items.keys() == {"S1", "S2", "S3"}
    check_idle(world)


async def test_a_job_waits_for_room_for_its_bytes(world: World) -> None:
    world.quotas = Limits(bytes=150)
    first, second = [await world.submit({"value": world.session(name, {f"{name}.raw": 100})}) for name in ("S1", "S2")]
    await world.step()
    await world.step()
    assert (await world.job(second)).stage == "planning"
    assert 100 in world.under_way()
    await world.run()
    assert {(await world.job(job)).status for job in (first, second)} == {"successful"}
    check_idle(world)


async def test_a_job_of_more_bytes_than_a_user_may_have_fails_at_once(world: World) -> None:
    world.quotas = Limits(bytes=99)
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 100})})
    await world.run()
    assert reason_of(await world.job(job_id))[0] == 413
    assert world.station.requests == []
    check_nothing_left(world)


async def test_what_a_job_did_not_give_back_is_found_when_a_quota_is_full(world: World) -> None:
    world.quotas = Limits(jobs=1, bytes=100)
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 100})})
    await world.run()
    quotas = world.stores().quotas
    await quotas.take_job("alice", job_id)
    await quotas.take_bytes(await world.job(job_id), 100)
    await world.submit({"value": world.session("S2", {"b.raw": 100})})
    await world.run()
    assert world.items.keys() == {"S1", "S2"}
    assert set(world.under_way()) == {0}


@pytest.mark.parametrize("call", range(8, 26, 3))
async def test_a_planner_that_dies_counts_bytes_once(world: World, call: int) -> None:
    world.quotas = Limits(bytes=100)
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 100})})
    await world.step(Process(dies_at=call))
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    check_published(world)


async def test_a_collection_is_created_where_that_is_asked_for(world: World) -> None:
    world.collections.clear()
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})}, create_collection=True)
    await world.run()
    assert world.collections == {"alice:s1-l0"}
    assert (await world.job(job_id)).status == "successful"
    check_published(world)
