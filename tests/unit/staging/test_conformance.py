"""OGC API Processes 1.0 in the whole: what requests may look like, prefer, the API's definition, what is no route."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from jsonschema import Draft4Validator
from schemathesis.specs.openapi.definitions import OPENAPI_30

from tests.unit.staging.cast import BASE_URL, COLLECTION
from tests.unit.staging.test_api import check_problem
from tests.unit.staging.world import World


def body_of(value: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"inputs": {"collection": COLLECTION, "items": {"value": value}}, **members}


async def test_the_definition_is_openapi_3_0(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/processes/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    assert document["openapi"].startswith("3.0.")
    assert document["servers"] == [{"url": BASE_URL}]
    assert [fault.message for fault in Draft4Validator(OPENAPI_30).iter_errors(document)] == []
    assert '"null"' not in answer.text
    operations = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert {
        ("get", "/processes"),
        ("get", "/processes/{process_id}"),
        ("post", "/processes/{process_id}/execution"),
        ("get", "/jobs"),
        ("get", "/jobs/{job_id}"),
        ("delete", "/jobs/{job_id}"),
        ("get", "/jobs/{job_id}/results"),
    } <= operations


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"response": "document"},
        {"outputs": {"collection": {"transmissionMode": "value"}, "items": {}}},
        {"subscriber": {"successUri": "https://receiver.test/done", "failedUri": "https://receiver.test/failed"}},
    ],
)
async def test_bodies_that_the_standard_allows_are_taken(
    world: World, alice: httpx.AsyncClient, members: dict[str, Any]
) -> None:
    """Not validated by execute.yaml: there each text is valid by two of the alternatives of which it must be one."""
    body = body_of(world.session("S1", {"a.raw": 10}), **members)
    answer = await alice.post("/processes/staging/execution", json=body)
    assert answer.status_code == 201, answer.text


async def test_what_is_not_offered_is_refused(world: World, alice: httpx.AsyncClient) -> None:
    body = body_of(world.session("S1", {"a.raw": 10}), response="raw")
    check_problem(await alice.post("/processes/staging/execution", json=body), 400, "response")


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("respond-async", True),
        ("Respond-Async, wait=10", True),
        ("wait=10;x=y, respond-async", True),
        ("respond-asynchronously", False),
        ("return=minimal", False),
    ],
)
async def test_the_preference_that_is_applied_is_told(
    world: World, alice: httpx.AsyncClient, prefer: str, applied: bool
) -> None:
    """RFC 7240: preferences are tokens in a list, with parameters, in any case."""
    body = body_of(world.session("S1", {"a.raw": 10}))
    answer = await alice.post("/processes/staging/execution", json=body, headers={"prefer": prefer})
    assert answer.status_code == 201
    assert answer.headers.get("preference-applied") == ("respond-async" if applied else None)


@pytest.mark.parametrize(("limit", "status"), [("0", 400), ("1", 200), ("10000", 200), ("10001", 400), ("x", 400)])
async def test_the_limit_of_the_process_list(alice: httpx.AsyncClient, limit: str, status: int) -> None:
    assert (await alice.get(f"/processes?limit={limit}")).status_code == status


async def test_what_is_no_route_is_a_problem_too(alice: httpx.AsyncClient) -> None:
    check_problem(await alice.get("/jobs/x/nothing"), 404)
    check_problem(await alice.put("/jobs"), 405)
