"""Collections: made, found, changed, deleted; and the landing page that leads to them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from .conftest import BASE, World, collection, ids, item, make, s3_asset


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["id"].removeprefix("alice:") for entry in answer.json()["collections"]]


async def test_a_collection_is_found_where_it_was_put(world: World) -> None:
    alice = world.as_user("alice")
    made = await alice.post("/collections", json=collection("s1-l0", title="Raw data", owner="mallory"))
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"{BASE}/catalog/collections/alice:s1-l0"
    for name in ("s1-l0", "alice:s1-l0"):
        shown = (await alice.get(f"/collections/{name}")).json()
        assert (shown["id"], shown["owner"], shown["title"]) == ("alice:s1-l0", "alice", "Raw data")
        assert shown["created"] == shown["updated"]
        links = {entry["rel"]: entry["href"] for entry in shown["links"]}
        assert links["self"] == f"{BASE}/catalog/collections/alice:s1-l0"
        assert links["items"] == f"{BASE}/catalog/collections/alice:s1-l0/items"
        assert links["root"] == f"{BASE}/catalog/"
        assert not [member for member in shown if member.startswith("rs_")]
    assert (await alice.post("/collections", json=collection("s1-l0"))).status_code == 409


async def test_the_landing_page_leads_everywhere(world: World) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1")
    page = (await alice.get("/")).json()
    assert page["type"] == "Catalog"
    links = [(entry["rel"], entry["href"]) for entry in page["links"]]
    assert ("child", f"{BASE}/catalog/collections/alice:s1") in links
    assert ("data", f"{BASE}/catalog/collections") in links
    types = {entry["type"] for entry in page["links"] if entry["rel"] == "search"}
    assert types == {"application/geo+json"}
    assert page["conformsTo"] == (await alice.get("/conformance")).json()["conformsTo"]
    for rel in ("service-desc", "service-doc", "http://www.opengis.net/def/rel/ogc/1.0/queryables"):
        (address,) = (href for name, href in links if name == rel)
        assert (await alice.get(address)).status_code == 200
    assert "https://api.stacspec.org/v1.0.0/item-search#sort" in page["conformsTo"]
    assert "https://api.stacspec.org/v1.1.0/item-search#sort" in page["conformsTo"]


PAGES = (
    "/",
    "/collections",
    "/collections/s1",
    "/collections/s1/items",
    "/collections/s1/items/one",
    "/search?limit=1",
)


@pytest.mark.parametrize("page", PAGES)
async def test_every_link_leads_somewhere(world: World, page: str) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1", [item("one"), item("two")])
    for entry in (await alice.get(page)).json()["links"]:
        if entry.get("method", "GET") == "GET" and entry["rel"] != "aggregate":  # which needs to be told what
            assert (await alice.get(entry["href"])).status_code == 200, entry


@pytest.fixture
async def alice(world: World) -> httpx.AsyncClient:
    client = world.as_user("alice")
    europe = {
        "spatial": {"bbox": [[-10, 35, 30, 70]]},
        "temporal": {"interval": [["2014-01-01T00:00:00Z", "2015-01-01T00:00:00Z"]]},
    }
    asia = {"spatial": {"bbox": [[60, 0, 150, 60]]}, "temporal": {"interval": [["2020-01-01T00:00:00Z", None]]}}
    for body in (
        collection("europe", title="Ice of the North", extent=europe, keywords=["snow"], license="CC-BY-4.0"),
        collection("asia", title="Rivers", description="Floods in the delta", extent=asia),
    ):
        assert (await client.post("/collections", json=body)).status_code == 201
    return client


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({}, ["asia", "europe"]),
        ({"bbox": "0,40,1,41"}, ["europe"]),
        ({"bbox": "-180,-90,180,90"}, ["asia", "europe"]),
        ({"datetime": "2014-06-01T00:00:00Z"}, ["europe"]),
        ({"datetime": "2100-01-01T00:00:00Z/.."}, ["asia"]),
        ({"q": "delta"}, ["asia"]),
        ({"q": "ice"}, ["europe"]),
        ({"q": "snow,rivers"}, ["asia", "europe"]),
        ({"filter": "title = 'Rivers'"}, ["asia"]),
        ({"filter": "owner = 'alice' AND license LIKE 'CC%'"}, ["europe"]),
        ({"query": '{"license": {"eq": "proprietary"}}'}, ["asia"]),
        ({"sortby": "-id"}, ["europe", "asia"]),
        ({"sortby": "title"}, ["europe", "asia"]),
        ({"limit": "1", "sortby": "-title"}, ["asia"]),
    ],
)
async def test_finding_collections(alice: httpx.AsyncClient, parameters: dict[str, str], found: list[str]) -> None:
    answer = await alice.get("/collections", params=parameters)
    assert names(answer) == found


async def test_collections_with_some_members_only(alice: httpx.AsyncClient) -> None:
    answer = await alice.get("/collections?fields=id,title")
    head = {"type": "Collection", "stac_version": "1.1.0", "id": "alice:asia"}
    assert answer.json()["collections"][0] == head | {"title": "Rivers"}


async def test_replacing_keeps_creation_and_identity(alice: httpx.AsyncClient) -> None:
    before = (await alice.get("/collections/asia")).json()
    changed = await alice.put("/collections/asia", json=before | {"title": "Seas"})
    assert changed.status_code == 200, changed.text
    after = changed.json()
    assert (after["title"], after["created"]) == ("Seas", before["created"])
    assert [entry["rel"] for entry in after["links"]] == [entry["rel"] for entry in before["links"]]
    assert (await alice.put("/collections/asia", json=before | {"id": "alice:other"})).status_code == 400
    assert (await alice.put("/collections/nothing", json=collection("nothing"))).status_code == 404


@pytest.mark.parametrize(
    "patch", [{"title": "Seas", "keywords": None}, [{"op": "replace", "path": "/title", "value": "Seas"}]]
)
async def test_patching(alice: httpx.AsyncClient, patch: Any) -> None:
    kind = "application/json-patch+json" if isinstance(patch, list) else "application/merge-patch+json"
    answer = await alice.request("PATCH", "/collections/asia", json=patch, headers={"content-type": kind})
    assert answer.status_code == 200, answer.text
    assert answer.json()["title"] == "Seas"
    assert names(await alice.get("/collections?q=seas")) == ["asia"]


async def test_deleting_takes_items_and_objects_along(world: World) -> None:
    alice, bob = world.as_user("alice"), world.as_user("bob")
    world.objects.keys |= {"alice/s1/one/data": 1, "alice/s1-l0/one/data": 1, "bob/s1/one/data": 1}
    for client, owner in ((alice, "alice"), (bob, "bob")):
        await make(client, "s1", [item("one", assets={"data": s3_asset(f"{owner}/s1/one/data")})])
    await make(alice, "s1-l0", [item("two")])

    assert (await alice.delete("/collections/s1")).status_code == 204

    assert (await alice.get("/collections/s1")).status_code == 404
    assert (await alice.get("/collections/s1/items/one")).status_code == 404
    assert names(await alice.get("/collections")) == ["s1-l0"]
    assert ids(await alice.get("/search")) == ["two"]
    assert ids(await bob.get("/search")) == ["one"]
    assert set(world.objects.keys) == {"alice/s1-l0/one/data", "bob/s1/one/data"}
    assert (await alice.delete("/collections/s1")).status_code == 404
    await make(alice, "s1")


async def test_a_deletion_that_was_cut_short_is_finished_by_repeating_it(world: World) -> None:
    alice = world.as_user("alice")
    world.objects.keys["alice/s1/one/data"] = 1
    await make(alice, "s1", [item("one", assets={"data": s3_asset("alice/s1/one/data")})])
    delete, world.objects.delete_prefix = world.objects.delete_prefix, _fail  # type: ignore[method-assign]  # a fault
    assert (await alice.delete("/collections/s1")).status_code == 500
    assert (await alice.get("/collections/s1")).status_code == 404
    assert ids(await alice.get("/search")) == []
    assert (await alice.post("/collections", json=collection("s1"))).status_code == 409
    assert (await alice.post("/collections/s1/items", json=item("two"))).status_code == 404

    world.objects.delete_prefix = delete  # type: ignore[method-assign]  # the fault is over
    assert (await alice.delete("/collections/s1")).status_code == 204
    assert not world.objects.keys
    await make(alice, "s1")


async def test_items_written_while_their_collection_is_deleted_are_not_left_behind(world: World) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1")
    world.objects.keys["alice/s1/one/data"] = 1
    sizes = world.objects.sizes

    async def sizes_while_it_is_deleted(prefix: str) -> dict[str, int]:
        found = await sizes(prefix)
        assert (await alice.delete("/collections/s1")).status_code == 204
        return found

    world.objects.sizes = sizes_while_it_is_deleted  # type: ignore[method-assign]  # the moment of the race
    new = item("one", assets={"data": s3_asset("alice/s1/one/data")})
    assert (await alice.post("/collections/s1/items", json=new)).status_code == 404
    await world.catalog.engine.refresh(world.catalog.indices.items)
    assert ids(await alice.get("/search")) == []
    await make(alice, "s1")
    assert (await alice.get("/collections/s1/items/one")).status_code == 404


@pytest.mark.parametrize(
    "asset",
    [
        {"href": "s3://rs-bucket/bob/x/y"},
        {"href": " S3://a/b"},
        {"href": "x", "alternate": {"s": {"href": "s3://a/b"}}},
    ],
)
async def test_a_collection_points_at_no_objects(world: World, asset: dict[str, Any]) -> None:
    answer = await world.as_user("alice").post("/collections", json=collection("s1", assets={"thumbnail": asset}))
    assert answer.status_code == 400
    assert "thumbnail" in answer.json()["description"]


async def _fail(prefix: str) -> None:
    raise ConnectionError(prefix)
