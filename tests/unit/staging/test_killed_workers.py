"""Workers that are killed: whatever call they die at, others end the job, and nothing is lost, doubled or left over."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.unit.staging.checks import check_published
from tests.unit.staging.processes import Process
from tests.unit.staging.world import World

SIZES = {"big.raw": 9_000_000, "small.raw": 1000}


def dying(seed: int) -> Iterator[Process]:
    """Processes of which the first ones die at a random call."""
    chance = random.Random(seed)
    for _ in range(4):
        yield Process(dies_at=chance.randrange(30))
    while True:
        yield Process()


@pytest.mark.parametrize("seed", range(8))
async def test_a_job_outlives_several_workers(world: World, seed: int) -> None:
    job_id = await world.submit({"value": world.session("S1", SIZES)})
    await world.run(dying(seed))
    job = await world.job(job_id)
    assert (job.status, job.stage) == ("successful", "closed"), job.message
    assert job.files_left == 0
    check_published(world)
