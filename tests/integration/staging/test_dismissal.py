"""A job is dismissed after its worker was killed at each of its calls in turn: nothing of it is left."""

from __future__ import annotations

from rs_server.staging.messages import Message
from tests.unit.staging.checks import check_nothing_left
from tests.unit.staging.processes import Process
from tests.unit.staging.world import World, Worlds

SIZE = 9_000_000


async def dismissed_after_death(world: World, call: int) -> bool:
    """Whether the job could still be dismissed."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": SIZE})})
    await world.step()
    await world.step(Process(dies_at=call))
    if not await world.stores().jobs.dismiss(job_id):
        return False
    await world.stores().queue.send([Message("finish", job_id)])
    await world.run()
    assert (await world.job(job_id)).status == "dismissed"
    return True


async def test_dismissal_while_workers_die(worlds: Worlds) -> None:
    for call in range(25):
        world = worlds.new()
        if await dismissed_after_death(world, call):
            check_nothing_left(world)
