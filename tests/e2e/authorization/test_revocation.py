"""On a warm stack, what is withdrawn stops working within 30 s: a key, a grant.

"Warm" is what could go wrong: containers that have answered this caller before, and keep their rights in memory.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.authorization.cast import collection

logger = logging.getLogger(__name__)

PROMISED = 30.0
AT_ONCE = 3
QUIET = 3
"""So many rounds without a success count as the end."""

Api = Callable[..., httpx.Client]


@dataclass(frozen=True, slots=True)
class Shared:
    """A collection of alice's, and a guest who reads it."""

    guest: httpx.Client
    collection: str
    withdraw: dict[str, Callable[[], httpx.Response]]

    def successes(self, pool: ThreadPoolExecutor) -> list[bool]:
        """Whether the guest is shown the collection, by several requests at once."""
        path = f"/catalog/collections/{self.collection}"
        return [answer.status_code == 200 for answer in pool.map(self.guest.get, [path] * AT_ONCE)]


def made(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


@pytest.fixture
def shared(api: Api) -> Iterator[Shared]:
    """The guest has a key, and a grant to read."""
    alice, admin = api("alice"), api("admin")
    run = uuid.uuid4().hex[:8]
    login, name = f"guest-{run}", f"alice:revoked-{run}"
    made(alice.post("/catalog/collections", json=collection(name)))
    made(admin.post("/access/users", json={"login": login}))
    key = made(admin.post("/access/keys", json={"name": "warm", "login": login}))
    body = {"subject": f"user:{login}", "resource": f"catalog:{name}", "actions": ["read"]}
    grant = made(alice.put("/access/grants", json=body))
    withdraw = {
        "key": lambda: admin.delete(f"/access/keys/{key['id']}"),
        "grant": lambda: alice.delete(f"/access/grants/{grant['id']}"),
    }
    yield Shared(api(key=key["key"]), name, withdraw)
    alice.delete(f"/catalog/collections/{name}")


@pytest.mark.parametrize("way", ["key", "grant"])
def test_what_is_withdrawn_stops_within_the_promised_time(shared: Shared, way: str) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        warm_up(shared, pool)
        made(shared.withdraw[way]())
        withdrawn = time.monotonic()
        last, quiet = 0.0, 0
        while quiet < QUIET:
            asked = time.monotonic() - withdrawn
            quiet = 0 if any(shared.successes(pool)) else quiet + 1
            last = asked if quiet == 0 else last
            assert last < PROMISED, f"the {way} still works {last:.1f} s after it was withdrawn"
            time.sleep(0.2)
    logger.info("the last success with the %s came %.1f s after it was withdrawn", way, last)


def warm_up(shared: Shared, pool: ThreadPoolExecutor) -> None:
    """Have every container that may answer know the guest: the grant works everywhere after a few seconds."""
    until = time.monotonic() + 60
    good = 0
    while good < QUIET:
        good = good + 1 if all(shared.successes(pool)) else 0
        assert time.monotonic() < until, "the guest does not come to see what was shared"
