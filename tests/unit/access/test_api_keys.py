"""API keys through authorizer and access service: made, shown once, used, narrowed, revoked, expired."""

from __future__ import annotations

import pytest

from rs_server.access.credentials import KEY, digest_of, new_key
from rs_server.access.principals import Scope
from rs_server.access.resources import ResourcePattern

READ_ONLY = Scope(frozenset({"read"}), (ResourcePattern.parse("catalog:*:*"),))


async def test_a_new_key_is_shown_once_and_works(gateway):
    alice = gateway.add_user("alice")
    made = await gateway.request("POST", "/access/keys", alice, {"name": "laptop"})
    assert made.status_code == 201
    key = made.json()["key"]
    assert KEY.fullmatch(key)
    assert made.json()["expires"] == "2027-02-21T12:00:00Z"  # 90 days after the clock's 2026-11-23
    listed = (await gateway.request("GET", "/access/keys", key)).json()["keys"]
    assert {entry["name"] for entry in listed} == {"laptop", "test"}
    assert all("key" not in entry for entry in listed)
    me = (await gateway.request("GET", "/access/me", key)).json()
    assert me["user"] == "alice"
    assert me["key"]["id"] == made.json()["id"]


async def test_a_bearer_header_carries_a_key_as_well(gateway):
    alice = gateway.add_user("alice")
    answer = await gateway.request("GET", "/access/me", headers={"Authorization": f"Bearer {alice}"})
    assert answer.json()["user"] == "alice"


async def test_only_the_hash_of_a_key_is_stored(gateway, table):
    alice = gateway.add_user("alice")
    made = (await gateway.request("POST", "/access/keys", alice, {"name": "laptop"})).json()
    everything = str(table.client.scan(TableName=table.name)["Items"])
    assert made["key"] not in everything
    assert digest_of(made["key"]) in everything


async def test_a_revoked_key_stops(gateway):
    alice = gateway.add_user("alice")
    made = (await gateway.request("POST", "/access/keys", alice, {"name": "old"})).json()
    assert (await gateway.request("DELETE", f"/access/keys/{made['id']}", alice)).status_code == 204
    assert (await gateway.request("GET", "/access/me", made["key"])).status_code == 401
    assert (await gateway.request("DELETE", f"/access/keys/{made['id']}", alice)).status_code == 204
    listed = (await gateway.request("GET", "/access/keys", alice)).json()["keys"]
    assert {entry["name"]: entry["revoked"] for entry in listed} == {"old": True, "test": False}


async def test_an_expired_key_stops(gateway, clock):
    alice = gateway.add_user("alice")
    made = (await gateway.request("POST", "/access/keys", alice, {"name": "week", "expires_in_days": 7})).json()
    clock.forward(days=6.99)
    assert (await gateway.request("GET", "/access/me", made["key"])).status_code == 200
    clock.forward(days=0.01)
    assert (await gateway.request("GET", "/access/me", made["key"])).status_code == 401


async def test_keys_of_others_are_hidden(gateway):
    alice, bob = gateway.add_user("alice"), gateway.add_user("bob")
    made = (await gateway.request("POST", "/access/keys", alice, {"name": "mine"})).json()
    assert (await gateway.request("DELETE", f"/access/keys/{made['id']}", bob)).status_code == 404
    assert (await gateway.request("GET", "/access/keys?login=alice", bob)).status_code == 403
    assert (await gateway.request("GET", "/access/me", made["key"])).status_code == 200


async def test_an_administrator_makes_and_revokes_keys_of_others(gateway):
    admin = gateway.add_user("admin", admin=True)
    gateway.add_user("bob")
    made = await gateway.request("POST", "/access/keys", admin, {"name": "first", "login": "bob"})
    assert made.status_code == 201
    assert (await gateway.request("GET", "/access/me", made.json()["key"])).json()["user"] == "bob"
    assert (await gateway.request("DELETE", f"/access/keys/{made.json()['id']}", admin)).status_code == 204
    missing = await gateway.request("POST", "/access/keys", admin, {"name": "first", "login": "nobody"})
    assert missing.status_code == 404


async def test_only_an_administrator_makes_keys_of_others(gateway):
    alice = gateway.add_user("alice")
    gateway.add_user("bob")
    answer = await gateway.request("POST", "/access/keys", alice, {"name": "x", "login": "bob"})
    assert answer.status_code == 403


async def test_a_narrowed_key_never_writes_under_access(gateway):
    gateway.add_user("alice")
    writing = Scope(frozenset({"read", "write", "manage"}), (ResourcePattern.parse("catalog:alice:*"),))
    narrowed = gateway.add_key("alice", scope=writing)
    for method, path, body in (
        ("POST", "/access/keys", {"name": "wider"}),
        ("DELETE", "/access/keys/x", None),
        ("PUT", "/access/grants", {"subject": "user:bob", "resource": "catalog:alice:a", "actions": ["read"]}),
        ("DELETE", "/access/grants/x", None),
    ):
        assert (await gateway.request(method, path, narrowed, body)).status_code == 403
    assert (await gateway.request("GET", "/access/me", narrowed)).status_code == 200


async def test_a_read_only_key_on_a_writing_method_is_refused_at_the_door(gateway):
    gateway.add_user("alice")
    narrowed = gateway.add_key("alice", scope=READ_ONLY)
    answer = await gateway.request("POST", "/access/keys", narrowed, {"name": "wider"})
    assert answer.status_code == 403
    assert "read-only" in answer.json()["description"]
    admin = gateway.add_user("admin", admin=True)
    entries = (await gateway.request("GET", "/access/audit", admin)).json()["entries"]
    refused = next(entry for entry in entries if entry["event"] == "refused")
    assert (refused["about"], refused["by"], refused["address"]) == ("POST /access/keys", "alice", "203.0.113.7")


async def test_the_scope_of_a_key_is_shown(gateway):
    alice = gateway.add_user("alice")
    body = {"name": "reader", "scope": {"actions": ["read"], "resources": ["catalog:alice:s1-*"]}}
    made = (await gateway.request("POST", "/access/keys", alice, body)).json()
    me = (await gateway.request("GET", "/access/me", made["key"])).json()
    assert me["key"]["scope"] == {"actions": ["read"], "resources": ["catalog:alice:s1-*"]}


async def test_a_scope_without_actions_or_resources_limits_the_other_only(gateway):
    alice = gateway.add_user("alice")
    by_actions = await gateway.request("POST", "/access/keys", alice, {"name": "a", "scope": {"actions": ["read"]}})
    assert "catalog:*:*" in by_actions.json()["scope"]["resources"]
    by_resources = await gateway.request(
        "POST", "/access/keys", alice, {"name": "b", "scope": {"resources": ["cadip:mti"]}}
    )
    assert by_resources.json()["scope"]["actions"] == ["read", "download", "write", "manage"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 101},
        {"name": "x", "expires_in_days": 0},
        {"name": "x", "expires_in_days": 366},
        {"name": "x", "scope": {"actions": [], "resources": ["catalog:*:*"]}},
        {"name": "x", "scope": {"actions": ["read"], "resources": []}},
        {"name": "x", "scope": {"actions": ["delete"], "resources": ["catalog:*:*"]}},
        {"name": "x", "scope": {"actions": ["read"], "resources": ["everything"]}},
        {
            "name": "x",
            "scope": {"actions": ["read"], "resources": [f"catalog:alice:{'x' * 100}{n}" for n in range(20)]},
        },
        {"name": "x", "expires_in_day": 3},
        [],
        b"{",
        b"\xff\xfe",
    ],
)
async def test_a_body_that_is_no_key_is_a_clear_400(gateway, body):
    answer = await gateway.request("POST", "/access/keys", gateway.add_user("alice"), body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "description", "request_id"}


async def test_the_number_of_usable_keys_is_limited(gateway):
    alice = gateway.add_user("alice")
    for _ in range(49):
        gateway.add_key("alice")
    assert (await gateway.request("POST", "/access/keys", alice, {"name": "one more"})).status_code == 409


async def test_last_use_is_recorded_at_most_once_an_hour(gateway, clock):
    alice = gateway.add_user("alice")

    async def last_used() -> str | None:
        used: str | None = (await gateway.request("GET", "/access/keys", alice)).json()["keys"][0]["last_used"]
        return used

    assert await last_used() == "2026-11-23T12:00:00Z"
    clock.forward(minutes=59)
    assert await last_used() == "2026-11-23T12:00:00Z"
    clock.forward(minutes=1)
    assert await last_used() == "2026-11-23T13:00:00Z"


async def test_an_unknown_key_is_401(gateway):
    assert (await gateway.request("GET", "/access/me", new_key())).status_code == 401
