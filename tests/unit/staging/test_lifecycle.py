"""Jobs whose message was lost at any point are taken up again; hopeless ones are given up, old ones forgotten."""

from __future__ import annotations

import pytest

from rs_server.staging.catalog import CatalogReader
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.lifecycle import Lifecycle
from tests.unit.staging.checks import check_nothing_left, check_published, reason_of
from tests.unit.staging.world import Process, World

HOUR = 3600
DAY = 24 * HOUR


async def look_after(world: World) -> None:
    """What the schedule does."""
    stores = world.stores()
    cleaner = Cleaner(stores, CatalogReader(world.service_calls()))
    await Lifecycle(stores, Dispatcher(stores, world), cleaner, ["cadip:mti"], world.clock.now).run()


@pytest.mark.parametrize("steps", range(4))
async def test_a_job_whose_messages_are_lost_goes_on(world: World, steps: int) -> None:
    """After submission, planning, the first transfer, the second one."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10, "b.raw": 20})})
    for _ in range(steps):
        await world.step()
    world.queue.messages.clear()
    world.clock.seconds += HOUR
    await look_after(world)
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    check_published(world)


@pytest.mark.parametrize("call", range(0, 24, 3))
async def test_a_job_whose_last_worker_died_goes_on(world: World, call: int) -> None:
    """And where the job had been closed already, its claim stands in nobody's way."""
    session = world.session("S1", {"a.raw": 10})
    job_id = await world.submit({"value": session})
    await world.step()
    await world.step()
    await world.step(Process(dies_at=call))
    world.queue.messages.clear()
    world.clock.seconds += HOUR
    await look_after(world)
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    again = await world.submit({"value": session})
    await world.run()
    assert (await world.job(again)).status == "successful"
    check_published(world)


async def test_a_dismissed_job_that_was_not_cleaned_up_is(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 9_000_000})})
    await world.step()
    await world.step(Process(dies_at=14))
    assert await world.stores().jobs.dismiss(job_id)
    world.queue.messages.clear()
    world.clock.seconds += HOUR
    await look_after(world)
    await world.run()
    assert (await world.job(job_id)).stage == "closed"
    check_nothing_left(world)


async def test_a_job_that_is_at_work_is_left_alone(world: World) -> None:
    await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.step()
    before = len(world.queue.messages)
    await look_after(world)
    assert len(world.queue.messages) == before


async def test_a_job_that_gets_nowhere_is_given_up(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.step()
    world.queue.messages.clear()
    world.clock.seconds += 2 * DAY
    await look_after(world)
    await world.run()
    assert reason_of(await world.job(job_id)) == (504, "Nothing was transferred for a day, so the job was given up.")
    check_nothing_left(world)


async def test_old_jobs_are_forgotten(world: World) -> None:
    old = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.run()
    world.clock.seconds += 60 * DAY
    young = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.run()
    world.clock.seconds += 31 * DAY
    await look_after(world)
    jobs = world.stores().jobs
    assert await jobs.get(old) is None
    assert await jobs.get(young) is not None
    assert await world.transfers(old) == []
    keys = [entry["Key"] for entry in world.s3.list_objects_v2(Bucket=world.bucket)["Contents"]]
    assert not [key for key in keys if key.startswith(f"jobs/{old}/")]
    assert [key for key in keys if key.startswith(f"jobs/{young}/")]
    check_published(world)
