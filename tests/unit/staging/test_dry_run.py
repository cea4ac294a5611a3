"""Dry runs: what a job would transfer, and not a byte of it."""

from __future__ import annotations

from tests.unit.staging.checks import check_idle, check_nothing_left, check_published, reason_of
from tests.unit.staging.world import World


async def test_a_dry_run_tells_what_would_come(world: World) -> None:
    await world.submit({"value": world.session("S1", {"a.raw": 10, "b.raw": 20})}, asset_names=["a.raw"])
    await world.run()
    asked = len(world.station.requests)
    sessions = [world.session("S1", {"a.raw": 10, "b.raw": 20}), world.session("S2", {"c.raw": 30, "d.raw": 40})]
    value = {"type": "FeatureCollection", "features": sessions}
    job_id = await world.submit({"value": value}, dry_run=True)
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.message) == ("successful", "3 files with 90 bytes would be transferred.")
    results = await world.documents().read_results(await world.job(job_id))
    assert results == {
        "items": [
            {"id": "S1", "status": "planned", "files": 1, "bytes": 20, "there": 1},
            {"id": "S2", "status": "planned", "files": 2, "bytes": 70, "there": 0},
        ]
    }
    assert len(world.station.requests) == asked
    assert world.writes == ["S1"]
    check_idle(world)


async def test_a_dry_run_of_what_is_there(world: World) -> None:
    session = world.session("S1", {"a.raw": 10})
    await world.submit({"value": session})
    await world.run()
    job_id = await world.submit({"value": session}, dry_run=True)
    await world.run()
    assert "nothing to transfer" in (await world.job(job_id)).message
    check_published(world)


async def test_a_dry_run_checks_rights_and_addresses(world: World) -> None:
    session = world.session("S1", {"a.raw": 10})
    session["assets"]["b.raw"] = {"href": "https://evil.test/x"}
    job_id = await world.submit({"value": session}, dry_run=True)
    await world.run()
    assert reason_of(await world.job(job_id))[0] == 400
    check_nothing_left(world)


async def test_a_dry_run_does_not_wait_for_a_job_on_the_same_item(world: World) -> None:
    session = world.session("S1", {"a.raw": 10})
    await world.submit({"value": session})
    await world.step()
    job_id = await world.submit({"value": session}, dry_run=True)
    while (await world.job(job_id)).status != "successful":
        await world.step()
    await world.run()
    check_published(world)
