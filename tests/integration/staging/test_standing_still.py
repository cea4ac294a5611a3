"""Workers that stand still until others have taken up their work, and then go on: they change nothing of it."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.unit.staging.acting import Others, steps, while_standing
from tests.unit.staging.archives import Archives, collection
from tests.unit.staging.checks import check_idle, check_nothing_left, check_published, check_true
from tests.unit.staging.world import World, Worlds

SIZES = {"a.raw": 3000, "b.raw": 1000}
ALL = 1000
STRIDE = int(os.environ.get("RS_TEST_DEATHS", "10"))
"""Workers stand still at every tenth of their calls; at each with RS_TEST_DEATHS=1."""
ONE_STEP = steps(1)


@pytest.fixture
def a_world(worlds: Worlds) -> Callable[[], World]:
    def new() -> World:
        world = worlds.new()
        world.lease_beat_seconds = 1000
        return world

    return new


@pytest.mark.parametrize("others", [1, 2, 4, ALL])
async def test_a_planner_that_goes_on_too_late(a_world: Callable[[], World], others: int) -> None:
    for stands_at in range(0, 200, STRIDE):
        world = a_world()
        job_id = await world.submit({"value": world.session("S1", SIZES, checksums=True)})
        if not await while_standing(world, stands_at, steps(others)):
            return
        await world.run()
        job = await world.job(job_id)
        assert job.status == "successful", (stands_at, job.message)
        assert (job.files_left, job.bytes_done) == (0, job.bytes), stands_at
        check_published(world)
        check_true(world)


async def staged(world: World) -> str:
    """A job that has only to be published, by the next message."""
    job_id = await world.submit({"value": world.session("S1", SIZES, checksums=True)})
    while (await world.job(job_id)).stage == "planning" or (await world.job(job_id)).files_left:
        assert await world.step()
    return job_id


async def other_bytes(world: World) -> None:
    """The item of the job is staged again, with other bytes, by another job that ends."""
    await world.run()
    changed = world.session("S1", {name: size + 1 for name, size in SIZES.items()}, checksums=True)
    job_id = await world.submit({"value": changed})
    await world.run()
    assert (await world.job(job_id)).status == "successful"


async def half_of_other_bytes(world: World) -> None:
    """The same, but the other job has only begun."""
    await world.run()
    changed = world.session("S1", {name: size + 1 for name, size in SIZES.items()}, checksums=True)
    await world.submit({"value": changed})
    for _ in range(3):
        await world.step()


@pytest.mark.parametrize("others", [ONE_STEP, other_bytes, half_of_other_bytes])
async def test_a_publisher_that_goes_on_too_late(a_world: Callable[[], World], others: Others) -> None:
    for stands_at in range(0, 200, STRIDE):
        world = a_world()
        job_id = await staged(world)
        if not await while_standing(world, stands_at, others):
            return
        await world.run()
        assert (await world.job(job_id)).status == "successful", stands_at
        check_published(world)
        check_true(world)


@pytest.mark.parametrize("others", [ONE_STEP, other_bytes, half_of_other_bytes])
async def test_a_cleaner_that_goes_on_too_late(a_world: Callable[[], World], others: Others) -> None:
    """The job is refused by the catalog after its objects are there, so that they are to be deleted."""
    for stands_at in range(0, 200, STRIDE):
        world = a_world()
        job_id = await staged(world)
        world.refusals["S1"] = "It cannot be indexed."
        await world.step()
        assert (await world.job(job_id)).stage == "closing"
        world.refusals.clear()
        if not await while_standing(world, stands_at, others):
            return
        await world.run()
        assert (await world.job(job_id)).status == "failed"
        (check_nothing_left if others is ONE_STEP else check_published)(world)
        check_true(world)


@pytest.mark.parametrize("failing", [(), ("acri",)])
@pytest.mark.parametrize("others", [1, 3, ALL])
async def test_a_look_at_orders_that_goes_on_too_late(worlds: Worlds, failing: tuple[str, ...], others: int) -> None:
    for stands_at in range(0, 200, STRIDE):
        world = worlds.new()
        world.lease_beat_seconds = 1000
        archives = Archives(world, seconds=30, failing=set(failing))
        job_id = await world.submit(collection(*(archives.product(f"P{number}") for number in range(2))))
        await world.step()
        await world.step()
        if not await while_standing(world, stands_at, steps(others)):
            return
        await world.run()
        job = await world.job(job_id)
        assert (job.status, job.ordering) == ("successful", ""), (stands_at, job.message)
        assert world.items.keys() == {"P0", "P1"}
        check_idle(world)


@pytest.mark.parametrize("others", [ONE_STEP, other_bytes, half_of_other_bytes])
async def test_a_transfer_that_goes_on_too_late(a_world: Callable[[], World], others: Others) -> None:
    for stands_at in range(0, 200, STRIDE):
        world = a_world()
        job_id = await world.submit({"value": world.session("S1", SIZES, checksums=True)})
        await world.step()
        if not await while_standing(world, stands_at, others):
            return
        await world.run()
        assert (await world.job(job_id)).status == "successful", stands_at
        check_published(world)
        check_true(world)
