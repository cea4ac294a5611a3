"""What others do to jobs: users dismiss them, the schedule looks after them, the queue delivers messages again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rs_server.staging.catalog import CatalogReader
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.delivery import Delivery
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.leases import Lease
from rs_server.staging.lifecycle import Lifecycle
from rs_server.staging.messages import Message
from tests.unit.staging.processes import Process, StandingStill
from tests.unit.staging.world import World

LEASE_IS_OVER = 31
Others = Callable[[World], Coroutine[Any, Any, None]]


async def dismiss(world: World, job_id: str) -> None:
    """As the API does it."""
    stores = world.stores()
    assert await stores.jobs.dismiss(job_id)
    await stores.queue.send([Message("finish", job_id)])


async def begin_publication(world: World, job_id: str) -> bool:
    """As a worker does that then dies long enough ago."""
    stores, lease = world.stores(), Lease(job_id)
    assert await stores.leases.take(lease)
    begun = await stores.jobs.begin_publication(lease)
    await stores.leases.release(lease)
    return begun


async def handle(world: World, message: Message, count: int = 1) -> bool:
    """Deliver a message to a worker of its own."""
    worker = world.worker(Process())
    delivery = Delivery(worker.stores.queue, "none", count, world.clock.seconds + 60, world.clock.monotonic)
    return await worker.handle(message, delivery)


async def look_after(world: World, process: Process | None = None, *stations: str) -> None:
    """What the schedule does."""
    stores = world.stores(process)
    cleaner = Cleaner(stores, CatalogReader(world.service_calls()))
    await Lifecycle(stores, Dispatcher(stores, world), cleaner, [*stations, "cadip:mti"], world.clock.now).run()


async def while_standing(world: World, stands_at: int, others: Others) -> bool:
    """Have a worker stand still at a call of its message, `others` work, and it go on; False if it has no such call."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))  # calls that stand still keep their threads
    process = StandingStill(stands_at=stands_at)
    late = asyncio.create_task(world.step(process))
    while not late.done() and not await asyncio.to_thread(process.standing.wait, 0.005):
        pass
    if stood := process.standing.is_set():
        world.clock.seconds += LEASE_IS_OVER
        await others(world)
    process.going_on.set()
    await late
    return stood


def steps(count: int) -> Others:
    """Others that take the next `count` steps."""

    async def work(world: World) -> None:
        for _ in range(count):
            if not await world.step():
                return

    return work
