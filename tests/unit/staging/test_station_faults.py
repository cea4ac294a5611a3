"""Stations that break off, ignore, change, refuse: the job goes on or says why, and no wrong byte is published."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import httpx
import pytest

from rs_server.staging.jobs import Job
from tests.unit.staging.checks import check_nothing_left, check_published
from tests.unit.staging.processes import Process
from tests.unit.staging.station import CHUNK, etag_of, name_in, streamed
from tests.unit.staging.world import World

MEGABYTE = 1_000_000
Fault = Callable[[httpx.Request], httpx.Response | None]


async def stage(world: World, sizes: dict[str, int], *, checksums: bool = False, **inputs: str) -> Job:
    """Stage a session and wait for the end."""
    job_id = await world.submit({"value": world.session("S1", sizes, checksums=checksums)}, **inputs)
    await world.run()
    return await world.job(job_id)


def times(count: int, fault: Fault) -> Fault:
    """A fault that shows for the first `count` requests only."""
    left = [count]

    def limited(request: httpx.Request) -> httpx.Response | None:
        left[0] -= 1
        return fault(request) if left[0] >= 0 else None

    return limited


def broken_after(world: World, count: int) -> Fault:
    """Streams that break after `count` bytes."""

    def fault(request: httpx.Request) -> httpx.Response:
        whole = world.station.serve(request)
        body = world.station.files[name_in(request)]
        start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        return streamed(whole.status_code, body[start:], whole.headers, breaks_after=count)

    return fault


async def test_a_stream_that_breaks_goes_on_where_it_broke(world: World) -> None:
    world.station.fault = times(3, broken_after(world, 5 * MEGABYTE + 17))
    job = await stage(world, {"a.raw": 21 * MEGABYTE}, checksums=True)
    assert job.status == "successful", job.message
    check_published(world)
    step = 5 * MEGABYTE + 17
    ranges = [request.headers.get("range") for request in world.station.requests]
    assert ranges == [None, f"bytes={step}-", f"bytes={2 * step}-", f"bytes={3 * step}-"]


async def test_a_stream_that_always_breaks_at_once_fails_the_job(world: World) -> None:
    world.station.fault = broken_after(world, 0)
    job = await stage(world, {"a.raw": MEGABYTE, "b.raw": MEGABYTE})
    assert job.status == "failed"
    assert job.message == "a.raw: The station broke off in the middle of the file."
    assert job.failure is not None
    assert job.failure.status == 502
    check_nothing_left(world)


async def test_a_station_that_ignores_range_is_read_from_the_start(world: World) -> None:
    breaking = times(1, broken_after(world, 12 * MEGABYTE))

    def fault(request: httpx.Request) -> httpx.Response:
        if request.headers.get("range") is None:
            return breaking(request) or world.station.serve(request)
        body = world.station.files["a.raw"]
        return streamed(200, body, {"content-length": str(len(body))})

    world.station.fault = fault
    job = await stage(world, {"a.raw": 21 * MEGABYTE}, checksums=True)
    assert job.status == "successful", job.message
    check_published(world)


WRONG: list[tuple[str, Callable[[bytes], httpx.Response], str]] = [
    (
        "too short, and said so",
        lambda body: streamed(200, body[:-10], {"content-length": str(len(body) - 10)}),
        "item says",
    ),
    (
        "too long, and said so",
        lambda body: streamed(200, body + b"x", {"content-length": str(len(body) + 1)}),
        "item says",
    ),
    ("too short, unsaid", lambda body: streamed(200, body[:-10], {}), "broke off after"),
    ("too long, unsaid", lambda body: streamed(200, body + b"x", {}), "more bytes"),
    (
        "another part",
        lambda body: streamed(206, body[5:], {"content-range": f"bytes 5-{len(body) - 1}/{len(body)}"}),
        "from 5 on",
    ),
    ("a part of no place", lambda body: streamed(206, body, {}), "without saying which"),
    ("a part of another length", lambda body: streamed(206, body, {"content-range": "bytes 0-9/10"}), "10 bytes"),
    (
        "compressed",
        lambda body: streamed(200, gzip.compress(body), {"content-encoding": "gzip"}),
        "compresses",
    ),
    ("an error", lambda _: httpx.Response(500), "500"),
]


@pytest.mark.parametrize(("answer", "word"), [pytest.param(answer, word, id=name) for name, answer, word in WRONG])
async def test_wrong_answers_fail_the_job(world: World, answer: Callable[[bytes], httpx.Response], word: str) -> None:
    world.station.fault = lambda request: answer(world.station.files[name_in(request)])
    job = await stage(world, {"a.raw": MEGABYTE})
    assert job.status == "failed"
    assert job.message.startswith("a.raw: ")
    assert word in job.message
    check_nothing_left(world)


async def test_a_wrong_byte_is_noticed_and_read_again(world: World) -> None:
    def fault(request: httpx.Request) -> httpx.Response:
        body = bytearray(world.station.files["a.raw"])
        body[MEGABYTE // 2] ^= 1
        return streamed(200, bytes(body), {"content-length": str(len(body))})

    world.station.fault = times(1, fault)
    job = await stage(world, {"a.raw": MEGABYTE}, checksums=True)
    assert job.status == "successful", job.message
    check_published(world)


async def test_bytes_that_stay_wrong_fail_the_job(world: World) -> None:
    world.station.fault = lambda _: streamed(200, bytes(MEGABYTE), {"content-length": str(MEGABYTE)})
    job = await stage(world, {"a.raw": MEGABYTE}, checksums=True)
    assert job.status == "failed"
    assert "checksum" in job.message
    check_nothing_left(world)


async def test_a_file_that_is_gone_fails_the_job_at_once(world: World) -> None:
    world.station.fault = lambda _: httpx.Response(404)
    job = await stage(world, {"a.raw": MEGABYTE})
    assert (job.status, job.failure.status if job.failure else 0) == ("failed", 404)
    assert len(world.station.requests) == 1
    check_nothing_left(world)


@pytest.mark.parametrize(("status", "headers"), [(429, {"retry-after": "30"}), (503, {}), (202, {})])
async def test_a_station_that_is_busy_is_asked_again_later(world: World, status: int, headers: dict[str, str]) -> None:
    world.station.fault = times(3, lambda _: httpx.Response(status, headers=headers))
    job = await stage(world, {"a.raw": MEGABYTE})
    assert job.status == "successful", job.message
    check_published(world)
    assert world.clock.seconds >= {429: 90, 503: 2 + 4 + 8, 202: 180}[status]


async def test_waiting_as_told_does_not_count_as_failing(world: World) -> None:
    world.station.fault = times(20, lambda _: httpx.Response(429, headers={"retry-after": "5"}))
    job = await stage(world, {"a.raw": MEGABYTE})
    assert job.status == "successful", job.message
    check_published(world)


async def test_waiting_as_told_has_an_end(world: World) -> None:
    world.station.fault = lambda _: httpx.Response(429, headers={"retry-after": "600"})
    job = await stage(world, {"a.raw": MEGABYTE})
    assert (job.status, job.message) == ("failed", "a.raw: busy")
    assert 7200 <= world.clock.seconds < 9000
    check_nothing_left(world)


async def test_a_station_that_stays_busy_fails_the_job(world: World) -> None:
    world.station.fault = lambda _: httpx.Response(503)
    job = await stage(world, {"a.raw": MEGABYTE})
    assert (job.status, job.message) == ("failed", "a.raw: busy")
    check_nothing_left(world)


async def test_a_file_that_changes_under_way_is_read_anew(world: World) -> None:
    """The worker dies after the first part; meanwhile the station serves another version of the same length."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 20 * MEGABYTE})})
    await world.step()
    old = world.station.files["a.raw"]
    worker = Process(dies_at=12)
    await world.step(worker)
    assert world.killed
    changed = old[::-1]
    world.station.files["a.raw"] = changed
    assert etag_of(changed) != etag_of(old)
    await world.run()
    job = await world.job(job_id)
    assert job.status == "successful", job.message
    check_published(world)


async def test_sizes_that_the_item_does_not_tell(world: World) -> None:
    session = world.session("S1", {"a.raw": 20 * MEGABYTE, "b.raw": 0, "c.raw": CHUNK})
    for asset in session["assets"].values():
        del asset["file:size"]
    job_id = await world.submit({"value": session})
    await world.run()
    job = await world.job(job_id)
    assert job.status == "successful", job.message
    check_published(world)
    sizes = {name: asset["file:size"] for name, asset in world.items["S1"]["assets"].items()}
    assert sizes == {"a.raw": 20 * MEGABYTE, "b.raw": 0, "c.raw": CHUNK}


async def test_a_session_of_which_one_file_is_always_cut_short(world: World) -> None:
    session = world.session("S1", {"a.raw": 10, "b.raw": 2000, "c.raw": 30})
    world.station.files["b.raw"] = world.station.files["b.raw"][:-100]
    job_id = await world.submit({"value": session})
    await world.run()
    job = await world.job(job_id)
    assert job.status == "failed"
    assert job.message.startswith("b.raw: ")
    check_nothing_left(world)
