"""Sharing through the access service: whose grants are whose, and what a refusal may tell."""

from __future__ import annotations

import pytest

from rs_server.access.principals import Scope
from rs_server.access.resources import ResourcePattern
from rs_server.access.store.grants import grant_id
from tests.unit.access.conftest import Gateway


async def put(gateway, key, subject, resource, *actions, **more):
    body = {"subject": subject, "resource": resource, "actions": list(actions)} | more
    return await gateway.request("PUT", "/access/grants", key, body)


async def grants(gateway, key, query=""):
    answer = await gateway.request("GET", f"/access/grants{query}", key)
    assert answer.status_code == 200, answer.text
    return {(entry["subject"], entry["resource"]): entry["actions"] for entry in answer.json()["grants"]}


async def test_an_owner_shares_lists_and_withdraws(gateway):
    alice, bob = gateway.add_user("alice"), gateway.add_user("bob")
    given = await put(gateway, alice, "user:bob", "catalog:alice:s1-l0", "read")
    assert given.status_code == 200
    assert given.json()["granted_by"] == "alice"
    assert await grants(gateway, alice) == {("user:bob", "catalog:alice:s1-l0"): ["read"]}
    mine = (await gateway.request("GET", "/access/me", bob)).json()["grants"]
    assert [(grant["resource"], grant["actions"]) for grant in mine] == [("catalog:alice:s1-l0", ["read"])]
    assert (await gateway.request("DELETE", f"/access/grants/{given.json()['id']}", alice)).status_code == 204
    assert (await gateway.request("GET", "/access/me", bob)).json()["grants"] == []
    assert (await gateway.request("DELETE", f"/access/grants/{given.json()['id']}", alice)).status_code == 404


async def test_a_second_grant_replaces_the_first(gateway):
    alice = gateway.add_user("alice")
    first = await put(gateway, alice, "user:bob", "catalog:alice:a", "read", "write")
    second = await put(gateway, alice, "user:bob", "catalog:alice:a", "download")
    assert first.json()["id"] == second.json()["id"]
    assert await grants(gateway, alice) == {("user:bob", "catalog:alice:a"): ["download"]}


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        ("catalog:alice:secret", 404),  # bob sees nothing of it
        ("catalog:alice:shown", 403),  # bob reads it, so it is no secret that it exists
        ("catalog:alice:*", 403),
        ("catalog:alice:sh*", 403),
        ("catalog:nobody:*", 403),
        ("catalog:*:*", 403),
        ("catalog:*:shown", 403),
        ("cadip:mti", 404),
        ("cadip:*", 403),
        ("process:staging", 404),
    ],
)
async def test_nobody_shares_what_they_do_not_manage(gateway, resource, status):
    alice, bob = gateway.add_user("alice"), gateway.add_user("bob")
    await put(gateway, alice, "user:bob", "catalog:alice:shown", "read", "write", "download")
    assert (await put(gateway, bob, "user:eve", resource, "read")).status_code == status
    assert (await gateway.request("GET", f"/access/grants?resource={resource}", bob)).status_code == status
    name = grant_id("user:eve", ResourcePattern.parse(resource))
    deleted = await gateway.request("DELETE", f"/access/grants/{name}", bob)
    assert deleted.status_code == (404 if "*" in resource else status)


@pytest.mark.parametrize(("resource", "status"), [("catalog:alice:a", 200), ("catalog:alice:b", 404)])
async def test_manage_is_enough_to_share_that_collection_alone(gateway, resource, status):
    alice, bob = gateway.add_user("alice"), gateway.add_user("bob")
    await put(gateway, alice, "user:bob", "catalog:alice:a", "manage")
    assert (await put(gateway, bob, "user:eve", resource, "read")).status_code == status


async def test_a_pattern_of_manage_covers_narrower_ones(gateway):
    alice, bob = gateway.add_user("alice"), gateway.add_user("bob")
    await put(gateway, alice, "user:bob", "catalog:alice:s1-*", "manage")
    assert (await put(gateway, bob, "user:eve", "catalog:alice:s1-l0*", "read")).status_code == 200
    assert (await put(gateway, bob, "user:eve", "catalog:alice:s1-*", "read")).status_code == 200
    assert (await put(gateway, bob, "user:eve", "catalog:alice:s1*", "read")).status_code == 403
    assert set(await grants(gateway, bob)) == {
        ("user:bob", "catalog:alice:s1-*"),
        ("user:eve", "catalog:alice:s1-l0*"),
        ("user:eve", "catalog:alice:s1-*"),
    }


async def test_an_administrator_shares_everything(gateway):
    admin, alice = gateway.add_user("admin", admin=True), gateway.add_user("alice")
    for resource in ("cadip:*", "process:staging", "catalog:*:*", "catalog:bob:x"):
        assert (await put(gateway, admin, "user:alice", resource, "read")).status_code == 200
    assert len(await grants(gateway, admin)) == 4
    assert set(await grants(gateway, alice)) == {("user:alice", "catalog:*:*")}


async def test_who_has_what_on_one_collection(gateway):
    admin, alice = gateway.add_user("admin", admin=True), gateway.add_user("alice")
    await put(gateway, admin, "group:ops", "catalog:*:*", "read")
    await put(gateway, alice, "user:bob", "catalog:alice:s1-*", "read")
    await put(gateway, alice, "public", "catalog:alice:s2-l1", "read")
    everyone = {("group:ops", "catalog:*:*"), ("user:bob", "catalog:alice:s1-*")}
    assert set(await grants(gateway, alice, "?resource=catalog:alice:s1-l0")) == everyone
    assert set(await grants(gateway, alice, "?resource=catalog:alice:s1-l0&subject=user:bob")) == {
        ("user:bob", "catalog:alice:s1-*")
    }
    assert set(await grants(gateway, alice, "?resource=&subject=public")) == {("public", "catalog:alice:s2-l1")}


async def test_grants_of_a_station(gateway):
    admin = gateway.add_user("admin", admin=True)
    await put(gateway, admin, "user:alice", "cadip:*", "read")
    await put(gateway, admin, "user:bob", "cadip:mti", "read")
    await put(gateway, admin, "user:bob", "cadip:sgs", "read")
    assert set(await grants(gateway, admin, "?resource=cadip:mti")) == {
        ("user:alice", "cadip:*"),
        ("user:bob", "cadip:mti"),
    }
    assert len(await grants(gateway, admin, "?resource=cadip:*")) == 3


async def test_what_others_have_of_others_is_hidden_but_ones_own_is_shown(gateway):
    alice, bob = gateway.add_user("alice"), gateway.add_user("bob", groups=("ops",))
    await put(gateway, alice, "user:bob", "catalog:alice:a", "read")
    await put(gateway, alice, "group:ops", "catalog:alice:b", "read")
    await put(gateway, alice, "user:eve", "catalog:alice:c", "read")
    assert await grants(gateway, bob) == {}
    assert set(await grants(gateway, bob, "?subject=user:bob")) == {("user:bob", "catalog:alice:a")}
    assert set(await grants(gateway, bob, "?subject=group:ops")) == {("group:ops", "catalog:alice:b")}
    assert await grants(gateway, bob, "?subject=user:eve") == {}


async def test_an_administrators_list_goes_on_page_by_page(gateway):
    admin = gateway.add_user("admin", admin=True)
    wanted = {(f"user:u{number}", "catalog:alice:a") for number in range(7)}
    for subject, resource in wanted:
        await put(gateway, admin, subject, resource, "read")
    found, url = [], "/access/grants?limit=5"
    while url:
        page = (await gateway.request("GET", url, admin)).json()
        found += [(entry["subject"], entry["resource"]) for entry in page["grants"]]
        url = next((entry["href"].removeprefix("https://api.example/prod") for entry in page["links"]), "")
    assert sorted(found) == sorted(wanted)


async def test_an_owners_list_goes_on_page_by_page(gateway):
    alice = gateway.add_user("alice")
    wanted = [(f"user:u{number}", "catalog:alice:a") for number in range(7)]
    for subject, resource in wanted:
        await put(gateway, alice, subject, resource, "read")
    for query in ("", "&resource=catalog:alice:a"):
        found, url = [], f"/access/grants?limit=3{query}"
        while url:
            page = (await gateway.request("GET", url, alice)).json()
            assert len(page["grants"]) <= 3
            found += [(entry["subject"], entry["resource"]) for entry in page["grants"]]
            url = next((entry["href"].removeprefix("https://api.example/prod") for entry in page["links"]), "")
        assert found == wanted


async def test_an_expiring_grant_ends(gateway, clock):
    alice, bob = gateway.add_user("alice"), gateway.add_user("bob")
    given = await put(gateway, alice, "user:bob", "catalog:alice:a", "read", expires="2026-11-23T14:00:00+01:00")
    assert given.json()["expires"] == "2026-11-23T13:00:00Z"
    clock.forward(minutes=59)
    assert (await gateway.request("GET", "/access/me", bob)).json()["grants"] != []
    clock.forward(minutes=1)
    assert (await gateway.request("GET", "/access/me", bob)).json()["grants"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"subject": "bob"},
        {"subject": "user:Bob"},
        {"subject": "user:"},
        {"subject": "user:catalog"},
        {"subject": "group:a b"},
        {"subject": "group:" + "g" * 64},
        {"subject": "everyone"},
        {"subject": "user:bob\n"},
        {"resource": "alice:a"},
        {"resource": "catalog:alice"},
        {"resource": "catalog:alice:a:b"},
        {"resource": "catalog:alice:**"},
        {"resource": "catalog:al*:a"},
        {"resource": "catalog:alice:*a"},
        {"resource": "catalog:alice:../bob"},
        {"resource": "catalog:alice:a\u200b"},
        {"resource": "process:other"},
        {"actions": []},
        {"actions": ["execute"]},
        {"subject": "public", "actions": ["write"]},
        {"subject": "public", "actions": ["read", "manage"]},
        {"expires": "2026-11-23T12:00:00Z"},
        {"expires": "2026-12-23T12:00:00"},
        {"expires": "9999-12-31T23:59:59-14:00"},
        {"until": "2026-12-23"},
    ],
)
async def test_a_grant_that_makes_no_sense_is_a_clear_400(gateway, body):
    whole = {"subject": "user:bob", "resource": "catalog:alice:a", "actions": ["read"]} | body
    answer = await gateway.request("PUT", "/access/grants", gateway.add_user("alice"), whole)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "InvalidRequest"


@pytest.mark.parametrize("name", ["x", "%00", "..%2F..", "w4M", "dXNlcjpib2I", "a" * 4000, "dXNlcjpib2IgY2F0YWxvZw"])
async def test_an_id_that_is_none_is_404(gateway, name):
    answer = await gateway.request("DELETE", f"/access/grants/{name}", gateway.add_user("alice"))
    assert answer.status_code == 404


async def test_a_narrowed_key_lists_within_its_scope_only(gateway: Gateway):
    alice = gateway.add_user("alice")
    await put(gateway, alice, "user:bob", "catalog:alice:a", "read")
    await put(gateway, alice, "user:bob", "catalog:alice:b", "read")
    actions = frozenset({"read", "manage"})
    narrowed = gateway.add_key("alice", scope=Scope(actions, (ResourcePattern.parse("catalog:alice:a"),)))
    assert set(await grants(gateway, narrowed)) == {("user:bob", "catalog:alice:a")}
    reader = gateway.add_key("alice", scope=Scope(frozenset({"read"}), (ResourcePattern.parse("catalog:alice:*"),)))
    assert await grants(gateway, reader) == {}


async def test_an_administrators_narrowed_key_has_no_power_over_lists(gateway):
    admin, alice = gateway.add_user("admin", admin=True), gateway.add_user("alice")
    await put(gateway, alice, "user:bob", "catalog:alice:a", "read")
    scope = Scope(frozenset({"read"}), (ResourcePattern.parse("catalog:*:*"),))
    narrowed = gateway.add_key("admin", scope=scope)
    assert admin
    assert await grants(gateway, narrowed) == {}
    for path in ("/access/users", "/access/groups", "/access/audit", "/access/keys?login=alice"):
        assert (await gateway.request("GET", path, narrowed)).status_code == 403
