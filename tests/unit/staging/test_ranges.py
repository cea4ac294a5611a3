"""Large files in several ranges, which workers move at once and in any order."""

from __future__ import annotations

import asyncio
import hashlib
import random
from itertools import chain, repeat

import httpx
import pytest

from rs_server.staging.messages import Message
from rs_server.staging.transfers import Span, Transfer
from rs_server.storage.multipart import PART_SIZE, part_size_of
from tests.unit.staging.acting import handle
from tests.unit.staging.checks import check_nothing_left, check_published, reason_of
from tests.unit.staging.processes import Process
from tests.unit.staging.station import streamed
from tests.unit.staging.world import World

SIZE = 3 * PART_SIZE + 12_345
CHECKSUM = "d50110" + hashlib.md5(random.Random("S1/a.raw").randbytes(SIZE)).hexdigest()


def transfer(size: int | None, parts_per_range: int) -> Transfer:
    return Transfer(
        job="j",
        number=0,
        item="S1",
        asset="a.raw",
        station="cadip:mti",
        url="",
        key="k",
        size=size,
        part_size=part_size_of(size),
        parts_per_range=parts_per_range,
    )


@pytest.mark.parametrize(
    ("parts", "parts_per_range", "spans"),
    [
        (1, 0, [(1, 1)]),
        (5, 0, [(1, 5)]),
        (1, 2, [(1, 1)]),
        (4, 2, [(1, 2), (3, 4)]),
        (5, 2, [(1, 2), (3, 4), (5, 5)]),
        (3, 1, [(1, 1), (2, 2), (3, 3)]),
    ],
)
def test_ranges_cover_every_part_once(parts: int, parts_per_range: int, spans: list[tuple[int, int]]) -> None:
    parted = transfer((parts - 1) * PART_SIZE + 1, parts_per_range)
    assert [parted.span(number) for number in range(parted.ranges)] == [Span(*span) for span in spans]


def test_a_file_of_unknown_size_has_one_range() -> None:
    assert transfer(None, 2).ranges == 1
    assert transfer(None, 2).span(0) == Span(1, None)


async def test_ranges_are_moved_at_once(world: World) -> None:
    world.range_size, world.connections = PART_SIZE, 4
    job_id = await world.submit({"value": world.session("S1", {"a.raw": SIZE}, checksums=True)})
    await world.step()
    messages = [Message.from_body(queued.body) for queued in world.queue.messages]
    assert [message.range for message in messages] == [0, 1, 2, 3]
    world.queue.messages.clear()
    await asyncio.gather(*(handle(world, message) for message in reversed(messages)))
    asked = {request.headers["range"] for request in world.station.requests}
    ends = [PART_SIZE - 1, 2 * PART_SIZE - 1, 3 * PART_SIZE - 1, ""]
    assert asked == {f"bytes={number * PART_SIZE}-{end}" for number, end in enumerate(ends)}
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.bytes_done) == ("successful", SIZE), job.message
    check_published(world)
    assert world.items["S1"]["assets"]["a.raw"]["file:checksum"] == CHECKSUM


async def test_a_checksum_that_only_reading_back_can_tell(world: World) -> None:
    world.range_size = PART_SIZE
    session = world.session("S1", {"a.raw": SIZE}, checksums=True)
    world.station.files["a.raw"] = bytes(SIZE)
    job_id = await world.submit({"value": session})
    await world.run()
    assert "checksum" in reason_of(await world.job(job_id))[1]
    check_nothing_left(world)


@pytest.mark.parametrize("whole", [False, True], ids=["range ignored", "range kept"])
async def test_ranges_of_a_station_that_ignores_them(world: World, whole: bool) -> None:
    def fault(_: httpx.Request) -> httpx.Response:
        body = world.station.files["a.raw"]
        return streamed(200, body, {"content-length": str(len(body))})

    if not whole:
        world.station.fault = fault
    world.range_size = 2 * PART_SIZE
    await world.submit({"value": world.session("S1", {"a.raw": 2 * SIZE})})
    await world.run()
    check_published(world)


async def test_ranges_whose_workers_die(world: World) -> None:
    world.range_size = PART_SIZE
    job_id = await world.submit({"value": world.session("S1", {"a.raw": SIZE})})
    dying = (Process(dies_at=call) for call in (20, 9, 11, 13, 6, 8))
    await world.run(chain([Process()], dying, (Process() for _ in repeat(0))))
    job = await world.job(job_id)
    assert job.status == "successful", job.message
    check_published(world)


async def test_a_file_that_changes_while_some_ranges_are_there(world: World) -> None:
    """What has come of the old version is thrown away, also the ranges that had ended."""
    world.range_size, world.connections = PART_SIZE, 2
    job_id = await world.submit({"value": world.session("S1", {"a.raw": SIZE})})
    for _ in range(3):
        await world.step()
    world.station.files["a.raw"] = world.station.files["a.raw"][::-1]
    await world.run()
    job = await world.job(job_id)
    assert job.status == "successful", job.message
    check_published(world)


async def test_a_file_that_is_replaced_is_not_parted(world: World) -> None:
    """Its checksum must be known before the old object goes, so one worker must see all bytes."""
    world.range_size = PART_SIZE
    await world.submit({"value": world.session("S1", {"a.raw": SIZE}, checksums=True)})
    await world.run()
    changed = world.session("S2", {"a.raw": SIZE}, checksums=True) | {"id": "S1"}
    job_id = await world.submit({"value": changed})
    await world.run()
    (moved,) = await world.transfers(job_id)
    assert (moved.ranges, moved.replaces) == (1, True)
    assert (await world.job(job_id)).status == "successful"
    check_published(world)
