"""Items that archives hold offline: ordered, waited for without a worker, and transferred from whoever brings them."""

from __future__ import annotations

from typing import Any

import pytest

from rs_server.staging.messages import Message
from rs_server.staging.ordering import LOOKS, MOST_ORDERED
from tests.unit.staging.acting import dismiss, look_after
from tests.unit.staging.archives import HOUR, Archives, collection
from tests.unit.staging.cast import BASE_URL
from tests.unit.staging.checks import check_idle, check_nothing_left, reason_of
from tests.unit.staging.processes import Process
from tests.unit.staging.world import World


async def test_an_offline_item_is_ordered_waited_for_and_transferred(world: World, archives: Archives) -> None:
    job_id = await world.submit(collection(archives.product("P1")))
    await world.step()
    await world.step()
    job = await world.job(job_id)
    assert job.ordering == "1 item is ordered at lta:acri, expected by 2026-11-23T10:01:40Z"
    assert [Message.from_body(queued.body).kind for queued in world.queue.messages] == ["order"]
    assert [queued.visible for queued in world.queue.messages] == [LOOKS[0]]
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.ordering) == ("successful", "")
    assert 100 <= world.clock.seconds <= 100 + LOOKS[5]
    assert world.objects() == {"alice/s1-l0/P1/P1.zip": b"a" * 1000}
    assert "order:status" not in world.items["P1"]["properties"]
    assert world.items["P1"]["properties"]["rs:source"]["order:status"] == "orderable"
    assert [asked for asked in archives.asked if asked.startswith("POST")] == [
        "POST /lta/collections/s1_lta/items/P1/order"
    ]
    check_idle(world)


async def test_files_that_are_online_do_not_wait_for_those_that_are_not(world: World, archives: Archives) -> None:
    online = archives.product("P2", **{"order:status": "succeeded"})
    job_id = await world.submit(collection(archives.product("P1"), online, world.session("S1", {"a.raw": 10})))
    while world.clock.seconds < 60:
        await world.step()
    job = await world.job(job_id)
    assert (job.files, job.files_left, job.status) == (3, 1, "running")
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert world.items.keys() == {"P1", "P2", "S1"}
    check_idle(world)


async def test_no_more_than_a_few_are_ordered_at_once(world: World, archives: Archives) -> None:
    products = [archives.product(f"P{number}") for number in range(MOST_ORDERED + 5)]
    job_id = await world.submit(collection(*products))
    most = 0
    while await world.step():
        under_way = [name for name in archives.orders if archives._told(name)["order:status"] == "shipping"]
        most = max(most, len(under_way))
        if world.clock.seconds < 50 and archives.orders:
            assert (await world.job(job_id)).ordering.endswith("5 wait to be ordered")
    assert most == MOST_ORDERED
    assert (await world.job(job_id)).status == "successful"
    assert len(world.items) == MOST_ORDERED + 5
    check_idle(world)


@pytest.mark.parametrize("call", [5, 9, 12, 14, 17])
async def test_a_worker_that_dies_while_it_looks(world: World, archives: Archives, call: int) -> None:
    archives.seconds = 0
    job_id = await world.submit(collection(archives.product("P1"), archives.product("P2")))
    await world.step()
    await world.step(Process(dies_at=call))
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert world.items.keys() == {"P1", "P2"}
    assert len(archives.orders) == 2
    check_idle(world)


async def test_a_look_that_was_lost_is_taken_up(world: World, archives: Archives) -> None:
    job_id = await world.submit(collection(archives.product("P1")))
    await world.step()
    await world.step()
    world.queue.messages.clear()
    world.clock.seconds += HOUR
    await look_after(world)
    await world.run()
    assert (await world.job(job_id)).status == "successful"


async def test_a_job_is_dismissed_while_it_waits_for_an_archive(world: World, archives: Archives) -> None:
    job_id = await world.submit(collection(archives.product("P1")))
    await world.step()
    await world.step()
    await dismiss(world, job_id)
    await world.run()
    assert (await world.job(job_id)).status == "dismissed"
    assert world.clock.seconds < HOUR
    check_nothing_left(world)
    assert not [record for record in world.dynamodb.scan(TableName=world.table)["Items"] if "awaited" in str(record)]


async def test_a_dry_run_says_what_is_offline_and_orders_nothing(world: World, archives: Archives) -> None:
    job_id = await world.submit(collection(archives.product("P1")), dry_run=True)
    await world.run()
    results = await world.documents().read_results(await world.job(job_id))
    assert results == {
        "items": [{"id": "P1", "status": "planned", "files": 1, "bytes": 1000, "there": 0, "offline": True}]
    }
    assert archives.orders == {}


@pytest.mark.parametrize("name", ["", "../orders", "a/b", None])
async def test_an_offline_item_of_no_station_collection_is_refused(world: World, archives: Archives, name: Any) -> None:
    job_id = await world.submit(collection(archives.product("P1") | {"collection": name}))
    await world.run()
    assert "where it could be ordered" in reason_of(await world.job(job_id))[1]
    assert archives.asked == []


async def test_where_a_job_stands_is_shown(world: World, archives: Archives, alice: Any) -> None:
    job_id = await world.submit(collection(archives.product("P1")))
    await world.step()
    message = (await alice.get(f"{BASE_URL}/jobs/{job_id}")).json()["message"]
    assert message == "0 of 1 files are there. 1 waits to be ordered."
