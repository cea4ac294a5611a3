"""Stations that fail as told, and collections to stage into."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pystac import Item

from local.stack_file import Stack
from rs_client import Client
from rs_client.jobs import Job

OLD = "2024-11-14T00:00:00Z/2024-11-15T00:00:00Z"
"""The day before the last one of the simulated stations."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong at the simulated station from now on."""

    http: httpx.Client

    def add(self, kind: str, **settings: Any) -> int:
        """Switch a fault on; returns its number."""
        return int(self.http.post("/_sim/faults", json={"kind": kind, **settings}).raise_for_status().json()["id"])

    def struck(self, number: int) -> bool:
        """Whether a fault has struck; one that struck as often as it was to is not told of any more."""
        active = self.http.get("/_sim/faults").raise_for_status().json()
        return all(fault["struck"] for fault in active if fault["id"] == number)

    def clear(self) -> None:
        """Switch all faults off."""
        self.http.delete("/_sim/faults").raise_for_status()

    def stats(self) -> dict[str, Any]:
        """What the station has done."""
        stats: dict[str, Any] = self.http.get("/_sim/stats").raise_for_status().json()
        return stats


@contextmanager
def faults_of(station: str) -> Iterator[Faults]:
    """Faults of the station at this address; all are off before and after."""
    with httpx.Client(base_url=station, timeout=30) as client:
        made = Faults(client)
        made.clear()
        yield made
        made.clear()


@pytest.fixture
def faults(stack: Stack) -> Iterator[Faults]:
    """Faults of the CADIP station."""
    with faults_of(stack.stations["cadip"]["url"]) as made:
        yield made


@pytest.fixture
def prip_faults(stack: Stack) -> Iterator[Faults]:
    """Faults of the PRIP station, with which tests run beside those of CADIP."""
    with faults_of(stack.stations["prip"]["url"]) as made:
        yield made


@pytest.fixture
def products(alice: Client) -> list[Item]:
    """Items of the PRIP station, of one file each, that no other test stages."""
    return list(alice.search("prip", collections=["S1A_L0_RAW"], datetime=OLD, limit=4).items())


@pytest.fixture
def station_bytes(stack: Stack) -> Callable[[str], bytes]:
    """What a station itself sends for one of its addresses, such as that of a file."""
    request = {
        "grant_type": "password",
        "username": "rs",
        "password": "rs-password",
        "client_id": "rs-client",
        "client_secret": "rs-client-secret",
        "scope": "openid profile email",
    }

    def read(href: str) -> bytes:
        station = next(each["url"] for each in stack.stations.values() if href.startswith(each["url"]))
        answer = httpx.post(f"{station}/oauth2/token", data=request).raise_for_status()
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
def path_of() -> Callable[[Item], str]:
    """A regular expression for the address at the station of an item's one file."""

    def path(item: Item) -> str:
        (asset,) = item.assets.values()
        return re.escape(asset.href.rpartition("/Products")[2])

    return path


@pytest.fixture
def ended(alice: Client) -> Callable[[str, float], Job]:
    """Waits for the end of a job, at most so many seconds."""

    def wait(job_id: str, seconds: float) -> Job:
        until = time.monotonic() + seconds
        for job in alice.jobs.watch(job_id):
            assert job.ended or time.monotonic() < until, f"after {seconds} s: {job}"
        return job

    return wait
