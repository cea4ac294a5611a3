"""Jobs that are dismissed under way, and messages that come twice or to two workers at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from rs_server.staging.delivery import Delivery
from rs_server.staging.messages import Message
from tests.unit.staging.checks import check_idle, check_nothing_left, check_published
from tests.unit.staging.world import Process, World

MEGABYTE = 1_000_000


def dripping(world: World, quickly: int = 0) -> asyncio.Event:
    """The station sends some bytes quickly and then one now and then, for ever; the event says that it has begun to."""
    begun = asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        yield world.station.files["a.raw"][:quickly]
        while True:
            begun.set()
            await asyncio.sleep(0.01)
            yield b"x"

    world.station.fault = lambda _: httpx.Response(200, content=drip())
    return begun


async def dismiss(world: World, job_id: str) -> None:
    """As the API does it."""
    stores = world.stores()
    assert await stores.jobs.dismiss(job_id)
    await stores.queue.send([Message("finish", job_id)])


async def test_a_transfer_stops_when_its_job_is_dismissed(world: World) -> None:
    begun = dripping(world)
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 100 * MEGABYTE})})
    await world.step()
    transferring = asyncio.create_task(world.step())
    await begun.wait()
    await dismiss(world, job_id)
    async with asyncio.timeout(5):
        assert await transferring
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.stage) == ("dismissed", "closed")
    check_nothing_left(world)


@pytest.mark.parametrize("steps", range(4))
async def test_dismissal_between_any_two_messages(world: World, steps: int) -> None:
    """Either the job is dismissed and nothing of it is left, or it was too late and all of it is there."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": MEGABYTE, "b.raw": 10})})
    for _ in range(steps):
        await world.step()
    await dismiss(world, job_id)
    await world.run()
    assert (await world.job(job_id)).status == "dismissed"
    check_nothing_left(world)


async def handle(world: World, message: Message, count: int = 1) -> bool:
    """Deliver a message to a worker of its own."""
    worker = world.worker(Process())
    delivery = Delivery(worker.stores.queue, "none", count, world.clock.seconds + 60, world.clock.monotonic)
    return await worker.handle(message, delivery)


async def test_every_message_delivered_twice_at_once(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 9 * MEGABYTE, "b.raw": 10}, checksums=True)})
    while world.queue.messages:
        queued = world.queue.receive(visibility=90, most=6)
        assert queued
        message = Message.from_body(queued.body)
        await asyncio.gather(handle(world, message), handle(world, message))
        world.queue.delete(queued)
    job = await world.job(job_id)
    assert (job.status, job.files_left) == ("successful", 0)
    assert job.bytes_done == job.bytes
    check_published(world)


async def test_messages_of_a_job_that_has_ended_do_nothing(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.run()
    before, asked = await world.job(job_id), len(world.station.requests)
    for message in (Message("plan", job_id), Message("transfer", job_id), Message("finish", job_id)):
        for count in (1, 2):
            assert await handle(world, message, count)
    assert await world.job(job_id) == before
    assert len(world.station.requests) == asked
    assert world.writes == ["S1"]
    check_published(world)


async def test_messages_of_no_job(world: World) -> None:
    assert await handle(world, Message("transfer", "no-such"))
    check_idle(world)


@pytest.mark.parametrize(("quickly", "count"), [(0, 1), (9 * MEGABYTE, 0)], ids=["without a part", "with a part"])
async def test_work_is_handed_on_when_the_functions_time_is_over(world: World, quickly: int, count: int) -> None:
    """To a fresh message where a part has come, since then it will end some day; else it counts as an attempt."""
    begun = dripping(world, quickly)
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10 * MEGABYTE})})
    await world.step()
    transferring = asyncio.create_task(world.step())
    await begun.wait()
    await asyncio.sleep(0.1)
    world.clock.seconds += 61
    async with asyncio.timeout(5):
        await transferring
    assert [message.count for message in world.queue.messages] == [count]
    world.station.fault = lambda _: None
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    check_published(world)


async def test_a_message_that_kills_every_worker_fails_its_job(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 9 * MEGABYTE})})
    await world.step()
    for _ in range(5):
        await world.step(Process(dies_at=5))
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.message) == (
        "failed",
        "a.raw: The work was broken off several times and has been given up.",
    )
    check_nothing_left(world)


async def test_an_error_of_our_own_is_told_without_its_details(world: World) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise RuntimeError("secret-token-123")

    world.station.fault = broken
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.run()
    job = await world.job(job_id)
    assert job.status == "failed"
    assert job.message == "a.raw: The service failed unexpectedly. Report the job's id to the operator."
    check_nothing_left(world)
