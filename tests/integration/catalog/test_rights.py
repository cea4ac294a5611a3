"""Who gets what answer on every route: expectations from the rules of rights (docs), not from the code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from rs_server.access.principals import ANONYMOUS, Principal, Scope
from rs_server.access.resources import ResourcePattern

from .conftest import World, collection, ids, item, make, s3_asset

PEOPLE = {
    "owner": Principal("alice"),
    "admin": Principal("root", admin=True),
    "reader": Principal("reader"),
    "downloader": Principal("downloader"),
    "writer": Principal("writer"),
    "manager": Principal("manager"),
    "group member": Principal("member", groups=frozenset({"team"})),
    "read-only key of the owner": Principal(
        "alice", scope=Scope(frozenset({"read"}), (ResourcePattern.parse("catalog:*:*"),))
    ),
    "owner's key for something else": Principal(
        "alice",
        scope=Scope(frozenset({"read", "download", "write", "manage"}), (ResourcePattern.parse("catalog:alice:x"),)),
    ),
    "stranger": Principal("stranger"),
    "anonymous": ANONYMOUS,
}


@dataclass(frozen=True)
class Route:
    """A route, what it needs, and how it answers those who have it."""

    name: str
    action: str
    method: str
    path: str
    success: int
    body: Any = None


C = "/collections/alice:private"
FILTER = {"op": "=", "args": [{"property": "platform"}, "sentinel-1a"]}
ROUTES = (
    Route("collection", "read", "GET", C, 200),
    Route("items", "read", "GET", f"{C}/items", 200),
    Route("item", "read", "GET", f"{C}/items/one", 200),
    Route("queryables", "read", "GET", f"{C}/queryables", 200),
    Route("sortables", "read", "GET", f"{C}/sortables", 200),
    Route("aggregations", "read", "GET", f"{C}/aggregations", 200),
    Route("aggregations by POST", "read", "POST", f"{C}/aggregations", 200),
    Route("aggregate", "read", "GET", f"{C}/aggregate?aggregations=total_count", 200),
    Route("aggregate by POST", "read", "POST", f"{C}/aggregate", 200, {"aggregations": ["total_count"]}),
    Route("download", "download", "GET", f"{C}/items/one/download/data", 302),
    Route("create item", "write", "POST", f"{C}/items", 201, item("new")),
    Route("bulk", "write", "POST", f"{C}/bulk_items", 200, {"items": {"new": item("new")}, "method": "upsert"}),
    Route("replace item", "write", "PUT", f"{C}/items/one", 200, item("one", platform="sentinel-1b")),
    Route("patch item", "write", "PATCH", f"{C}/items/one", 200, {"properties": {"platform": "sentinel-1c"}}),
    Route("delete item", "write", "DELETE", f"{C}/items/one", 204),
    Route("replace collection", "manage", "PUT", C, 200, collection("alice:private", title="New")),
    Route("patch collection", "manage", "PATCH", C, 200, {"title": "Newer"}),
    Route("delete collection", "manage", "DELETE", C, 204),
)

ALLOWED = {
    "owner": {"read", "download", "write", "manage"},
    "admin": {"read", "download", "write", "manage"},
    "reader": {"read"},
    "downloader": {"download"},
    "writer": {"write"},
    "manager": {"manage"},
    "group member": {"read", "write"},
    "read-only key of the owner": {"read"},
    "owner's key for something else": set(),
    "stranger": set(),
}


def expected(person: str, route: Route) -> int:
    """No action implies another; any action makes a thing seen; anonymous callers get 401 whatever there is."""
    if person == "anonymous":
        return 401
    if (route.name, person) in {("patch item", "writer"), ("patch collection", "manager")}:
        return 204  # done, and not shown: no action implies reading
    if route.action in ALLOWED[person]:
        return route.success
    return 403 if ALLOWED[person] else 404


async def ask(client: httpx.AsyncClient, route: Route) -> httpx.Response:
    return await client.request(route.method, route.path, json=route.body)


def share(world: World) -> None:
    for person in ("reader", "downloader", "writer", "manager"):
        world.grants.give(f"user:{person}", "catalog:alice:private", *ALLOWED[person])
    world.grants.give("group:team", "catalog:alice:private", "read", "write")


async def fill(world: World) -> None:
    world.objects.keys["alice/private/one/data"] = 3
    one = item("one", platform="sentinel-1a", assets={"data": s3_asset("alice/private/one/data")})
    await make(world.as_user("alice"), "private", [one])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_every_route_asks_for_its_right(world: World, route: Route) -> None:
    await fill(world)
    share(world)
    answers = {}
    for person in (*sorted(set(PEOPLE) - set(ALLOWED)), *sorted(ALLOWED, key=lambda who: route.action in ALLOWED[who])):
        if route.action in ALLOWED.get(person, ()) and route.method != "GET":
            await world.as_user("alice").delete(C)
            await fill(world)
        answers[person] = (await ask(world.as_principal(PEOPLE[person]), route)).status_code
    assert answers == {person: expected(person, route) for person in PEOPLE}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_what_is_hidden_is_said_to_be_absent_in_the_same_words(world: World, route: Route) -> None:
    stranger = world.as_user("stranger")
    absent = await ask(stranger, route)
    await fill(world)
    hidden = await ask(stranger, route)
    assert absent.status_code == hidden.status_code == 404
    assert absent.json() | {"request_id": ""} == hidden.json() | {"request_id": ""}


async def test_what_is_public_needs_no_credential(world: World) -> None:
    await fill(world)
    world.grants.give("public", "catalog:alice:private", "read", "download")
    assert ids(await world.anonymous.get("/search")) == ["one"]
    assert (await world.anonymous.get(f"{C}/items/one/download/data")).status_code == 302
    assert (await world.anonymous.delete(f"{C}/items/one")).status_code == 401


async def test_collections_are_made_by_their_owner(world: World) -> None:
    stranger, bob = world.as_user("stranger"), world.as_user("bob")
    assert (await stranger.post("/collections", json=collection("alice:new"))).status_code == 404
    assert (await world.anonymous.post("/collections", json=collection("alice:new"))).status_code == 401
    world.grants.give("user:bob", "catalog:alice:shared-*", "manage")
    assert (await bob.post("/collections", json=collection("alice:shared-1"))).status_code == 201
    assert (await bob.post("/collections", json=collection("alice:other"))).status_code == 404


async def test_a_write_grant_on_everything_makes_no_collections(world: World) -> None:
    world.grants.give("user:bob", "catalog:alice:*", "read", "write")
    answer = await world.as_user("bob").post("/collections", json=collection("alice:new"))
    assert answer.status_code == 403


async def test_a_withdrawn_grant_works_no_more(world: World) -> None:
    await fill(world)
    world.grants.give("user:bob", "catalog:alice:private", "read")
    assert ids(await world.as_user("bob").get("/search")) == ["one"]
    world.grants.grants.clear()
    assert ids(await world.as_user("bob").get("/search")) == []
