"""Staging jobs: the request, the watching, the end."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from rs_client import Client, Jobs, Refused, Unreachable
from rs_client.errors import ExitCode, JobEnded
from rs_client.jobs import PATIENCE, Job


def status_info(status: str, progress: int = 0, **members: Any) -> dict[str, Any]:
    return {"jobID": "j1", "processID": "staging", "type": "process", "status": status, "progress": progress, **members}


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def jobs(client: Client, naps: list[float]) -> Jobs:
    return Jobs(client.api, sleep=naps.append)


def answers(*documents: dict[str, Any] | Exception):
    left = list(documents)

    def answer(_: httpx.Request) -> httpx.Response:
        document = left.pop(0)
        if isinstance(document, Exception):
            raise document
        return httpx.Response(200, json=document)

    return answer


def test_staging_by_search_url_and_by_items(server, jobs):
    server.on("POST", "/processes/staging/execution", status_info("accepted"), status=201)
    assert jobs.stage("s1-l0", "https://rs.example.org/v1/cadip/search?ids=A", label="").id == "j1"
    assert json.loads(server.requests[-1].content) == {
        "inputs": {"collection": "s1-l0", "items": {"href": "https://rs.example.org/v1/cadip/search?ids=A"}}
    }
    jobs.stage("s1-l0", [{"type": "Feature", "id": "A"}], asset_names=["x.raw"])
    assert json.loads(server.requests[-1].content) == {
        "inputs": {
            "collection": "s1-l0",
            "items": {"value": {"type": "FeatureCollection", "features": [{"type": "Feature", "id": "A"}]}},
            "asset_names": ["x.raw"],
        }
    }


def test_a_job_is_watched_to_its_end(server, jobs, naps):
    server.on(
        "GET", "/jobs/j1", answers(status_info("accepted"), status_info("running", 40), status_info("successful", 100))
    )
    assert [(job.status, job.progress) for job in jobs.watch("j1", seconds=2)] == [
        ("accepted", 0),
        ("running", 40),
        ("successful", 100),
    ]
    assert naps == [2, 2]


@pytest.mark.parametrize(("status", "code"), [("failed", ExitCode.FAILED), ("dismissed", ExitCode.DISMISSED)])
def test_a_job_that_ends_badly_raises_with_its_reason(server, jobs, status, code):
    server.on("GET", "/jobs/j1", status_info(status, 50, message="mti cut the file short"))
    with pytest.raises(JobEnded, match="mti cut the file short") as raised:
        jobs.wait("j1")
    assert raised.value.exit_code == code


def test_a_server_that_is_away_for_a_moment_is_waited_for(server, jobs):
    away = [httpx.ConnectError("refused") for _ in range(PATIENCE)]
    server.on("GET", "/jobs/j1", answers(*away, status_info("successful", 100)))
    assert jobs.wait("j1").status == "successful"


def test_a_server_that_stays_away_is_given_up(server, jobs, naps):
    server.on("GET", "/jobs/j1", answers(*[httpx.ConnectError("refused") for _ in range(PATIENCE + 1)]))
    with pytest.raises(Unreachable):
        jobs.wait("j1")
    assert len(naps) == PATIENCE


def test_a_job_that_is_not_ones_own_is_told_at_once(server, jobs, naps):
    server.on("GET", "/jobs/j1", {"title": "Not Found", "detail": "No job j1."}, status=404)
    with pytest.raises(Refused, match="No job j1"):
        jobs.wait("j1")
    assert naps == []


def test_pages_of_jobs_are_followed_up_to_the_limit(server, jobs):
    link = {"rel": "next", "href": "https://rs.example.org/v1/jobs?token=2"}

    def answer(request: httpx.Request) -> httpx.Response:
        last = "token" in request.url.params
        return httpx.Response(200, json={"jobs": [status_info("failed")] * 2, "links": [] if last else [link]})

    server.on("GET", "/jobs", answer)
    assert len(jobs.find(status="failed", limit=3)) == 3
    assert server.requests[0].url.params["status"] == "failed"
    assert len(jobs.find(limit=100)) == 4


def test_dismissing_a_job(server, jobs):
    server.on("DELETE", "/jobs/j1", status_info("dismissed"))
    assert jobs.dismiss("j1").ended


def test_a_status_without_progress_is_none_yet():
    assert Job.of({"jobID": "j", "status": "accepted", "progress": None}).progress == 0
