"""The list of jobs: filters and pages as OGC API Processes 1.0 (18-062r2, requirements of job-list) has them."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from rs_server.access.principals import Principal
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import CollectionId
from rs_server.stac.pagination import encode_token
from rs_server.staging.job_list import parse_interval
from rs_server.staging.jobs import Job, timestamp
from tests.unit.staging.cast import ALICE, BASE_URL, BOB, START
from tests.unit.staging.ogc_schemas import check
from tests.unit.staging.test_api import check_problem
from tests.unit.staging.world import World


async def create(world: World, number: int, principal: Principal = ALICE, **members: str) -> str:
    """A job of which the list tells; made `number` minutes after the world began."""
    moment = timestamp(START + timedelta(minutes=number))
    given = {"created": moment} | members
    job = Job(id=f"{principal.login}-{number}", principal=principal, collection=CollectionId("alice", "c"), **given)  # type: ignore[arg-type]  # literals as text
    await world.stores().jobs.create(job)
    return job.id


async def ids(client: httpx.AsyncClient, query: str = "") -> list[str]:
    answer = await client.get(f"/jobs{query}")
    assert answer.status_code == 200, answer.text
    check(answer.json(), "jobList")
    return [job["jobID"] for job in answer.json()["jobs"]]


async def test_newest_first_and_ten_by_default(world: World, alice: httpx.AsyncClient) -> None:
    for number in range(12):
        await create(world, number)
    assert await ids(alice) == [f"alice-{number}" for number in range(11, 1, -1)]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 100])
async def test_pages_have_every_job_once(world: World, alice: httpx.AsyncClient, limit: int) -> None:
    for number in range(7):
        await create(world, number, status="failed" if number % 2 else "successful")
        await create(world, number, BOB)
    found: list[str] = []
    url = f"/jobs?limit={limit}&status=successful,failed"
    while url:
        page = (await alice.get(url)).json()
        check(page, "jobList")
        assert len(page["jobs"]) <= limit
        found += [job["jobID"] for job in page["jobs"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        assert url == "" or url.startswith(f"{BASE_URL}/jobs?")
    assert found == [f"alice-{number}" for number in range(6, -1, -1)]


async def test_others_jobs_are_not_listed_but_to_admins(
    world: World, alice: httpx.AsyncClient, bob: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    await create(world, 1)
    await create(world, 2, BOB)
    assert await ids(alice) == ["alice-1"]
    assert await ids(bob) == ["bob-2"]
    assert sorted(await ids(admin)) == ["alice-1", "bob-2"]


FILTERS: list[tuple[str, set[int]]] = [
    ("?status=running", {2}),
    ("?status=running,failed", {1, 2}),
    ("?status=running&status=failed", {1, 2}),
    ("?type=process", {0, 1, 2}),
    ("?type=other", set()),
    ("?processID=staging", {0, 1, 2}),
    ("?processID=echo", set()),
    ("?processID=echo,staging", {0, 1, 2}),
    ("?datetime=2026-11-23T10:01:00Z", {1}),
    ("?datetime=2026-11-23T10:01:00Z/..", {1, 2}),
    ("?datetime=../2026-11-23T10:01:00Z", {0, 1}),
    ("?datetime=/2026-11-23T10:00:59Z", {0}),
    ("?datetime=2026-11-23T11:00:30%2B01:00/2026-11-23T11:01:30%2B01:00", {1}),
    ("?minDuration=60", {1}),
    ("?maxDuration=59", {0}),
    ("?minDuration=30&maxDuration=90", {0, 1}),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
async def test_filters(world: World, alice: httpx.AsyncClient, query: str, expected: set[int]) -> None:
    """Job 0 took 30 s, job 1 took 90 s, job 2 has not started."""
    for number, (status, seconds) in enumerate([("successful", 30), ("failed", 90), ("running", 0)]):
        started = START + timedelta(minutes=number)
        times = {"started": timestamp(started), "finished": timestamp(started + timedelta(seconds=seconds))}
        await create(world, number, status=status, **(times if seconds else {}))
    assert set(await ids(alice, query)) == {f"alice-{number}" for number in expected}


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=10001",
        "limit=x",
        "datetime=yesterday",
        "datetime=2026-11-24T00:00:00Z/2026-11-23T00:00:00Z",
        "minDuration=-1",
        "maxDuration=1.5",
        "token=nonsense",
        f"token={encode_token({'start': {'pk': 'job#x', 'sk': 'job', 'owner': 'bob', 'created': 'x'}})}",
        f"token={encode_token({'start': {'pk': 'job#x'}})}",
        f"token={encode_token({'start': None, 'skip': -1})}",
    ],
)
async def test_parameters_that_are_refused(alice: httpx.AsyncClient, query: str) -> None:
    check_problem(await alice.get(f"/jobs?{query}"), 400)


def test_a_moment_without_offset_is_utc() -> None:
    assert parse_interval("2026-11-23T10:00:00") == parse_interval("2026-11-23T10:00:00Z")


def test_an_interval_that_ends_before_it_starts() -> None:
    with pytest.raises(InvalidRequest, match="ends before"):
        parse_interval("2026-01-02T00:00:00Z/2026-01-01T00:00:00Z")
