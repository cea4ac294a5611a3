"""What others do to jobs: users dismiss them, the schedule looks after them, the queue delivers messages again."""

from __future__ import annotations

from rs_server.staging.catalog import CatalogReader
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.delivery import Delivery
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.lifecycle import Lifecycle
from rs_server.staging.messages import Message
from tests.unit.staging.processes import Process
from tests.unit.staging.world import World


async def dismiss(world: World, job_id: str) -> None:
    """As the API does it."""
    stores = world.stores()
    assert await stores.jobs.dismiss(job_id)
    await stores.queue.send([Message("finish", job_id)])


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
