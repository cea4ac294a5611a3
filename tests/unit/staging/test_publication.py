"""Publication: all or what is whole, over what is there, refused or not, and never the other's or half."""

from __future__ import annotations

from itertools import chain, repeat
from typing import Any

import httpx
import pytest
from botocore.exceptions import ReadTimeoutError

from rs_server.staging.messages import Message
from rs_server.staging.services import INGEST_SECONDS
from tests.unit.staging.checks import check_idle, check_nothing_left, check_published, check_true, reason_of
from tests.unit.staging.processes import Process
from tests.unit.staging.station import name_in
from tests.unit.staging.world import World


def items_of(*sessions: dict[str, Any]) -> dict[str, Any]:
    return {"value": {"type": "FeatureCollection", "features": list(sessions)}}


def lose(world: World, name: str) -> None:
    """The station does not have this file any more."""
    world.station.fault = lambda request: httpx.Response(404) if name_in(request) == name else None


async def outcome(world: World, job_id: str) -> list[dict[str, Any]]:
    results = await world.documents().read_results(await world.job(job_id))
    assert results is not None
    return list(results["items"])


async def test_atomic_publishes_nothing_when_one_file_fails(world: World) -> None:
    sessions = [world.session("S1", {"a.raw": 10, "b.raw": 20}), world.session("S2", {"c.raw": 30})]
    lose(world, "b.raw")
    job_id = await world.submit(items_of(*sessions))
    await world.run()
    assert reason_of(await world.job(job_id))[0] == 404
    check_nothing_left(world)


async def test_partial_publishes_the_items_that_are_whole(world: World) -> None:
    sessions = [world.session("S1", {"a.raw": 10, "b.raw": 20}), world.session("S2", {"c.raw": 30})]
    lose(world, "b.raw")
    job_id = await world.submit(items_of(*sessions), publication="partial")
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.message) == ("successful", "1 of 2 items are in the catalog.")
    assert await outcome(world, job_id) == [
        {"id": "S1", "status": "failed", "reason": "Not all of its files could be transferred."},
        {"id": "S2", "status": "created"},
    ]
    assert set(world.items) == {"S2"}
    assert set(world.objects()) == {"alice/s1-l0/S2/c.raw"}
    check_idle(world)


async def test_partial_fails_when_nothing_is_whole(world: World) -> None:
    world.station.fault = lambda _: httpx.Response(404)
    job_id = await world.submit(items_of(world.session("S1", {"a.raw": 10})), publication="partial")
    await world.run()
    assert "Not all of its files" in reason_of(await world.job(job_id))[1]
    check_nothing_left(world)


async def test_an_item_that_the_catalog_refuses(world: World) -> None:
    world.refusals["S1"] = "its datetime is no date"
    job_id = await world.submit(items_of(world.session("S1", {"a.raw": 10})))
    await world.run()
    assert reason_of(await world.job(job_id)) == (400, "Item 'S1' was not published: its datetime is no date")
    check_nothing_left(world)


async def test_of_an_atomic_job_nothing_remains_when_an_item_is_refused_for_good(world: World) -> None:
    world.refusals["S2"] = "It cannot be indexed."
    items = [world.session(name, {f"{name}.raw": 10}) for name in ("S1", "S2", "S3")]
    job_id = await world.submit(items_of(*items), publication="atomic")
    await world.run()
    assert "It cannot be indexed." in reason_of(await world.job(job_id))[1]
    check_nothing_left(world)


async def test_staging_again_brings_nothing(world: World) -> None:
    session = world.session("S1", {"a.raw": 10, "b.raw": 20}, checksums=True)
    await world.submit({"value": session})
    await world.run()
    asked = len(world.station.requests)
    job_id = await world.submit({"value": session})
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert await outcome(world, job_id) == [{"id": "S1", "status": "unchanged"}]
    assert len(world.station.requests) == asked
    assert world.writes == ["S1"]
    check_published(world)


async def test_only_what_is_missing_or_differs_is_brought_again(world: World) -> None:
    session = world.session("S1", {"a.raw": 10, "b.raw": 20, "c.raw": 30}, checksums=True)
    await world.submit({"value": session})
    await world.run()
    world.s3.delete_object(Bucket=world.bucket, Key="alice/s1-l0/S1/a.raw")
    changed = world.session("S1", {"a.raw": 10, "b.raw": 20, "c.raw": 30}, checksums=True)
    changed["assets"]["c.raw"] = world.session("other", {"c.raw": 31}, checksums=True)["assets"]["c.raw"]
    world.station.requests.clear()
    job_id = await world.submit({"value": changed})
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.files) == ("successful", 3)
    assert sorted(name_in(request) for request in world.station.requests) == ["a.raw", "c.raw"]
    check_published(world)


async def test_other_assets_of_the_item_stay(world: World) -> None:
    session = world.session("S1", {"a.raw": 10, "b.raw": 20})
    for name in ("a.raw", "b.raw"):
        job_id = await world.submit({"value": session}, asset_names=[name])
        await world.run()
        assert (await world.job(job_id)).status == "successful"
    check_published(world)
    for name, asset in world.items["S1"]["assets"].items():
        assert asset["href"] == f"s3://{world.bucket}/alice/s1-l0/S1/{name}"
        assert "alternate" not in asset


async def test_what_the_owner_set_stays(world: World) -> None:
    session = world.session("S1", {"a.raw": 10, "b.raw": 20})
    await world.submit({"value": session}, asset_names=["a.raw"])
    await world.run()
    world.items["S1"]["properties"]["expires"] = "2030-01-01T00:00:00Z"
    await world.submit({"value": session}, asset_names=["b.raw"])
    await world.run()
    assert world.items["S1"]["properties"]["expires"] == "2030-01-01T00:00:00Z"


async def test_a_job_that_fails_leaves_what_was_published_before(world: World) -> None:
    """The replacement comes with a wrong checksum again and again: the old object and item stay as they were."""
    session = world.session("S1", {"a.raw": 9_000_000}, checksums=True)
    await world.submit({"value": session})
    await world.run()
    before = world.objects()
    changed = world.session("S1", {"a.raw": 9_000_000}, checksums=True)
    changed["assets"]["a.raw"]["file:checksum"] = "d50110" + "0" * 32
    job_id = await world.submit({"value": changed})
    await world.run()
    assert "checksum" in reason_of(await world.job(job_id))[1]
    assert world.objects() == before
    assert world.items["S1"]["assets"]["a.raw"]["file:size"] == 9_000_000
    check_idle(world)


async def replacement(world: World) -> dict[str, Any]:
    """S1 of which the station has other bytes by now than are published, and S2 that is new."""
    await world.submit({"value": world.session("S1", {"a.raw": 100, "b.raw": 20}, checksums=True)})
    await world.run()
    changed = world.session("S1", {"a.raw": 101, "b.raw": 20}, checksums=True)
    return items_of(changed, world.session("S2", {"c.raw": 30}, checksums=True))


@pytest.mark.parametrize("refused", ["S1", "S2"])
async def test_a_refused_job_leaves_the_bytes_that_were_published_before(world: World, refused: str) -> None:
    items = await replacement(world)
    before, item = world.objects(), world.items["S1"]
    world.refusals[refused] = "It cannot be indexed."
    job_id = await world.submit(items)
    await world.run()
    assert "It cannot be indexed." in reason_of(await world.job(job_id))[1]
    assert (world.objects(), world.items) == (before, {"S1": item})
    check_idle(world)


async def test_a_refused_item_keeps_its_bytes_while_others_are_published(world: World) -> None:
    items = await replacement(world)
    before, item = world.objects(), world.items["S1"]
    world.refusals["S1"] = "It cannot be indexed."
    job_id = await world.submit(items, publication="partial")
    await world.run()
    assert (await world.job(job_id)).message == "1 of 2 items are in the catalog."
    assert world.items["S1"] == item
    assert world.objects() == before | {"alice/s1-l0/S2/c.raw": world.station.files["c.raw"]}
    check_idle(world)


async def test_a_replaced_object_is_true_while_another_item_is_tried_again(world: World) -> None:
    await world.submit(await replacement(world), publication="partial")
    world.refusals, world.refusals_pass = {"S2": "It is being deleted."}, 100
    written = len(world.writes)
    while len(world.writes) == written:
        await world.step()
    assert world.items["S1"]["assets"]["a.raw"]["file:size"] == 101
    assert "S2" not in world.items
    assert world.objects()["alice/s1-l0/S1/a.raw"] == world.station.files["a.raw"]


@pytest.mark.parametrize("dies_at", range(5, 35, 6))
async def test_bytes_are_replaced_with_their_item_whenever_a_worker_dies(world: World, dies_at: int) -> None:
    """It dies while it publishes: the messages before are the plan's and two transfers'."""
    items = await replacement(world)
    await world.submit(items)
    await world.run(chain([Process(), Process(), Process(), Process(dies_at)], (Process() for _ in repeat(0))))
    assert world.killed == 1
    assert world.items["S1"]["assets"]["a.raw"]["file:size"] == 101
    check_true(world)


async def test_a_job_that_fails_after_the_catalog_has_its_items_makes_its_bytes_true(world: World) -> None:
    """The catalog writes the items, and its answer is lost, again and again."""
    items = await replacement(world)
    ingest = world.services.functions["ingest"]

    def lose_the_answer(event: dict[str, Any]) -> dict[str, Any]:
        ingest(event)
        raise ReadTimeoutError(endpoint_url="ingest")

    world.services.functions["ingest"] = lose_the_answer
    job_id = await world.submit(items)
    await world.run()
    assert (await world.job(job_id)).status == "failed"
    assert world.items["S1"]["assets"]["a.raw"]["file:size"] == 101
    check_true(world)


async def test_two_jobs_on_one_item_end_right(world: World) -> None:
    session = world.session("S1", {"a.raw": 10})
    jobs = [await world.submit({"value": session}) for _ in range(2)]
    await world.run()
    assert [(await world.job(job_id)).status for job_id in jobs] == ["successful", "successful"]
    assert world.writes == ["S1"]
    check_published(world)


async def test_a_job_that_waits_for_another_in_vain_says_so(world: World) -> None:
    world.longest_wait = 300
    session = world.session("S1", {"a.raw": 10})
    first = await world.submit({"value": session})
    await world.step()
    stuck = world.queue.messages.copy()
    world.queue.messages.clear()
    second = await world.submit({"value": session})
    await world.run()
    assert reason_of(await world.job(second))[0] == 409
    world.queue.messages = stuck
    await world.run()
    assert (await world.job(first)).status == "successful"
    check_published(world)


@pytest.mark.parametrize("publication", ["atomic", "partial"])
async def test_a_refusal_that_passes_is_overcome(world: World, publication: str) -> None:
    world.refusals, world.refusals_pass = {"S2": "It is being deleted."}, 2
    items = [world.session(name, {f"{name}.raw": 10}) for name in ("S1", "S2")]
    value = {"type": "FeatureCollection", "features": items}
    job_id = await world.submit({"value": value}, publication=publication)
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert world.items.keys() == {"S1", "S2"}
    check_idle(world)


@pytest.mark.parametrize("publication", ["atomic", "partial"])
async def test_a_refusal_that_should_pass_and_does_not(world: World, publication: str) -> None:
    world.refusals, world.refusals_pass = {"S2": "It is being deleted."}, 100
    items = [world.session(name, {f"{name}.raw": 10}) for name in ("S1", "S2")]
    value = {"type": "FeatureCollection", "features": items}
    job_id = await world.submit({"value": value}, publication=publication)
    await world.run()
    job = await world.job(job_id)
    assert (job.status, "It is being deleted." in job.message) == (
        ("failed", True) if publication == "atomic" else ("successful", False)
    )
    assert set(world.objects()) == (set() if publication == "atomic" else {"alice/s1-l0/S1/S1.raw"})
    check_idle(world)


async def test_a_catalog_that_dies_between_items_again_and_again_keeps_none(world: World) -> None:
    """Its journal says what it may have written; who cleans up behind the job has it taken back."""
    await world.submit(await replacement(world))
    before = (world.objects(), dict(world.items))
    world.services.functions["ingest"] = world.services.dying_between
    (job_id,) = {Message.from_body(queued.body).job for queued in world.queue.messages}
    await world.run()
    assert reason_of(await world.job(job_id))[0] == 502
    assert len(world.writes) > 2  # one of them before the job
    assert (world.objects(), world.items) == before
    check_true(world)


async def test_a_catalog_that_does_not_answer_is_not_asked_again_before_it_must_be_over(world: World) -> None:
    moments: list[float] = []
    ingest = world.services.functions["ingest"]

    def answer_the_second(event: dict[str, Any]) -> dict[str, Any]:
        moments.append(world.clock.seconds)
        if len(moments) == 1:
            raise ReadTimeoutError(endpoint_url="ingest")
        return ingest(event)

    world.services.functions["ingest"] = answer_the_second
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert moments[1] - moments[0] >= INGEST_SECONDS
