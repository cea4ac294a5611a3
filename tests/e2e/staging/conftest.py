"""Stations that fail as told, and collections to stage into."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from local.stack_file import Stack
from rs_client import Client
from rs_client.jobs import Job


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong at the simulated station from now on."""

    http: httpx.Client

    def add(self, kind: str, **settings: Any) -> None:
        """Switch a fault on."""
        self.http.post("/_sim/faults", json={"kind": kind, **settings}).raise_for_status()

    def clear(self) -> None:
        """Switch all faults off."""
        self.http.delete("/_sim/faults").raise_for_status()

    def stats(self) -> dict[str, Any]:
        """What the station has done."""
        stats: dict[str, Any] = self.http.get("/_sim/stats").raise_for_status().json()
        return stats


@pytest.fixture
def faults(stack: Stack) -> Iterator[Faults]:
    """Faults of the CADIP station; all are off again after the test."""
    with httpx.Client(base_url=stack.stations["cadip"]["url"], timeout=30) as client:
        made = Faults(client)
        made.clear()
        yield made
        made.clear()


@pytest.fixture
def station_bytes(stack: Stack) -> Callable[[str], bytes]:
    """What the station itself sends for the address of a file."""
    request = {
        "grant_type": "password",
        "username": "rs",
        "password": "rs-password",
        "client_id": "rs-client",
        "client_secret": "rs-client-secret",
        "scope": "openid",
    }

    def read(href: str) -> bytes:
        answer = httpx.post(f"{stack.stations['cadip']['url']}/oauth2/token", data=request).raise_for_status()
        headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
        return httpx.get(href, headers=headers).raise_for_status().content

    return read


@pytest.fixture(scope="session")
def alice(stack: Stack) -> Iterator[Client]:
    """The server as alice sees it."""
    with Client(stack.api_url, stack.keys["alice"]) as client:
        yield client


@pytest.fixture
def collection(alice: Client) -> Iterator[str]:
    """A new collection of alice's, gone after the test."""
    name = f"e2e-{uuid.uuid4().hex[:12]}"
    alice.catalog.create(name)
    yield name
    alice.catalog.delete(name)


@pytest.fixture
def ended(alice: Client) -> Callable[[str, float], Job]:
    """Waits for the end of a job, at most so many seconds."""

    def wait(job_id: str, seconds: float) -> Job:
        until = time.monotonic() + seconds
        for job in alice.jobs.watch(job_id):
            assert job.ended or time.monotonic() < until, f"after {seconds} s: {job}"
        return job

    return wait
