"""Leases: one worker at a time has a job, and one that has lost it changes nothing of it any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from rs_server.errors import BackendUnavailable, Conflict
from rs_server.stac.ids import CollectionId
from rs_server.staging.beating import Busy
from rs_server.staging.jobs import Failure
from rs_server.staging.leases import LEASE_SECONDS, Lease
from rs_server.staging.transfers import transfer_key
from rs_server.storage.multipart import Upload
from tests.unit.staging.acting import LEASE_IS_OVER, steps, while_standing
from tests.unit.staging.checks import check_published
from tests.unit.staging.world import World

TARGET = CollectionId("alice", "s1-l0")
WRONG = Failure(502, "It went wrong.")


async def planned(world: World, *sizes: int) -> str:
    """A job that transfers files of these sizes."""
    files = {f"{number}.raw": size for number, size in enumerate(sizes)}
    job_id = await world.submit({"value": world.session("S1", files)})
    await world.step()
    return job_id


async def taken_over(world: World, job_id: str) -> tuple[Lease, Lease]:
    """A lease that has run out, and that of the worker who has taken the job since."""
    late, current = Lease(job_id), Lease(job_id)
    leases = world.stores().leases
    assert await leases.take(late)
    assert not await leases.take(current)
    world.clock.seconds += LEASE_IS_OVER
    assert await leases.take(current)
    return late, current


async def test_a_lease_that_has_run_out_is_kept_until_another_takes_the_job(world: World) -> None:
    leases, lease = world.stores().leases, Lease(await planned(world, 10))
    assert await leases.take(lease)
    world.clock.seconds += LEASE_IS_OVER
    await leases.keep(lease)
    assert not await leases.take(Lease(lease.job))


async def test_a_lost_lease_is_not_kept_even_when_the_other_has_given_it_back(world: World) -> None:
    late, current = await taken_over(world, await planned(world, 10))
    leases = world.stores().leases
    assert await leases.release(current)
    with pytest.raises(Busy):
        await leases.keep(late)
    assert not await leases.release(late)
    assert await leases.take(Lease(late.job))


async def test_a_longer_lease_is_not_cut_short_by_a_sign_of_life(world: World) -> None:
    leases, lease = world.stores().leases, Lease(await planned(world, 10))
    assert await leases.take(lease)
    await leases.keep(lease, 3 * LEASE_SECONDS)
    await leases.keep(lease)
    world.clock.seconds += 2 * LEASE_SECONDS
    assert not await leases.take(Lease(lease.job))


@pytest.mark.parametrize("left_by", [BackendUnavailable("no answer"), asyncio.CancelledError()])
async def test_a_call_that_may_go_on_keeps_the_lease(world: World, left_by: BaseException) -> None:
    leases, lease = world.stores().leases, Lease(await planned(world, 10))
    assert await leases.take(lease)
    with pytest.raises(type(left_by)):
        async with leases.lasting(lease, 2 * LEASE_SECONDS):
            raise left_by
    assert await leases.release(lease)
    world.clock.seconds += LEASE_SECONDS + 1
    assert not await leases.take(Lease(lease.job))
    world.clock.seconds += LEASE_SECONDS
    assert await leases.take(Lease(lease.job))


async def test_a_call_that_was_answered_leaves_the_lease_as_it_was(world: World) -> None:
    leases, lease = world.stores().leases, Lease(await planned(world, 10))
    assert await leases.take(lease)
    async with leases.lasting(lease, 2 * LEASE_SECONDS):
        pass
    assert await leases.release(lease)
    assert await leases.take(Lease(lease.job))


async def test_the_steps_of_a_job_are_for_who_has_it(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    late, current = await taken_over(world, job_id)
    jobs = world.stores().jobs
    assert not await jobs.begin_transfers(late, files=1, files_left=0, total=10)
    assert not await jobs.close(late, "planning", "successful")
    assert not await jobs.fail(late, WRONG)
    assert not await jobs.note_outcome(late)
    assert await jobs.begin_transfers(current, files=1, files_left=0, total=10)
    assert not await jobs.close(current, "planning", "successful")
    assert not await jobs.note_orders(late, "one")
    assert not await jobs.begin_publication(late)
    assert await jobs.begin_publication(current)
    assert await world.stores().leases.release(current)
    assert await jobs.fail(current, WRONG)  # given back, but nobody has taken it since


async def test_the_outcome_is_that_of_who_noted_it_first(world: World) -> None:
    late, current = await taken_over(world, await planned(world, 10))
    jobs, documents = world.stores().jobs, world.documents()
    await documents.write_results(current, {"items": ["current"]})
    assert await jobs.note_outcome(current)
    await documents.write_results(late, {"items": ["late"]})
    assert await documents.read_results(await world.job(late.job)) == {"items": ["current"]}
    assert not await jobs.note_outcome(current)


async def test_transfers_that_are_planned_once_more_stay_as_far_as_they_have_come(world: World) -> None:
    job_id = await planned(world, 10, 20, 30)
    transfers = world.stores().transfers
    first, second, third = await world.transfers(job_id)
    begun = await transfers.adopt_upload(first, Upload(first.key, "u1"))
    assert await transfers.adopt_upload(second, Upload(second.key, "u2"))
    assert await transfers.moved(replace(second, upload_id="u2"), size=20, checksum="d50110")
    await transfers.table.delete(third_key := transfer_key(job_id, third.number))
    await transfers.create_all(job_id, [first, second, third])
    after = await world.transfers(job_id)
    assert [one.status for one in after] == ["waiting", "moved", "waiting"]
    assert after[0] == begun
    assert await transfers.table.get(third_key)


async def test_bytes_of_an_upload_that_was_given_up_do_not_end_a_transfer(world: World) -> None:
    job_id = await planned(world, 10)
    transfers = world.stores().transfers
    (first,) = await world.transfers(job_id)
    late = await transfers.adopt_upload(first, Upload(first.key, "u1"))
    assert late
    assert await transfers.drop_upload(late)
    assert await transfers.adopt_upload(first, Upload(first.key, "u2"))
    assert not await transfers.moved(late, size=10, checksum="d50110")
    assert (await world.job(job_id)).files_left == 1


@pytest.mark.parametrize("is_late", [False, True])
async def test_claims_of_a_job_are_given_back_by_who_has_it(world: World, is_late: bool) -> None:
    """One planner found an item taken; before it gives back the others, another one may have got them all."""
    claims = world.stores().claims
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    other = await world.submit({"value": world.session("S9", {"b.raw": 10})})
    late, current = await taken_over(world, job_id)
    assert await claims.take(TARGET, "S2", other)
    with pytest.raises(Conflict):
        await claims.take_all(TARGET, ["S1", "S2"], late if is_late else current)
    assert await claims.take(TARGET, "S1", other) is not is_late


async def test_a_job_that_moves_while_it_is_given_up_is_not(world: World) -> None:
    job_id = await planned(world, 10)
    seen = await world.job(job_id)
    world.clock.seconds += 1
    assert await world.stores().jobs.advance(job_id, 5)
    assert not await world.stores().jobs.give_up(seen, WRONG)
    assert await world.stores().jobs.give_up(await world.job(job_id), WRONG)


@pytest.mark.parametrize("others", [1, 2])
@pytest.mark.parametrize("stands_at", range(4, 20, 5))
async def test_a_planner_that_goes_on_too_late(world: World, stands_at: int, others: int) -> None:
    """Others have planned the job meanwhile and moved its files on; at each of its calls in tests/integration."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 3000, "b.raw": 1000})})
    assert await while_standing(world, stands_at, steps(others))
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.files_left, job.bytes_done) == ("successful", 0, job.bytes), job.message
    check_published(world)
