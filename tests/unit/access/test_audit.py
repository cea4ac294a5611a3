"""The audit trail: every change and every refusal is in it, for those whom it concerns, and only added to."""

from __future__ import annotations

import json

import httpx
import pytest
from fastapi import FastAPI, Request

from rs_server.access.audited import Audited
from rs_server.access.principals import Principal
from rs_server.access.requests import principal_of
from rs_server.access.rights import Rights
from rs_server.access.store.audit import RETENTION, AuditEntry, AuditStore
from rs_server.access.store.table import AccessTable
from rs_server.errors import BackendUnavailable
from rs_server.http import add_error_handlers
from rs_server.stac.pagination import encode_token
from tests.unit.access.conftest import ADDRESS, gateway_event


async def trail(gateway, key, query=""):
    answer = await gateway.request("GET", f"/access/audit{query}", key)
    assert answer.status_code == 200, answer.text
    return answer.json()["entries"]


def told(entries):
    return [(entry["event"], entry["about"], entry["by"]) for entry in entries]


async def test_every_change_is_told_to_administrators_newest_first(gateway, clock):
    admin = gateway.add_user("admin", admin=True)
    steps = [
        ("POST", "/access/users", admin, {"login": "carol"}, "user.created", "user:carol"),
        ("PATCH", "/access/users/carol", admin, {"admin": True}, "user.changed", "user:carol"),
        ("PUT", "/access/groups/ops/members/carol", admin, None, "group.joined", "group:ops"),
        ("DELETE", "/access/groups/ops/members/carol", admin, None, "group.left", "group:ops"),
    ]
    for method, path, key, body, *_ in steps:
        assert (await gateway.request(method, path, key, body)).is_success
        clock.forward(seconds=1)
    made = (await gateway.request("POST", "/access/keys", admin, {"name": "x", "login": "carol"})).json()
    clock.forward(seconds=1)
    await gateway.request("DELETE", f"/access/keys/{made['id']}", admin)
    changes = [entry for entry in told(await trail(gateway, admin)) if entry[2] and entry[0] != "admin.request"]
    expected = [(event, about, "admin") for *_, event, about in steps]
    expected += [("key.created", f"key:{made['id']}", "admin"), ("key.revoked", f"key:{made['id']}", "admin")]
    assert changes == expected[::-1]


async def test_an_entry_says_who_from_where_and_what(gateway):
    alice = gateway.add_user("alice")
    body = {"subject": "user:bob", "resource": "catalog:alice:a", "actions": ["write", "read"]}
    await gateway.request("PUT", "/access/grants", alice, body)
    (entry,) = await trail(gateway, alice)
    assert entry.pop("request_id")
    assert entry == {
        "time": "2026-11-23T12:00:00Z",
        "event": "grant.put",
        "about": "catalog:alice:a",
        "by": "alice",
        "detail": "user:bob may read, write",
        "address": ADDRESS,
    }


async def test_owners_see_their_own_collections_trail_only(gateway):
    alice, bob, admin = gateway.add_user("alice"), gateway.add_user("bob"), gateway.add_user("admin", admin=True)
    for owner, key in (("alice", alice), ("bob", bob)):
        body = {"subject": "public", "resource": f"catalog:{owner}:a", "actions": ["read"]}
        put = (await gateway.request("PUT", "/access/grants", key, body)).json()
        await gateway.request("DELETE", f"/access/grants/{put['id']}", key)
    expected = {("grant.put", "catalog:alice:a", "alice"), ("grant.withdrawn", "catalog:alice:a", "alice")}
    assert set(told(await trail(gateway, alice))) == expected
    assert expected < set(told(await trail(gateway, admin)))


async def test_refusals_are_told_to_the_owner_whose_thing_it_was(gateway):
    alice, bob = gateway.add_user("alice"), gateway.add_user("bob")
    body = {"subject": "user:bob", "resource": "catalog:alice:a", "actions": ["read"]}
    assert (await gateway.request("PUT", "/access/grants", bob, body)).status_code == 404
    (entry,) = await trail(gateway, alice)
    assert told([entry]) == [("refused", "catalog:alice:a", "bob")]
    assert entry["detail"] == "manage: PUT /access/grants answered 404"


async def test_refused_credentials_are_told_once_and_without_the_credential(gateway):
    admin = gateway.add_user("admin", admin=True)
    gateway.add_user("alice")
    revoked = gateway.add_key("alice", days=0)
    for _ in range(3):
        assert (await gateway.request("GET", "/access/me", revoked)).status_code == 401
    entries = [entry for entry in await trail(gateway, admin) if entry["event"] == "credential.refused"]
    assert len(entries) == 1
    assert entries[0]["address"] == ADDRESS
    assert "of alice" in entries[0]["detail"]
    assert revoked not in json.dumps(entries)


async def test_what_administrators_do_is_told_reads_included(gateway):
    admin = gateway.add_user("admin", admin=True)
    await gateway.request("GET", "/access/users?limit=5", admin)
    assert ("admin.request", "GET /access/users", "admin") in told(await trail(gateway, admin))


@pytest.mark.parametrize("who", ["admin", "alice"])
async def test_pages_follow_each_other_over_days_with_nothing_lost_or_doubled(gateway, clock, who):
    gateway.add_user("admin", admin=True)
    gateway.add_user("alice")
    key = gateway.add_key(who, days=365)
    for number in range(7):
        gateway.stores.audit.record(AuditEntry("grant.put", f"catalog:alice:c{number}", by="alice"))
        clock.forward(hours=1 if number % 3 else 45 * 24)
    found, url = [], "/access/audit?limit=2"
    while url:
        page = (await gateway.request("GET", url, key)).json()
        found += [entry["about"] for entry in page["entries"] if entry["event"] == "grant.put"]
        url = next((entry["href"].removeprefix("https://api.example/prod") for entry in page["links"]), "")
    assert found == [f"catalog:alice:c{number}" for number in reversed(range(7))]


def test_entries_go_after_the_time_they_are_kept(table, clock):
    AuditStore(table, clock).record(AuditEntry("grant.put", "catalog:alice:a"))
    (record,) = table.query(f"audit#{clock():%Y-%m-%d}")
    assert record["ttl"] == int((clock() + RETENTION).timestamp())


async def test_a_change_that_does_not_happen_is_not_told(gateway, table, clock):
    admin = gateway.add_user("admin", admin=True)
    await gateway.request("POST", "/access/users", admin, {"login": "admin"})
    assert not [entry for entry in told(await trail(gateway, admin)) if entry[0] == "user.created" and entry[2]]


@pytest.mark.parametrize(
    "position",
    [
        {"day": "2026-11-23", "sk": "grant#x"},
        {"day": "yesterday", "sk": "audit#x"},
        {"day": "2026-13-01", "sk": "~"},
        {"day": "2026-11-23"},
        {"day": "2026-11-23", "sk": ["~"]},
        {"day": "2026-11-23", "sk": "~", "login": "bob"},
    ],
)
async def test_a_forged_position_is_400(gateway, position):
    for key in (gateway.add_user("alice"), gateway.add_user("admin", admin=True)):
        answer = await gateway.request("GET", f"/access/audit?token={encode_token(position)}", key)
        assert answer.status_code == 400


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_position_far_away_finds_nothing(gateway, day):
    admin = gateway.add_user("admin", admin=True)
    position = encode_token({"day": day, "sk": "~"})
    assert await trail(gateway, admin, f"?token={position}") == []


class LostTable(AccessTable):
    """A table that takes no entries."""

    def write(self, *operations):
        raise BackendUnavailable("throttled")


def service(trail_store, principal):
    """A service with one guarded thing, behind its trail's ear."""
    app = FastAPI()
    add_error_handlers(app)

    @app.get("/thing")
    async def thing(request: Request):
        Rights(principal_of(request)).require("read", ("catalog", "alice", "a"), "There is no such thing.")
        return {}

    @app.get("/broken")
    async def broken():
        raise RuntimeError("a bug")

    event = gateway_event("GET", "/catalog/thing")
    event["requestContext"]["authorizer"] = principal.to_context()
    audited = Audited(app, trail_store)

    async def with_event(scope, receive, send):
        await audited({**scope, "aws.event": event}, receive, send)

    transport = httpx.ASGITransport(with_event, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://internal")


async def test_a_hidden_things_refusal_is_told_though_the_answer_is_404(table, clock):
    store = AuditStore(table, clock)
    async with service(store, Principal("bob")) as client:
        assert (await client.get("/thing")).status_code == 404
        assert (await client.get("/nothing")).status_code == 404
    entries = store.of_owner("alice", 10).entries
    assert [(entry["event"], entry["about"], entry["by"]) for entry in entries] == [
        ("refused", "catalog:alice:a", "bob")
    ]


async def test_the_anonymous_are_told_of_by_their_address(table, clock):
    store = AuditStore(table, clock)
    async with service(store, Principal()) as client:
        assert (await client.get("/thing")).status_code == 401
    (entry,) = store.of_owner("alice", 10).entries
    assert entry["address"] == ADDRESS
    assert "by" not in entry


async def test_a_trail_that_cannot_be_written_changes_no_answer(table, clock):
    store = AuditStore(LostTable(table.client, table.name), clock)
    async with service(store, Principal("bob")) as client:
        assert (await client.get("/thing")).status_code == 404


async def test_an_administrators_request_that_fails_is_told_as_well(table, clock):
    store = AuditStore(table, clock)
    async with service(store, Principal("admin", admin=True)) as client:
        assert (await client.get("/broken")).status_code == 500
    (entry,) = store.all(10).entries
    assert entry["detail"] == "answered 500"
