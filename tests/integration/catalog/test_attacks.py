"""Ways around the rights that somebody may try: odd paths, members of the server's, preconditions as questions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rs_server.access.principals import Principal, Scope
from rs_server.access.resources import ResourcePattern

from .conftest import World, collection, ids, item, make, s3_asset

SECRET = "TOPSECRET"


@pytest.fixture
async def bob(world: World) -> httpx.AsyncClient:
    """bob may do everything with one collection of alice's, and nothing with another."""
    alice = world.as_user("alice")
    world.objects.keys["alice/hidden/one/data"] = 1
    hidden = item("one", title=SECRET, assets={"data": s3_asset("alice/hidden/one/data")})
    await make(alice, "hidden", [hidden])
    await make(alice, "shown", [item("one")])
    world.grants.give("user:bob", "catalog:alice:shown", "read", "download", "write", "manage")
    return world.as_user("bob")


@pytest.mark.parametrize(
    "path",
    [
        "alice:hidden/",
        "alice%3Ahidden",
        "alice%3ahidden/items/one",
        "alice%253Ahidden",
        "ALICE:hidden",
        "alice:HIDDEN",
        "alice:hidden%00",
        "alice:hidden%20",
        "alice:hidden*",
        "*:hidden",
        "alice:*",
        "alice:hidden,alice:shown",
        "alice:shown%2F..%2Fhidden",
        "alice:shown/../alice:hidden",
        "alice:shown/%2e%2e/alice:hidden",
        "alice:shown//items/../../alice:hidden/items/one",
        "alice:shown/items/..%2F..%2Falice:hidden%2Fitems%2Fone",
        "alice:shown/items/one%7Calice:hidden%7Cone",
        "alice:shown%7Cone/items/one",
        "alice:hidden/items/one/download/data",
        "alice:shown/items/..%2Fhidden%2Fone/download/data",
        "alice:hidden;alice:shown",
        "alice\uff1ahidden",
    ],
)
async def test_no_spelling_of_a_path_leads_to_what_is_hidden(bob: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "DELETE"):
        answer = await bob.request(method, f"/collections/{path}", headers={"if-match": "*"})
        assert answer.status_code in {400, 404, 405}, (method, answer.status_code)
        assert SECRET not in answer.text


@pytest.mark.parametrize("if_match", ["*", '"0"', 'W/"0"'])
async def test_a_precondition_asks_nothing_of_what_is_hidden(bob: httpx.AsyncClient, if_match: str) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        answers = [
            await bob.request(
                method, f"/collections/alice:{name}/items/one", json=item("one"), headers={"if-match": if_match}
            )
            for name in ("hidden", "nothing")
        ]
        words = [answer.json()["description"].replace("hidden", "nothing") for answer in answers]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert words[0] == words[1]


async def test_an_item_stays_its_owners_whatever_is_written_into_it(world: World, bob: httpx.AsyncClient) -> None:
    place = "/collections/alice:shown/items/one"
    forged: dict[str, Any] = {"owner": "bob", "rs_deleting": True, "rs_interval": None, "rs:owner": "bob"}
    assert (await bob.patch(place, json={"properties": {"owner": "bob"}, **forged})).status_code == 200
    assert (
        await bob.put(place, json=item("one", owner="bob", created="1999-01-01T00:00:00Z") | forged)
    ).status_code == 200
    shown = (await world.as_user("alice").get(place)).json()
    assert shown["properties"]["owner"] == "alice"
    assert shown["properties"]["created"] > "2020"
    world.grants.grants.clear()
    assert ids(await bob.get("/search")) == []
    assert (await bob.get(place)).status_code == 404


async def test_a_collection_stays_its_owners_whatever_is_written_into_it(world: World, bob: httpx.AsyncClient) -> None:
    forged = {"owner": "bob", "rs_deleting": True}
    assert (await bob.put("/collections/alice:shown", json=collection("alice:shown", **forged))).status_code == 200
    assert (await bob.patch("/collections/alice:shown", json=forged)).status_code == 200
    assert (await bob.patch("/collections/alice:shown", json={"id": "bob:shown"})).status_code == 400
    world.grants.grants.clear()
    assert (await bob.get("/collections")).json()["collections"] == []
    assert (await world.as_user("alice").get("/collections/shown")).json()["owner"] == "alice"


async def test_no_batch_reaches_beyond_its_collection(world: World, bob: httpx.AsyncClient) -> None:
    there = item("two") | {"collection": "alice:hidden"}
    batch = {"type": "FeatureCollection", "features": [item("three"), there]}
    answer = await bob.post("/collections/alice:shown/items", json=batch)
    assert [fate["status"] for fate in answer.json()["items"]] == ["created", "refused"]
    bulk = {"items": {"four": item("four") | {"collection": "alice:hidden"}, "x": there}, "method": "upsert"}
    assert (await bob.post("/collections/alice:shown/bulk_items", json=bulk)).json()["success"] == 0
    assert (await bob.put("/collections/alice:shown/items/two", json=there)).status_code in {400, 404}
    assert (await world.as_user("alice").get("/collections/hidden/items")).json()["numberMatched"] == 1


async def test_no_asset_leads_to_somebody_elses_object(bob: httpx.AsyncClient) -> None:
    stolen = "s3://rs-bucket/alice/hidden/one/data"
    for assets in (
        {"data": {"href": stolen}},
        {"data": {"href": "https://x.test", "alternate": {"s3": {"href": stolen}}}},
        {"data": {"href": "s3://rs-bucket/alice/shown/one/../../hidden/one/data"}},
        {"data": {"href": "s3://rs-bucket//alice/hidden/one/data"}},
        {"data": {"href": "s3://rs-bucket/alice/shown/one/%2e%2e/data"}},
    ):
        answer = await bob.patch("/collections/alice:shown/items/one", json={"assets": assets})
        assert answer.status_code == 400, assets
    assert (await bob.get("/collections/alice:shown/items/one/download/data")).status_code == 404


async def test_a_grant_on_a_prefix_is_none_on_its_neighbours(world: World, bob: httpx.AsyncClient) -> None:
    world.grants.give("user:bob", "catalog:alice:hid", "read")
    world.grants.give("user:bob", "catalog:alice:hidden-*", "read")
    world.grants.give("user:bob", "catalog:al:*", "read")
    assert ids(await bob.get("/search")) == ["one"]
    assert (await bob.get("/collections/alice:hidden")).status_code == 404


async def test_a_narrowed_key_does_not_gain_from_the_rights_of_its_user(world: World, bob: httpx.AsyncClient) -> None:
    scope = Scope(
        frozenset({"read"}), (ResourcePattern.parse("catalog:alice:*"), ResourcePattern.parse("catalog:bob:*"))
    )
    narrowed = world.as_principal(Principal("bob", admin=True, scope=scope))
    assert (await narrowed.get("/collections/alice:shown/items/one")).status_code == 200
    assert (await narrowed.patch("/collections/alice:shown", json={"title": "x"})).status_code == 403
    assert (await narrowed.get("/collections/carol:any")).status_code == 404
