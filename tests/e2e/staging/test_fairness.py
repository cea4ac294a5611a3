"""Two users at one station: never a connection too many, and the many files of one do not delay the few of another."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from local.stack_file import Stack
from rs_client import Client

CONNECTIONS = 8
"""What the profile of the laptop's MTI allows; one of them is kept for queries."""
MANY = 80
"""Files of the one user: far more than seven connections bring while the other's six come."""


@pytest.fixture
def second(stack: Stack) -> Any:
    """Another user who may stage, with a collection; the collection is gone after the test."""
    with Client(stack.api_url, stack.keys["admin"]) as admin:
        name = f"fair-{uuid.uuid4().hex[:8]}"
        admin.catalog.create(name)
        yield admin, name
        admin.catalog.delete(name)


class Watch:
    """Looks at the station's connections all the time."""

    def __init__(self, stats: Callable[[], dict[str, Any]]) -> None:
        self.stats = stats
        self.over = threading.Event()
        self.most = 0
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self) -> None:
        while not self.over.wait(0.1):
            self.most = max(self.most, self.stats()["downloads_at_once"]["most"])

    def end(self) -> int:
        """The most downloads at once."""
        self.over.set()
        self.thread.join()
        return self.most


def test_two_users_take_turns_below_the_stations_limit(alice, collection, faults, ended, second):
    other, other_collection = second
    sessions = list(alice.search("cadip", limit=2, collections=["s1_mti"]).items())
    many = sorted(sessions[0].assets)[:MANY]
    small = sessions[1]
    few = sorted(small.assets)[:6]
    assert len(many) == MANY
    faults.add("slow_bytes", bytes_per_second=60_000)
    faults.http.delete("/_sim/stats").raise_for_status()
    watch = Watch(faults.stats)
    big = alice.jobs.stage(collection, [sessions[0]], asset_names=many)
    while alice.jobs.get(big.id).document["files"]["total"] == 0:
        time.sleep(0.2)
    late = other.jobs.stage(other_collection, [small], asset_names=few)
    for job in other.jobs.watch(late.id):
        if job.ended:
            break
    left = alice.jobs.get(big.id).document["files"]
    faults.clear()
    assert job.status == "successful"
    assert ended(big.id, 300).status == "successful"
    most = watch.end()
    assert 1 < most <= CONNECTIONS - 1
    assert left["left"] > left["total"] / 3, "the six files of one waited for the many of the other"
