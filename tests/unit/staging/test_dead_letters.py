"""Dead letters: administrators see them, send them again or throw them away, and nobody else does."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.unit.staging.checks import check_published
from tests.unit.staging.message_queue import Queued
from tests.unit.staging.processes import Process
from tests.unit.staging.test_api import check_problem
from tests.unit.staging.world import World


async def kill_workers(world: World) -> str:
    """A job at whose message every worker dies without a word; its id."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    for _ in range(7):
        await world.step(Process(dies_at=0))
    assert len(world.queue.dead) == 1
    return job_id


async def test_a_dead_letter_is_seen_and_sent_again(world: World, admin: httpx.AsyncClient) -> None:
    job_id = await kill_workers(world)
    for _ in range(2):  # looking takes nothing away
        answer = await admin.get("/dead-letters")
        assert answer.status_code == 200, answer.text
        assert answer.json()["complete"] is True
        [letter] = answer.json()["dead_letters"]
    assert (letter["kind"], letter["job"], letter["owner"], letter["status"]) == ("plan", job_id, "alice", "accepted")
    assert (await admin.post(f"/dead-letters/{letter['id']}/replay")).json() == {"replayed": 1}
    assert (await admin.get("/dead-letters")).json()["dead_letters"] == []
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    check_published(world)


async def test_work_that_is_sent_again_has_all_its_attempts(world: World, admin: httpx.AsyncClient) -> None:
    await kill_workers(world)
    [letter] = world.queue.dead
    world.queue.dead = [Queued(json.dumps(json.loads(letter.body) | {"tried": 4}), 0, "r1", 1)]
    assert (await admin.post("/dead-letters/id-r1/replay")).json() == {"replayed": 1}
    [message] = world.queue.messages
    assert json.loads(message.body).get("tried", 0) == 0


async def test_all_are_sent_again(world: World, admin: httpx.AsyncClient) -> None:
    await kill_workers(world)
    [letter] = world.queue.dead
    world.queue.dead = [Queued(letter.body, 0, f"r{number}", number) for number in range(25)]
    world.queue.dead.append(Queued("no message of ours", 0, "alien"))
    assert len((await admin.get("/dead-letters")).json()["dead_letters"]) == 26
    assert (await admin.post("/dead-letters/replay")).json() == {"replayed": 25}
    assert len(world.queue.messages) == 25
    [left] = (await admin.get("/dead-letters")).json()["dead_letters"]
    assert (left["kind"], left["text"]) == ("unknown", "no message of ours")
    check_problem(await admin.post(f"/dead-letters/{left['id']}/replay"), 409, "Delete it")
    assert (await admin.delete(f"/dead-letters/{left['id']}")).status_code == 204
    assert world.queue.dead == []


async def test_a_letter_is_not_lost_when_the_queue_takes_no_work(world: World, admin: httpx.AsyncClient) -> None:
    await kill_workers(world)
    world.queue.refuses = True
    letter_id = f"id-{world.queue.dead[0].receipt}"
    check_problem(await admin.post(f"/dead-letters/{letter_id}/replay"), 503)
    assert len(world.queue.dead) == 1


async def test_a_letter_that_is_not_there(admin: httpx.AsyncClient) -> None:
    check_problem(await admin.post("/dead-letters/none/replay"), 404)
    check_problem(await admin.delete("/dead-letters/none"), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/dead-letters"),
        ("POST", "/dead-letters/replay"),
        ("POST", "/dead-letters/x/replay"),
        ("DELETE", "/dead-letters/x"),
    ],
)
async def test_only_administrators(
    world: World, alice: httpx.AsyncClient, anonymous: httpx.AsyncClient, method: str, path: str
) -> None:
    await kill_workers(world)
    check_problem(await alice.request(method, path), 403)
    check_problem(await anonymous.request(method, path), 401)
    assert len(world.queue.dead) == 1
