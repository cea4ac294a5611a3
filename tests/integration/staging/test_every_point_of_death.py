"""A worker is killed at its calls in turn; the job ends right every time.

At every fifth by default, beginning with another one for each message; at each with RS_TEST_DEATHS=1.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain, repeat

from tests.unit.staging.checks import check_published
from tests.unit.staging.processes import Process
from tests.unit.staging.test_killed_workers import SIZES
from tests.unit.staging.world import World, Worlds

STEP = int(os.environ.get("RS_TEST_DEATHS", "5"))


async def run(world: World, processes: Iterator[Process]) -> str:
    """Stage a session; the job's id."""
    job_id = await world.submit({"value": world.session("S1", SIZES)})
    await world.run(processes)
    return job_id


async def calls_of_each_message(world: World) -> list[int]:
    """How many calls the worker of each message makes when nothing goes wrong."""
    processes = [Process() for _ in range(20)]
    await run(world, iter(processes))
    return [process.calls for process in processes if process.calls]


async def test_death_at_every_call(worlds: Worlds) -> None:
    for number, calls in enumerate(await calls_of_each_message(worlds.new())):
        for call in range(number % STEP, calls, STEP):
            world = worlds.new()
            dying = chain((Process() for _ in range(number)), [Process(call)], (Process() for _ in repeat(0)))
            job = await world.job(await run(world, dying))
            assert job.status == "successful", (number, call, job.message)
            check_published(world)
            assert world.killed <= 1
