"""Orders that fail, archives out of reach, and items that nobody brings."""

from __future__ import annotations

import pytest

from rs_server.staging.ordering import MOST_ORDERS
from tests.unit.staging.archives import ARCHIVES, HOUR, Archives, at_one_archive, collection
from tests.unit.staging.checks import check_idle, check_nothing_left, reason_of
from tests.unit.staging.services import reply
from tests.unit.staging.world import World


async def test_an_order_that_fails_is_placed_at_another_archive(world: World, archives: Archives) -> None:
    archives.failing = {"acri"}
    job_id = await world.submit(collection(archives.product("P1")))
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert world.objects() == {"alice/s1-l0/P1/P1.zip": b"c" * 1000}
    assert [order.partition(":")[0] for order in archives.orders] == list(ARCHIVES)
    check_idle(world)


async def test_an_archive_that_was_out_of_reach_at_the_search_may_bring_it(world: World, archives: Archives) -> None:
    archives.failing = {"acri"}
    job_id = await world.submit(collection(at_one_archive(archives.product("P1"))))
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert world.objects() == {"alice/s1-l0/P1/P1.zip": b"c" * 1000}
    check_idle(world)


async def test_an_archive_that_brings_it_without_a_file_ends_the_job(world: World, archives: Archives) -> None:
    archives.failing = {"acri"}
    archives.items["P1"] = at_one_archive(archives.product("P1"))
    job_id = await world.submit(collection(archives.items["P1"]))
    await world.run()
    reason = "Item 'P1' could not be brought online: lta:cloudferro has it without 'P1.zip'."
    assert reason_of(await world.job(job_id)) == (502, reason)
    check_nothing_left(world)


@pytest.mark.parametrize("publication", ["atomic", "partial"])
async def test_what_no_archive_brings_is_given_up(world: World, archives: Archives, publication: str) -> None:
    archives.failing = set(ARCHIVES)
    items = collection(archives.product("P1"), world.session("S1", {"a.raw": 10}))
    job_id = await world.submit(items, publication=publication)
    await world.run()
    assert len(archives.orders) == MOST_ORDERS
    job = await world.job(job_id)
    if publication == "atomic":
        assert "Item 'P1' could not be brought online: its order at lta:acri ended: failed" in reason_of(job)[1]
        check_nothing_left(world)
    else:
        assert (job.status, job.message) == ("successful", "1 of 2 items are in the catalog.")
        assert world.items.keys() == {"S1"}
        check_idle(world)


async def test_an_archive_that_is_out_of_reach_is_asked_again(world: World, archives: Archives) -> None:
    archives.refuses = lambda: reply(503, {"description": "down"}) if world.clock.seconds < 2 * HOUR else None
    job_id = await world.submit(collection(archives.product("P1")))
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert world.clock.seconds > 2 * HOUR


async def test_an_archive_that_fails_to_tell_of_an_order_is_asked_again(world: World, archives: Archives) -> None:
    """That is no failure of the order, and no other is placed."""
    archives.refuses = lambda: reply(502, {"description": "broken"}) if 0 < world.clock.seconds < HOUR else None
    job_id = await world.submit(collection(archives.product("P1")))
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert len(archives.orders) == 1


async def test_archives_that_stay_out_of_reach_end_the_job(world: World, archives: Archives) -> None:
    archives.refuses = lambda: reply(503, {"description": "down"})
    job_id = await world.submit(collection(archives.product("P1")))
    for _ in range(12):
        await world.step()
    world.clock.seconds += 7 * 24 * HOUR
    await world.run()
    assert reason_of(await world.job(job_id)) == (504, "Its archives did not bring all items online within 7 days.")
    check_nothing_left(world)


async def test_a_refusal_ends_the_job_with_its_reason(world: World, archives: Archives) -> None:
    archives.refuses = lambda: reply(403, {"description": "no right to download"})
    job_id = await world.submit(collection(archives.product("P1")))
    await world.run()
    assert "no right to download" in reason_of(await world.job(job_id))[1]
    check_nothing_left(world)
