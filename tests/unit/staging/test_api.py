"""The process service by OGC API Processes 1.0 (18-062r2): requests, answers, errors, and who may see what."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from tests.unit.staging.acting import begin_publication
from tests.unit.staging.cast import BASE_URL, COLLECTION, ROOT, item
from tests.unit.staging.ogc_schemas import check
from tests.unit.staging.world import World

JSON = {"content-type": "application/json"}
PROBLEMS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"


async def execute(client: httpx.AsyncClient, value: Any, **inputs: Any) -> httpx.Response:
    given = {"collection": COLLECTION, "items": {"value": value}} | inputs
    return await client.post(
        "/processes/staging/execution", json={"inputs": given}, headers={"prefer": "respond-async"}
    )


def check_problem(answer: httpx.Response, status: int, *words: str) -> dict[str, Any]:
    """The answer is an exception of the standard with this status, and its detail has these words."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    check(problem, "exception")
    assert problem["status"] == status
    for word in words:
        assert word in problem["detail"]
    return problem


async def test_list_and_description_of_processes(alice: httpx.AsyncClient) -> None:
    processes = await alice.get("/processes")
    check(processes.json(), "processList")
    assert [process["id"] for process in processes.json()["processes"]] == ["staging"]
    process = await alice.get("/processes/staging")
    check(process.json(), "process")
    assert process.json()["jobControlOptions"] == ["async-execute", "dismiss"]
    links = {link["rel"]: link["href"] for link in process.json()["links"]}
    assert links["http://www.opengis.net/def/rel/ogc/1.0/execute"] == f"{BASE_URL}/processes/staging/execution"
    assert links["self"] == f"{BASE_URL}/processes/staging"


async def test_processes_that_are_not_there(alice: httpx.AsyncClient) -> None:
    problem = check_problem(await alice.get("/processes/echo2"), 404, "echo2")
    assert problem["type"] == PROBLEMS + "no-such-process"
    body = {"inputs": {"collection": "c", "items": {"href": "x"}}}
    check_problem(await alice.post("/processes/echo2/execution", json=body), 404)


async def test_execution_is_answered_with_a_job(world: World, alice: httpx.AsyncClient) -> None:
    answer = await execute(alice, world.session("S1", {"a.raw": 10}), label="first pass")
    assert answer.status_code == 201
    status = answer.json()
    check(status, "statusInfo")
    assert (status["status"], status["progress"], status["processID"]) == ("accepted", 0, "staging")
    assert answer.headers["location"] == f"{BASE_URL}/jobs/{status['jobID']}"
    assert answer.headers["preference-applied"] == "respond-async"
    assert status["label"] == "first pass"
    shown = (await alice.get(f"/jobs/{status['jobID']}")).json()
    assert shown == status


async def test_a_job_of_which_no_worker_can_hear_is_none(world: World, alice: httpx.AsyncClient) -> None:
    world.queue.refuses = True
    check_problem(await execute(alice, world.session("S1", {"a.raw": 10})), 503, "Try again")
    assert (await alice.get("/jobs")).json()["jobs"] == []


async def test_without_a_preference_none_is_applied(world: World, alice: httpx.AsyncClient) -> None:
    body = {"inputs": {"collection": COLLECTION, "items": {"value": world.session("S1", {"a.raw": 10})}}}
    answer = await alice.post("/processes/staging/execution", json=body)
    assert answer.status_code == 201
    assert "preference-applied" not in answer.headers


async def test_a_job_that_succeeds_has_results(world: World, alice: httpx.AsyncClient) -> None:
    job_id = (await execute(alice, world.session("S1", {"a.raw": 10}))).json()["jobID"]
    problem = check_problem(await alice.get(f"/jobs/{job_id}/results"), 404, "has not ended")
    assert problem["type"] == PROBLEMS + "result-not-ready"
    await world.run()
    status = (await alice.get(f"/jobs/{job_id}")).json()
    check(status, "statusInfo")
    assert (status["status"], status["progress"]) == ("successful", 100)
    assert status["created"] <= status["started"] <= status["finished"]
    results = (await alice.get(f"/jobs/{job_id}/results")).json()
    check(results, "results")
    assert results["items"] == [{"id": "S1", "status": "created"}]
    assert results["collection"]["href"] == f"{BASE_URL}/catalog/collections/{COLLECTION}"


async def test_the_results_of_a_job_that_failed_are_its_failure(world: World, alice: httpx.AsyncClient) -> None:
    session = world.session("S1", {"a.raw": 10})
    world.station.files.clear()
    job_id = (await execute(alice, session)).json()["jobID"]
    await world.run()
    status = (await alice.get(f"/jobs/{job_id}")).json()
    check(status, "statusInfo")
    assert status["status"] == "failed"
    assert "a.raw: Station cadip:mti does not have it (any more)." in status["message"]
    check_problem(await alice.get(f"/jobs/{job_id}/results"), 404, "does not have it")


async def test_dismissing(world: World, alice: httpx.AsyncClient) -> None:
    job_id = (await execute(alice, world.session("S1", {"a.raw": 10}))).json()["jobID"]
    for _ in range(2):
        answer = await alice.delete(f"/jobs/{job_id}")
        assert answer.status_code == 200
        check(answer.json(), "statusInfo")
        assert answer.json()["status"] == "dismissed"
    await world.run()
    assert (await alice.get(f"/jobs/{job_id}")).json()["status"] == "dismissed"
    check_problem(await alice.get(f"/jobs/{job_id}/results"), 404, "dismissed")
    assert (world.objects(), world.open_uploads(), world.claims(), world.items) == ({}, [], [], {})


async def test_dismissing_a_job_that_has_ended_keeps_what_it_published(world: World, alice: httpx.AsyncClient) -> None:
    job_id = (await execute(alice, world.session("S1", {"a.raw": 10}))).json()["jobID"]
    await world.run()
    assert (await alice.delete(f"/jobs/{job_id}")).json()["status"] == "dismissed"
    assert set(world.items) == {"S1"}
    assert len(world.objects()) == 1


async def test_a_job_that_is_being_published_is_not_dismissed(world: World, alice: httpx.AsyncClient) -> None:
    job_id = (await execute(alice, world.session("S1", {"a.raw": 10}))).json()["jobID"]
    await world.step()
    await world.step()
    assert await begin_publication(world, job_id)
    check_problem(await alice.delete(f"/jobs/{job_id}"), 409, "Try again")


@pytest.mark.parametrize("path", ["", "/results"])
async def test_jobs_are_their_owners_and_admins_only(
    world: World, alice: httpx.AsyncClient, bob: httpx.AsyncClient, admin: httpx.AsyncClient, path: str
) -> None:
    job_id = (await execute(alice, world.session("S1", {"a.raw": 10}))).json()["jobID"]
    await world.run()
    assert (await admin.get(f"/jobs/{job_id}{path}")).status_code == 200
    mine = check_problem(await bob.get(f"/jobs/{job_id}{path}"), 404)
    unknown = check_problem(await bob.get(f"/jobs/no-such{path}"), 404)
    assert mine["type"] == unknown["type"] == PROBLEMS + "no-such-job"
    assert mine["detail"].replace(job_id, "no-such") == unknown["detail"]


async def test_others_cannot_dismiss(world: World, alice: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    job_id = (await execute(alice, world.session("S1", {"a.raw": 10}))).json()["jobID"]
    check_problem(await bob.delete(f"/jobs/{job_id}"), 404)
    assert (await world.job(job_id)).status == "accepted"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/jobs"),
        ("GET", "/jobs/x"),
        ("DELETE", "/jobs/x"),
        ("GET", "/jobs/x/results"),
        ("GET", "/processes/staging"),
        ("GET", "/processes/nothing"),
    ],
)
async def test_anonymous_callers_are_asked_who_they_are(anonymous: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await anonymous.request(method, path)
    check_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_anonymous_callers_cannot_execute(world: World, anonymous: httpx.AsyncClient) -> None:
    check_problem(await execute(anonymous, world.session("S1", {"a.raw": 10})), 401)


async def test_rights_on_the_process_by_action(world: World, alice: httpx.AsyncClient) -> None:
    job_id = (await execute(alice, world.session("S1", {"a.raw": 10}))).json()["jobID"]
    world.people.grants = [Grant("user:alice", ResourcePattern.parse("process:staging"), frozenset({"read"}))]
    check_problem(await execute(alice, world.session("S1", {"a.raw": 10})), 403)
    check_problem(await alice.delete(f"/jobs/{job_id}"), 403)
    assert (await alice.get(f"/jobs/{job_id}")).status_code == 200
    world.people.grants = []
    check_problem(await alice.get("/processes/staging"), 404)
    check_problem(await execute(alice, world.session("S1", {"a.raw": 10})), 404)
    assert (await alice.get("/processes")).json()["processes"] == []


GOOD = item("S1", {"a.raw": {"href": f"{ROOT}Files(a.raw)/$value"}})
NO_GEOMETRY = {name: value for name, value in GOOD.items() if name != "geometry"}

BODIES: list[tuple[str, Any, str]] = [
    ("no object", [], "dictionary"),
    ("no inputs", {}, "inputs"),
    ("no collection", {"inputs": {"items": {"value": GOOD}}}, "inputs.collection"),
    ("no items", {"inputs": {"collection": "c"}}, "inputs.items"),
    ("collection is a number", {"inputs": {"collection": 7, "items": {"value": GOOD}}}, "inputs.collection"),
    ("collection is no name", {"inputs": {"collection": "a/b", "items": {"value": GOOD}}}, "a/b"),
    ("owner is reserved", {"inputs": {"collection": "cadip:x", "items": {"value": GOOD}}}, "cadip"),
    ("neither href nor value", {"inputs": {"collection": "c", "items": {}}}, "href"),
    ("both", {"inputs": {"collection": "c", "items": {"value": GOOD, "href": "x"}}}, "either"),
    ("value is a list", {"inputs": {"collection": "c", "items": {"value": []}}}, "inputs.items.value"),
    ("value is a Polygon", {"inputs": {"collection": "c", "items": {"value": {"type": "Polygon"}}}}, "Feature"),
    ("unknown input", {"inputs": {"collection": "c", "items": {"value": GOOD}, "nonsense": 1}}, "inputs.nonsense"),
    ("unknown member", {"inputs": {"collection": "c", "items": {"value": GOOD}}, "nonsense": 1}, "nonsense"),
    (
        "publication",
        {"inputs": {"collection": "c", "items": {"value": GOOD}, "publication": "maybe"}},
        "inputs.publication",
    ),
    ("names", {"inputs": {"collection": "c", "items": {"value": GOOD}, "asset_names": "a"}}, "inputs.asset_names"),
    ("a name", {"inputs": {"collection": "c", "items": {"value": GOOD}, "asset_names": [""]}}, "inputs.asset_names.0"),
]


@pytest.mark.parametrize(("body", "word"), [pytest.param(body, word, id=name) for name, body, word in BODIES])
async def test_bodies_that_are_refused(world: World, alice: httpx.AsyncClient, body: Any, word: str) -> None:
    check_problem(await alice.post("/processes/staging/execution", json=body), 400, word)
    assert world.queue.messages == []


async def test_a_body_that_is_no_json(alice: httpx.AsyncClient) -> None:
    check_problem(await alice.post("/processes/staging/execution", content=b"{"), 400)


ITEMS: list[tuple[str, Any, int, str]] = [
    ("no geometry member", NO_GEOMETRY, 400, "geometry"),
    ("no id", {**GOOD, "id": None}, 400, "id"),
    ("an id with a slash", {**GOOD, "id": "a/b"}, 400, "a/b"),
    ("the id ..", {**GOOD, "id": ".."}, 400, "'..'"),
    ("no assets", {**GOOD, "assets": None}, 400, "assets"),
    ("no properties", {**GOOD, "properties": None}, 400, "properties"),
    ("an asset name that climbs", item("S1", {"../../bob/x": GOOD["assets"]["a.raw"]}), 400, "../../bob/x"),
    ("an asset named ..", item("S1", {"..": GOOD["assets"]["a.raw"]}), 400, "'..'"),
    ("an asset without href", item("S1", {"a.raw": {}}), 400, "href"),
    ("file:", item("S1", {"a.raw": {"href": "file:///etc/passwd"}}), 400, "href"),
    ("s3:", item("S1", {"a.raw": {"href": "s3://rs-objects/bob/c/i/a"}}), 400, "href"),
    ("a size below zero", item("S1", {"a.raw": GOOD["assets"]["a.raw"] | {"file:size": -1}}), 400, "file:size"),
    ("a size that is text", item("S1", {"a.raw": GOOD["assets"]["a.raw"] | {"file:size": "7"}}), 400, "file:size"),
    ("no station", {**GOOD, "properties": {"datetime": None}}, 400, "rs:station"),
    ("a station of no service", item("S1", GOOD["assets"], **{"rs:station": "ftp:mti"}), 400, "rs:station"),
    ("features that are none", {"type": "FeatureCollection", "features": [1]}, 400, "features"),
    ("a collection without features", {"type": "FeatureCollection"}, 400, "FeatureCollection"),
    ("an id of over 255 bytes", item("€" * 86, GOOD["assets"]), 400, "255 bytes"),
    ("an asset name of over 255 bytes", item("S1", {"€" * 86: GOOD["assets"]["a.raw"]}), 400, "255 bytes"),
    ("half a surrogate pair", item("S\ud800", GOOD["assets"]), 400, "UTF-8"),
]


@pytest.mark.parametrize(
    ("value", "status", "word"), [pytest.param(value, status, word, id=name) for name, value, status, word in ITEMS]
)
async def test_items_that_are_refused(
    world: World, alice: httpx.AsyncClient, value: Any, status: int, word: str
) -> None:
    body = {"inputs": {"collection": COLLECTION, "items": {"value": value}}}
    answer = await alice.post("/processes/staging/execution", content=json.dumps(body), headers=JSON)
    check_problem(answer, status, word)
    assert world.queue.messages == []


@pytest.mark.parametrize(
    "href",
    [
        "https://evil.test/v1/cadip/search",
        "https://api.test.evil.test/v1/cadip/search",
        "https://api.test@evil.test/v1/cadip/search",
        "https://evil.test/?x=https://api.test/v1/cadip/search",
        "http://api.test/v1/cadip/search",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:8080/v1/cadip/search",
        "https://api.test/v1/cadip/../access/keys",
        "https://api.test/v1/cadip/%2e%2e/access/keys",
        "https://api.test/v1/access/keys",
        "https://api.test/v1/catalog/search",
        "https://api.test/v2/cadip/search",
        "https://api.test/v1cadip/search",
        "file:///etc/passwd",
        "s3://rs-objects/bob/c/i/a",
        "//api.test/v1/cadip/search",
        "https://[::1/v1/cadip/search",
        "cadip/search",
    ],
)
async def test_hrefs_that_are_not_ours(world: World, alice: httpx.AsyncClient, href: str) -> None:
    body = {"inputs": {"collection": COLLECTION, "items": {"href": href}}}
    check_problem(await alice.post("/processes/staging/execution", json=body), 400, "inputs.items.href")
    assert world.queue.messages == []
    assert world.services.calls == []


async def test_a_collection_that_is_not_there(world: World, alice: httpx.AsyncClient) -> None:
    answer = await execute(alice, world.session("S1", {"a.raw": 10}), collection="alice:nowhere")
    check_problem(answer, 404, "alice:nowhere")
    assert world.queue.messages == []


async def test_a_collection_of_another_is_as_if_it_were_not_there(world: World, bob: httpx.AsyncClient) -> None:
    there = check_problem(await execute(bob, world.session("S1", {"a.raw": 10})), 404)
    absent = check_problem(await execute(bob, world.session("S1", {"a.raw": 10}), collection="alice:nowhere"), 404)
    assert there["detail"].replace(COLLECTION, "alice:nowhere") == absent["detail"]


async def test_a_collection_that_may_only_be_read(world: World, bob: httpx.AsyncClient) -> None:
    world.people.grants.append(Grant("user:bob", ResourcePattern.parse(f"catalog:{COLLECTION}"), frozenset({"read"})))
    check_problem(await execute(bob, world.session("S1", {"a.raw": 10})), 403, "write")
