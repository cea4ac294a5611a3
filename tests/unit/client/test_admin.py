"""`rs admin`, and that every command speaks JSON."""

from __future__ import annotations

import json

import httpx
import pytest

from rs_client.cli import app

USER = {"login": "carol", "groups": ["ops"], "admin": False, "disabled": False, "created": "2026-11-23T12:00:00Z"}
KEY = {"id": "k1", "name": "first", "login": "carol", "created": "c", "expires": "e", "revoked": False}
ENTRY = {"time": "2026-11-23T12:00:00Z", "event": "grant.put", "by": "alice", "about": "catalog:alice:x", "detail": "d"}


def body(server):
    return json.loads(server.requests[-1].content)


def test_users_are_made_listed_over_all_pages_and_changed(rs, server):
    server.on("POST", "/access/users", USER, status=201)
    server.on("PATCH", "/access/users/carol", USER | {"disabled": True})
    following = {"links": [{"rel": "next", "href": "https://rs.example.org/v1/access/users?token=t"}]}

    def pages(request: httpx.Request) -> httpx.Response:
        first = "token" not in request.url.params
        return httpx.Response(
            200, json={"users": [USER | {"login": "bob" if first else "carol"}]} | (following if first else {})
        )

    server.on("GET", "/access/users", pages)
    assert rs("admin", "users", "create", "carol", "--group", "ops").stdout == "User carol.\n"
    assert body(server) == {"login": "carol", "groups": ["ops"], "admin": False}
    rows = rs("admin", "users", "list").stdout.splitlines()
    assert [row.split()[0] for row in rows] == ["login", "bob", "carol"]
    assert rs("admin", "users", "change", "carol", "--disable").stdout == "User carol (disabled).\n"
    assert body(server) == {"disabled": True}
    assert rs("admin", "users", "change", "carol").exit_code == 2


def test_groups_have_members(rs, server):
    server.on("GET", "/access/groups", {"groups": [{"group": "ops", "members": ["bob", "carol"]}]})
    server.on("PUT", "/access/groups/ops/members/carol", None, status=204)
    server.on("DELETE", "/access/groups/ops/members/carol", None, status=204)
    assert rs("admin", "groups", "list").stdout.splitlines()[1].split() == ["ops", "bob", "carol"]
    assert rs("admin", "groups", "add", "ops", "carol").stdout == "carol is in ops.\n"
    assert rs("admin", "groups", "remove", "ops", "carol").stdout == "carol is no longer in ops.\n"


def test_keys_of_another_user(rs, server):
    server.on("POST", "/access/keys", KEY | {"key": "rss_new"}, status=201)
    server.on("GET", "/access/keys", {"keys": [KEY]})
    assert rs("admin", "keys", "create", "carol", "first").stdout == "rss_new\n"
    assert body(server) == {"name": "first", "login": "carol"}
    assert rs("admin", "keys", "list", "carol").stdout.splitlines()[1].split()[:2] == ["k1", "first"]
    assert server.requests[-1].url.params["login"] == "carol"


def test_the_audit_trail_goes_on_until_there_are_enough(rs, server):
    following = {"links": [{"rel": "next", "href": "https://rs.example.org/v1/access/audit?token=t&limit=3"}]}
    server.on("GET", "/access/audit", {"entries": [ENTRY, ENTRY]} | following)
    assert len(rs("admin", "audit", "--limit", "3").stdout.splitlines()) == 4
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("admin", "users", "create", "carol"),
        ("admin", "users", "change", "carol", "--admin"),
        ("admin", "users", "list"),
        ("admin", "groups", "list"),
        ("admin", "groups", "add", "ops", "carol"),
        ("admin", "groups", "remove", "ops", "carol"),
        ("admin", "keys", "list", "carol"),
        ("admin", "keys", "create", "carol", "first"),
        ("admin", "keys", "revoke", "k1"),
        ("admin", "audit"),
        ("me",),
        ("share", "alice:x", "bob"),
        ("grants", "list"),
        ("grants", "revoke", "g1"),
        ("keys", "list"),
        ("keys", "create", "first"),
        ("keys", "revoke", "k1"),
        ("collections", "create", "x"),
        ("collections", "delete", "x", "--yes"),
        ("show", "x"),
        ("jobs", "list"),
        ("jobs", "show", "j1"),
        ("jobs", "cancel", "j1"),
        ("profiles", "list"),
    ],
)
def test_json_is_all_that_is_on_standard_output(rs, server, arguments):
    job = {"jobID": "j1", "status": "dismissed"}
    grant = {"id": "g1", "subject": "user:bob", "resource": "catalog:alice:x", "actions": ["read"]}
    for method, path, answer in (
        ("POST", "/access/users", USER),
        ("GET", "/access/users", {"users": [USER]}),
        ("PATCH", "/access/users/carol", USER),
        ("GET", "/access/groups", {"groups": []}),
        ("PUT", "/access/groups/ops/members/carol", {}),
        ("DELETE", "/access/groups/ops/members/carol", {}),
        ("GET", "/access/keys", {"keys": [KEY]}),
        ("POST", "/access/keys", KEY | {"key": "rss_new"}),
        ("DELETE", "/access/keys/k1", {}),
        ("GET", "/access/audit", {"entries": [ENTRY]}),
        ("GET", "/access/me", {"user": "alice"}),
        ("PUT", "/access/grants", grant),
        ("GET", "/access/grants", {"grants": [grant]}),
        ("DELETE", "/access/grants/g1", {}),
        ("POST", "/catalog/collections", {"id": "alice:x"}),
        ("DELETE", "/catalog/collections/x", {}),
        ("GET", "/catalog/collections/x", {"id": "alice:x"}),
        ("GET", "/jobs", {"jobs": [job]}),
        ("GET", "/jobs/j1", job),
        ("DELETE", "/jobs/j1", job),
    ):
        server.on(method, path, answer)
    result = rs(*arguments, "--json")
    assert result.exit_code == 0, result.output
    json.loads(result.stdout)


def test_every_command_has_json_or_only_changes_what_is_here():
    def commands(group, path=()):
        for found in group.registered_commands:
            yield (*path, found.name), found.callback
        for sub in group.registered_groups:
            yield from commands(sub.typer_instance, (*path, sub.name))

    without = {path for path, callback in commands(app) if "as_json" not in callback.__annotations__}
    assert without == {("profiles", "use")}
