"""Jobs that are dismissed under way, and messages that come twice or to two workers at once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from rs_server.staging.leases import Lease
from rs_server.staging.messages import Message
from rs_server.storage.multipart import PART_SIZE
from tests.unit.staging.acting import begin_publication, dismiss, handle
from tests.unit.staging.checks import check_idle, check_nothing_left, check_published
from tests.unit.staging.processes import Mortal, Process
from tests.unit.staging.world import World

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


async def brought(world: World, parts: int) -> None:
    """Wait until so many parts are in the bucket, and their worker knows it."""
    s3 = Mortal(world.s3, Process())
    there = -1
    while there < parts:
        await asyncio.sleep(0.05)
        uploads = s3.list_multipart_uploads(Bucket=world.bucket).get("Uploads", [])
        listed = [s3.list_parts(Bucket=world.bucket, Key=one["Key"], UploadId=one["UploadId"]) for one in uploads]
        there = sum(len(answer.get("Parts", [])) for answer in listed)
    await asyncio.sleep(0.05)


async def test_a_transfer_stops_when_its_job_is_dismissed(world: World) -> None:
    begun = dripping(world)
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 100 * MEGABYTE})})
    await world.step()
    transferring = asyncio.create_task(world.step())
    await begun.wait()
    await dismiss(world, job_id)
    async with asyncio.timeout(120):
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
    for message in (
        Message("plan", job_id),
        Message("transfer", job_id, station="cadip:mti"),
        Message("finish", job_id),
    ):
        for count in (1, 2):
            assert await handle(world, message, count)
    assert await world.job(job_id) == before
    assert len(world.station.requests) == asked
    assert world.writes == ["S1"]
    check_published(world)


async def test_attempts_are_counted_on_when_another_worker_is_on_the_job(world: World) -> None:
    """Else several messages that end a job, each put off by the next, would fail for ever."""
    attempts: list[dict[str, Any]] = []
    world.services.functions["ingest"] = lambda event: attempts.append(event) or {"items": None}
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    while (await world.job(job_id)).stage == "planning" or (await world.job(job_id)).files_left:
        assert await world.step()
    world.queue.messages.clear()
    assert await world.stores().leases.take(Lease(job_id))
    assert await handle(world, Message("finish", job_id), count=4)
    await world.run()
    assert len(attempts) == 2  # the fourth and the fifth
    assert (await world.job(job_id)).status == "failed"
    check_nothing_left(world)


async def test_messages_of_no_job(world: World) -> None:
    assert await handle(world, Message("transfer", "no-such"))
    check_idle(world)


@pytest.mark.parametrize("count", [2, 6])
async def test_a_transfer_that_comes_again_while_its_job_is_published_touches_nothing(world: World, count: int) -> None:
    """Its worker was killed when all was done but to say so; the uploads, and the claim, are the publication's."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10, "b.raw": 20})})
    while (await world.job(job_id)).stage == "planning" or (await world.job(job_id)).files_left:
        assert await world.step()
    assert await begin_publication(world, job_id)
    before = (world.open_uploads(), world.claims())
    assert await handle(world, Message("transfer", job_id, 0, 0, "cadip:mti"), count)
    assert (world.open_uploads(), world.claims()) == before
    await world.run()
    job = await world.job(job_id)
    assert job.status == "successful", job.message
    check_published(world)


async def out_of_time(world: World, quickly: int) -> None:
    """A transfer whose function has no time left when `quickly` bytes have come, and the station gives no more."""
    begun = dripping(world, quickly)
    transferring = asyncio.create_task(world.step())
    await begun.wait()
    await brought(world, quickly // PART_SIZE)
    world.clock.seconds += 61
    async with asyncio.timeout(120):
        await transferring


@pytest.mark.parametrize(("quickly", "count"), [(0, 1), (9 * MEGABYTE, 0)], ids=["without a part", "with a part"])
async def test_work_is_handed_on_when_the_functions_time_is_over(world: World, quickly: int, count: int) -> None:
    """To a fresh message where a part has come, since then it will end some day; else it counts as an attempt."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10 * MEGABYTE})})
    await world.step()
    await out_of_time(world, quickly)
    assert [message.count for message in world.queue.messages] == [count]
    world.station.fault = lambda _: None
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    check_published(world)


@pytest.mark.parametrize("declared", [True, False])
async def test_what_replaces_an_object_goes_on_where_its_hash_stands(world: World, declared: bool) -> None:
    """So however slow its station is, and with its checksum known before the object is replaced."""
    await world.submit({"value": world.session("S1", {"a.raw": 10}, checksums=declared)})
    await world.run()
    await world.submit({"value": world.session("S1", {"a.raw": 20 * MEGABYTE}, checksums=declared)})
    await world.step()
    for quickly in (9 * MEGABYTE, 18 * MEGABYTE):
        world.clock.seconds += 5
        await out_of_time(world, quickly)
    world.station.fault = lambda _: None
    world.station.requests.clear()
    await world.run()
    assert [request.headers["range"] for request in world.station.requests] == [f"bytes={2 * PART_SIZE}-"]
    body = world.objects()["alice/s1-l0/S1/a.raw"]
    assert body == world.station.files["a.raw"]
    (asset,) = world.items["S1"]["assets"].values()
    algorithm = "d50110" + hashlib.md5(body).hexdigest() if declared else "1220" + hashlib.sha256(body).hexdigest()
    assert asset["file:checksum"] == algorithm
    check_idle(world)


@pytest.mark.parametrize("dies_at", range(8, 24, 3))
async def test_bytes_that_are_moved_once_more_are_not_counted_twice(world: World, dies_at: int) -> None:
    await world.submit({"value": world.session("S1", {"a.raw": 10}, checksums=True)})
    await world.run()
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 20 * MEGABYTE}, checksums=True)})
    await world.step()
    await world.step(Process(dies_at))
    await world.run()
    job = await world.job(job_id)
    assert job.status == "successful"
    assert job.bytes_done <= 20 * MEGABYTE  # who dies between the transfer's count and the job's leaves some uncounted


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
