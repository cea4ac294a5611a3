"""Users and groups through the access service: for administrators alone, and with effect at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from rs_server.access.store.audit import AuditEntry
from rs_server.access.store.users import User
from rs_server.errors import Conflict

ADMIN_ROUTES = [
    ("POST", "/access/users", {"login": "new"}),
    ("GET", "/access/users", None),
    ("PATCH", "/access/users/alice", {"disabled": True}),
    ("GET", "/access/groups", None),
    ("PUT", "/access/groups/ops/members/alice", None),
    ("DELETE", "/access/groups/ops/members/alice", None),
    ("GET", "/access/keys?login=bob", None),
]
KNOWN_ROUTES = [
    ("GET", "/access/me", None),
    ("GET", "/access/keys", None),
    ("POST", "/access/keys", {"name": "x"}),
    ("DELETE", "/access/keys/x", None),
    ("GET", "/access/grants", None),
    ("PUT", "/access/grants", {"subject": "user:bob", "resource": "catalog:alice:a", "actions": ["read"]}),
    ("DELETE", "/access/grants/x", None),
    ("GET", "/access/audit", None),
]
OTHER_PATHS = [("GET", "/access", None), ("GET", "/access/", None), ("GET", "/access/nothing", None)]


@pytest.mark.parametrize(("method", "path", "body"), [*ADMIN_ROUTES, *KNOWN_ROUTES, *OTHER_PATHS])
async def test_the_anonymous_get_401_whether_it_exists_or_not(gateway, method, path, body):
    answer = await gateway.request(method, path, None, body)
    assert answer.status_code == 401
    assert answer.json()["code"] == "Unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("body", [b"{", b"", {"name": 7}])
async def test_the_anonymous_get_401_before_their_body_is_read(gateway, body):
    assert (await gateway.request("POST", "/access/keys", None, body)).status_code == 401


async def test_the_description_is_public(gateway):
    document = (await gateway.request("GET", "/access/openapi.json")).json()
    assert set(document["paths"]) == {
        "/me",
        "/audit",
        "/keys",
        "/keys/{key_id}",
        "/grants",
        "/grants/{grant_id}",
        "/users",
        "/users/{login}",
        "/groups",
        "/groups/{group}/members/{login}",
    }


@pytest.mark.parametrize(("method", "path", "body"), ADMIN_ROUTES)
async def test_users_may_not_administer(gateway, method, path, body):
    alice = gateway.add_user("alice")
    assert (await gateway.request(method, path, alice, body)).status_code == 403


async def test_an_administrator_makes_users_with_a_first_key(gateway):
    admin = gateway.add_user("admin", admin=True)
    made = await gateway.request("POST", "/access/users", admin, {"login": "alice", "groups": ["ops"]})
    assert made.status_code == 201
    assert made.json() == {
        "login": "alice",
        "groups": ["ops"],
        "admin": False,
        "disabled": False,
        "created": "2026-11-23T12:00:00Z",
        "identity": None,
    }
    key = (await gateway.request("POST", "/access/keys", admin, {"name": "first", "login": "alice"})).json()["key"]
    me = (await gateway.request("GET", "/access/me", key)).json()
    assert (me["user"], me["groups"], me["admin"], me["owns"]) == ("alice", ["ops"], False, "catalog:alice:*")
    again = await gateway.request("POST", "/access/users", admin, {"login": "alice", "admin": True})
    assert again.status_code == 409
    assert (await gateway.request("GET", "/access/me", key)).json()["admin"] is False


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": ""},
        {"login": "Alice"},
        {"login": "a" * 64},
        {"login": "-alice"},
        {"login": "alice:x"},
        {"login": "../alice"},
        {"login": "alice\n"},
        {"login": "cadip"},
        {"login": "public"},
        {"login": "authenticated"},
        {"login": "alice", "groups": ["a b"]},
        {"login": "alice", "groups": ["a,b"]},
        {"login": "alice", "groups": [f"g{number}" for number in range(31)]},
        {"login": "alice", "disabled": True},
    ],
)
async def test_a_user_that_cannot_be_is_a_clear_400(gateway, body):
    admin = gateway.add_user("admin", admin=True)
    assert (await gateway.request("POST", "/access/users", admin, body)).status_code == 400


async def test_users_are_listed_page_by_page(gateway):
    admin = gateway.add_user("admin", admin=True)
    for number in range(5):
        gateway.add_user(f"user-{number}")
    found, url = [], "/access/users?limit=2"
    while url:
        page = (await gateway.request("GET", url, admin)).json()
        assert len(page["users"]) <= 2
        found += [user["login"] for user in page["users"]]
        url = next((entry["href"].removeprefix("https://api.example/prod") for entry in page["links"]), "")
    assert found == ["admin", *(f"user-{number}" for number in range(5))]


async def test_a_disabled_user_stops_at_once(gateway):
    admin, alice = gateway.add_user("admin", admin=True), gateway.add_user("alice")
    answer = await gateway.request("PATCH", "/access/users/alice", admin, {"disabled": True})
    assert (answer.status_code, answer.json()["disabled"]) == (200, True)
    assert (await gateway.request("GET", "/access/me", alice)).status_code == 401
    await gateway.request("PATCH", "/access/users/alice", admin, {"disabled": False})
    assert (await gateway.request("GET", "/access/me", alice)).status_code == 200


@pytest.mark.parametrize(("body", "status"), [({"disabled": True}, 409), ({"admin": False}, 409), ({}, 400)])
async def test_administrators_do_not_lock_themselves_out(gateway, body, status):
    admin = gateway.add_user("admin", admin=True)
    assert (await gateway.request("PATCH", "/access/users/admin", admin, body)).status_code == status


async def test_unknown_users_and_memberships_are_404(gateway):
    admin = gateway.add_user("admin", admin=True)
    for method, path, body in (
        ("PATCH", "/access/users/nobody", {"disabled": True}),
        ("PATCH", "/access/users/nobody", {"identity": {"issuer": "https://id.example", "subject": "1"}}),
        ("PUT", "/access/groups/ops/members/nobody", None),
        ("DELETE", "/access/groups/ops/members/admin", None),
    ):
        assert (await gateway.request(method, path, admin, body)).status_code == 404


async def test_group_members_have_the_groups_rights_while_they_are_in(gateway):
    admin, alice, bob = gateway.add_user("admin", admin=True), gateway.add_user("alice"), gateway.add_user("bob")
    body = {"subject": "group:ops", "resource": "catalog:alice:a", "actions": ["read"]}
    await gateway.request("PUT", "/access/grants", alice, body)

    async def granted():
        return [grant["resource"] for grant in (await gateway.request("GET", "/access/me", bob)).json()["grants"]]

    assert await granted() == []
    for _ in range(2):
        assert (await gateway.request("PUT", "/access/groups/ops/members/bob", admin)).status_code == 204
    assert await granted() == ["catalog:alice:a"]
    groups = (await gateway.request("GET", "/access/groups", admin)).json()["groups"]
    assert groups == [{"group": "ops", "members": ["bob"]}]
    assert (await gateway.request("DELETE", "/access/groups/ops/members/bob", admin)).status_code == 204
    assert await granted() == []
    assert (await gateway.request("GET", "/access/groups", admin)).json()["groups"] == []


async def test_the_number_of_groups_is_limited(gateway):
    admin = gateway.add_user("admin", admin=True)
    gateway.add_user("bob", groups=tuple(f"g{number}" for number in range(30)))
    assert (await gateway.request("PUT", "/access/groups/one-more/members/bob", admin)).status_code == 409


@pytest.mark.parametrize("path", ["/access/groups/a%20b/members/bob", "/access/groups/ops/members/B%00b"])
async def test_names_that_cannot_be_are_400(gateway, path):
    admin = gateway.add_user("admin", admin=True)
    assert (await gateway.request("PUT", path, admin)).status_code == 400


async def test_an_administrator_binds_a_login_to_an_identity(gateway):
    admin = gateway.add_user("admin", admin=True)
    for login in ("alice", "bob"):
        gateway.add_user(login)
    first, second = ({"issuer": "https://id.example", "subject": subject} for subject in ("1", "2"))
    for identity in (first, first, second):
        answer = await gateway.request("PATCH", "/access/users/alice", admin, {"identity": identity})
        assert (answer.status_code, answer.json()["identity"]) == (200, identity)
    taken = await gateway.request("PATCH", "/access/users/bob", admin, {"identity": second})
    assert taken.status_code == 409
    freed = await gateway.request("PATCH", "/access/users/bob", admin, {"identity": first})
    assert freed.status_code == 200


@pytest.mark.parametrize(
    "token",
    ["x", "e30", "bnVsbA", "W10", "eyJhZnRlciI6IDd9", "eyJhZnRlciI6ICIifQ", "eyJwayI6ICJhIiwgInNrIjogImIifQ", "%00"],
)
@pytest.mark.parametrize("path", ["/access/users", "/access/audit"])
async def test_a_page_token_that_is_none_is_400(gateway, path, token):
    admin = gateway.add_user("admin", admin=True)
    assert (await gateway.request("GET", f"{path}?token={token}", admin)).status_code == 400


def test_groups_joined_at_the_same_time_are_all_joined(gateway):
    gateway.add_user("bob")
    groups = ["a", "b", "c", "d"]
    entry = AuditEntry("group.joined", "group:x")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda group: gateway.stores.groups.add(group, "bob", entry), groups))
    assert gateway.stores.users.find("bob").groups == set(groups)
    assert gateway.stores.groups.all() == {group: ["bob"] for group in groups}


def test_of_users_made_at_the_same_time_one_is_made(gateway):
    def make(number: int) -> bool:
        try:
            gateway.stores.users.create(User("bob", frozenset({f"g{number}"})), AuditEntry("user.created", "user:bob"))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(make, range(6)))
    assert made.count(True) == 1
    assert gateway.stores.users.find("bob").groups == {f"g{made.index(True)}"}
    assert gateway.stores.groups.all() == {f"g{made.index(True)}": ["bob"]}
