"""Jobs whose message was lost at any point are taken up again; hopeless ones are given up, old ones forgotten."""

from __future__ import annotations

import pytest

from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from rs_server.errors import InvalidRequest
from rs_server.staging.jobs import Job
from tests.unit.staging.acting import look_after
from tests.unit.staging.checks import check_nothing_left, check_published, reason_of
from tests.unit.staging.processes import Process
from tests.unit.staging.world import World

HOUR = 3600
DAY = 24 * HOUR


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


async def test_a_job_that_waits_for_its_turn_is_not_given_up(world: World) -> None:
    """Another one's transfers take days; a week is too long."""
    world.connections = 1
    await world.submit({"value": world.session("S1", {"a.raw": 10})}, priority="high")
    job_id = await world.submit({"value": world.session("S2", {"b.raw": 10})})
    await world.step()
    await world.step()
    for days in (3, 5):
        (place,) = await world.stores().turns.places("cadip:mti")
        world.clock.seconds += days * DAY
        assert await world.stores().turns.renew(place, HOUR)
        assert (await world.job(job_id)).stage == "transferring"
        await look_after(world)
    assert reason_of_closing(await world.job(job_id)) == "Nothing was transferred for 7 days, so the job was given up."


def reason_of_closing(job: Job) -> str:
    assert job.stage == "closing"
    return job.message


async def test_what_stands_against_one_does_not_keep_from_the_others(world: World) -> None:
    """A station that was taken out of the profiles, and a job whose station it was."""
    world.stations["cadip:sgs"] = world.station
    world.people.grants.append(Grant("user:alice", ResourcePattern.parse("cadip:sgs"), frozenset({"download"})))
    lost = world.session("S1", {"a.raw": 10})
    lost["properties"]["rs:station"] = "cadip:sgs"
    jobs = [await world.submit({"value": item}) for item in (lost, world.session("S2", {"b.raw": 10}))]
    await world.step()
    await world.step()
    world.queue.messages.clear()
    del world.stations["cadip:sgs"]
    world.clock.seconds += HOUR
    with pytest.raises(InvalidRequest, match="cadip:sgs"):
        await look_after(world, None, "cadip:sgs")
    await world.run()
    assert [(await world.job(job)).status for job in jobs] == ["running", "successful"]


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


async def test_jobs_that_have_ended_cost_nothing(world: World) -> None:
    """They are kept for months; only those that go on, and those whose time is over, are looked at."""
    few, many = Process(), Process()
    await look_after(world, few)
    for _ in range(5):
        await world.submit({"value": world.session("S1", {"a.raw": 10})}, dry_run=True)
    await world.run()
    await look_after(world, many)
    assert many.calls == few.calls


async def test_a_job_that_is_never_planned_is_given_up(world: World) -> None:
    """Its workers die before they can say so, again and again."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    world.queue.messages.clear()
    world.clock.seconds += DAY + HOUR
    await look_after(world)
    await world.run()
    assert reason_of(await world.job(job_id)) == (504, "It came no further for a day, so the job was given up.")
    check_nothing_left(world)
