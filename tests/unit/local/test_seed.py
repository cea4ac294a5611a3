"""The demo users are made once; their keys are kept as long as they work."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from local.seed import Seeder, SeedFailed


class Access:
    """Stands for the access service: remembers what was asked for, and which keys work."""

    def __init__(self) -> None:
        self.users: set[str] = set()
        self.grants: dict[tuple[str, str], list[str]] = {}
        self.keys: dict[str, str] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content or b"null")
        key = request.headers["x-api-key"]
        if request.url.path == "/access/me":
            login = self.keys.get(key)
            return httpx.Response(200, json={"user": login}) if login else httpx.Response(401)
        assert key == "rss_admin"
        if request.url.path == "/access/users":
            known = body["login"] in self.users
            self.users.add(body["login"])
            return httpx.Response(409 if known else 201, json={})
        if request.url.path == "/access/grants":
            self.grants[body["subject"], body["resource"]] = body["actions"]
            return httpx.Response(200, json={})
        key = f"rss_{body['login']}_{len(self.keys)}"
        self.keys[key] = body["login"]
        return httpx.Response(201, json={"key": key})


@pytest.fixture
def access() -> Access:
    return Access()


@pytest.fixture
def seeder(access: Access) -> Iterator[Seeder]:
    with httpx.Client(base_url="http://api", transport=httpx.MockTransport(access)) as client:
        yield Seeder(client, "rss_admin")


def test_alice_may_stage_from_every_station_and_bob_nothing(seeder: Seeder, access: Access) -> None:
    keys = seeder.seed({})
    assert keys == {"admin": "rss_admin", "alice": "rss_alice_0", "bob": "rss_bob_1"}
    assert access.users == {"alice", "bob"}
    assert access.grants == {
        ("user:alice", "cadip:*"): ["read", "download"],
        ("user:alice", "auxip:*"): ["read", "download"],
        ("user:alice", "prip:*"): ["read", "download"],
        ("user:alice", "lta:*"): ["read", "download"],
        ("user:alice", "process:staging"): ["read", "write", "manage"],
    }


def test_keys_that_work_are_kept(seeder: Seeder) -> None:
    keys = seeder.seed({})
    assert seeder.seed(keys) == keys


def test_keys_of_an_earlier_stack_are_replaced(seeder: Seeder) -> None:
    keys = seeder.seed({"alice": "rss_gone", "bob": "rss_gone"})
    assert keys["alice"].startswith("rss_alice")


def test_a_key_of_somebody_else_is_no_key_of_alice(seeder: Seeder, access: Access) -> None:
    access.keys["rss_mixed_up"] = "bob"
    assert seeder.seed({"alice": "rss_mixed_up"})["alice"].startswith("rss_alice")


def test_an_api_that_refuses_is_told() -> None:
    refuse = httpx.MockTransport(lambda _: httpx.Response(503, text="the table is out of reach"))
    with (
        httpx.Client(base_url="http://api", transport=refuse) as client,
        pytest.raises(SeedFailed, match="POST /access/users answered 503: the table is out of reach"),
    ):
        Seeder(client, "rss_admin").seed({})
