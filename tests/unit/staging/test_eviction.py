"""What an archive evicts before it is read is ordered elsewhere, and nobody waits for it."""

from __future__ import annotations

import httpx
import pytest

from rs_server.staging.eviction import MOST_MISSED
from rs_server.staging.messages import Message
from tests.unit.staging.archives import ARCHIVES, HOUR, Archives, collection, gone
from tests.unit.staging.checks import check_idle, check_nothing_left, reason_of
from tests.unit.staging.processes import Process
from tests.unit.staging.station import streamed
from tests.unit.staging.world import World


@pytest.mark.parametrize("status", [202, 403, 404])
@pytest.mark.parametrize("planned", ["orderable", "succeeded"])
async def test_what_is_evicted_before_it_is_read_is_ordered_elsewhere(
    world: World, archives: Archives, status: int, planned: str
) -> None:
    """Whether it was online when the job was planned, or was brought online by an order of the job."""
    world.stations["lta:acri"].fault = gone(status)
    online = archives.product("P1", **{"order:status": planned})
    job_id = await world.submit(collection(online, world.session("S1", {"a.raw": 10})))
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.ordering) == ("successful", ""), job.message
    assert world.objects()["alice/s1-l0/P1/P1.zip"] == b"c" * 1000
    assert archives.without[-1] == "lta:acri"
    check_idle(world)


async def test_nobody_waits_for_what_was_evicted(world: World, archives: Archives) -> None:
    world.stations["lta:acri"].fault = gone(404)
    job_id = await world.submit(collection(archives.product("P1", **{"order:status": "succeeded"})))
    await world.step()
    await world.step()
    job = await world.job(job_id)
    assert (job.status, job.ordering, job.files_left) == ("running", "1 waits to be ordered", 1)
    assert [Message.from_body(queued.body).kind for queued in world.queue.messages] == ["order"]
    assert (await world.stores().turns.places("lta:acri")) == []
    assert world.open_uploads() == []


async def test_a_job_has_one_row_of_looks_however_many_items_were_evicted(world: World, archives: Archives) -> None:
    """Each of them has the orders looked after out of turn; only the last of these looks is followed by others."""
    archives.seconds = HOUR
    world.stations["lta:acri"].fault = gone(404)
    products = [archives.product(f"P{number}", **{"order:status": "succeeded"}) for number in range(6)]
    job_id = await world.submit(collection(*products))
    while world.clock.seconds < 200:
        await world.step()
    assert [Message.from_body(queued.body).kind for queued in world.queue.messages] == ["order"]
    assert len(archives.orders) == 6
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    check_idle(world)


async def test_what_was_read_in_part_is_read_anew_from_the_other_archive(world: World, archives: Archives) -> None:
    """The archives pack the product differently: no part of the one may be joined with parts of the other."""
    acri, served = world.stations["lta:acri"], [0]

    def breaks_and_is_gone(request: httpx.Request) -> httpx.Response:
        served[0] += 1
        if served[0] > 1:
            return httpx.Response(404)
        right = acri.serve(request)
        return streamed(right.status_code, acri.files["P1.zip"], right.headers, breaks_after=9_000_000)

    acri.fault = breaks_and_is_gone
    job_id = await world.submit(collection(archives.product("P1", 12_000_000, **{"order:status": "succeeded"})))
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert world.objects() == {"alice/s1-l0/P1/P1.zip": b"c" * 12_000_000}
    check_idle(world)


@pytest.mark.parametrize("publication", ["atomic", "partial"])
async def test_what_no_archive_has_though_it_says_so_is_given_up(
    world: World, archives: Archives, publication: str
) -> None:
    for archive in ARCHIVES:
        world.stations[f"lta:{archive}"].fault = gone(404)
    items = collection(archives.product("P1"), world.session("S1", {"a.raw": 10}))
    job_id = await world.submit(items, publication=publication)
    await world.run()
    asked = sum(len(world.stations[f"lta:{archive}"].requests) for archive in ARCHIVES)
    assert asked == MOST_MISSED + 1
    if publication == "atomic":
        assert "P1.zip: Station" in reason_of(await world.job(job_id))[1]
        check_nothing_left(world)
    else:
        assert (await world.job(job_id)).status == "successful"
        assert world.items.keys() == {"S1"}
        check_idle(world)


@pytest.mark.parametrize("call", range(4, 22, 2))
async def test_a_worker_that_dies_while_it_puts_off_what_was_evicted(
    world: World, archives: Archives, call: int
) -> None:
    world.stations["lta:acri"].fault = gone(404)
    job_id = await world.submit(collection(archives.product("P1", **{"order:status": "succeeded"})))
    await world.step()
    await world.step(Process(dies_at=call))
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert world.objects() == {"alice/s1-l0/P1/P1.zip": b"c" * 1000}
    check_idle(world)
