"""Keys and grants: what is sent, what is shown, what is never shown."""

from __future__ import annotations

import json

import httpx
import pytest

from rs_client.grants import resource_of, subject_of
from rs_client.keys import Key

GRANT = {"id": "g1", "subject": "user:bob", "resource": "catalog:alice:s1-l0", "actions": ["read"]}
KEY = {"id": "k1", "name": "laptop", "created": "2026-11-23T00:00:00Z", "expires": "2027-02-21T00:00:00Z"}


def test_a_key_is_made_and_only_that_answer_has_it(server, client):
    server.on("POST", "/access/keys", KEY | {"key": "rss_new"}, status=201)
    server.on("GET", "/access/keys", {"keys": [KEY]})
    assert client.keys.create("laptop").secret == "rss_new"
    assert json.loads(server.requests[-1].content) == {"name": "laptop"}
    assert [key.secret for key in client.keys.all()] == [""]


def test_a_key_may_be_narrowed(server, client):
    server.on("POST", "/access/keys", KEY | {"key": "rss_new"}, status=201)
    client.keys.create("reader", expires_in_days=7, actions=["read"], resources=["catalog:alice:*"])
    assert json.loads(server.requests[-1].content) == {
        "name": "reader",
        "expires_in_days": 7,
        "scope": {"actions": ["read"], "resources": ["catalog:alice:*"]},
    }


def test_a_part_of_a_scope_that_is_not_given_does_not_limit(server, client):
    server.on("POST", "/access/keys", KEY | {"key": "rss_new"}, status=201)
    client.keys.create("reader", actions=["read"])
    assert json.loads(server.requests[-1].content)["scope"] == {"actions": ["read"]}


def test_a_key_in_a_log_does_not_show_itself():
    assert "rss_new" not in repr(Key.of(KEY | {"key": "rss_new"}))


def test_a_grant_is_given_listed_and_withdrawn(server, client):
    server.on("PUT", "/access/grants", GRANT)
    server.on("GET", "/access/grants", {"grants": [GRANT]})
    server.on("DELETE", "/access/grants/g1")
    assert client.grants.give("user:bob", "catalog:alice:s1-l0", ["read"]).id == "g1"
    assert json.loads(server.requests[-1].content) == {
        "subject": "user:bob",
        "resource": "catalog:alice:s1-l0",
        "actions": ["read"],
    }
    assert client.grants.find(resource="catalog:alice:s1-l0")[0].actions == ("read",)
    assert dict(server.requests[-1].url.params) == {"resource": "catalog:alice:s1-l0"}
    client.grants.withdraw("g1")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bob", "user:bob"),
        ("user:bob", "user:bob"),
        ("group:calibration", "group:calibration"),
        ("public", "public"),
        ("authenticated", "authenticated"),
    ],
)
def test_a_bare_name_is_a_user(typed, meant):
    assert subject_of(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("s1-l0", "catalog:alice:s1-l0"),
        ("carol:s1-l0", "catalog:carol:s1-l0"),
        ("catalog:carol:s1-*", "catalog:carol:s1-*"),
        ("cadip:mti", "cadip:mti"),
        ("process:staging", "process:staging"),
    ],
)
def test_a_bare_name_is_a_collection_of_the_caller(typed, meant):
    assert resource_of(typed, "alice") == meant


def test_a_long_list_of_grants_is_followed_to_its_end(client, server):
    def page(request: httpx.Request) -> httpx.Response:
        last = request.url.params.get("token") == "t1"
        following = {"rel": "next", "href": "https://rs.example.org/v1/access/grants?resource=&token=t1"}
        grant = GRANT | {"id": "g2" if last else "g1"}
        return httpx.Response(200, json={"grants": [grant], "links": [] if last else [following]})

    server.on("GET", "/access/grants", page)
    assert [grant.id for grant in client.grants.find()] == ["g1", "g2"]
