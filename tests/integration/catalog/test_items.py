"""Items: written, read, changed, deleted, downloaded."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from .conftest import BASE, World, ids, item, make, s3_asset

KEY = "alice/s1-l0/one/data.raw"


@pytest.fixture
async def alice(world: World) -> httpx.AsyncClient:
    client = world.as_user("alice")
    world.objects.keys[KEY] = 10
    await make(client, "s1-l0", [item("one", assets={"data": s3_asset(KEY, title="Data")})])
    return client


async def test_an_item_is_found_where_it_was_put(world: World) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1-l0")
    world.objects.keys[KEY] = 10
    sent = item("one", assets={"data": s3_asset(KEY, title="Data")}, owner="mallory", created="1999-01-01T00:00:00Z")

    made = await alice.post("/collections/s1-l0/items", json=sent)

    address = f"{BASE}/catalog/collections/alice:s1-l0/items/one"
    assert made.status_code == 201, made.text
    assert made.headers["location"] == address
    read = await alice.get("/collections/alice:s1-l0/items/one")
    assert read.headers["content-type"] == "application/geo+json"
    assert read.headers["etag"] == made.headers["etag"]
    shown = read.json()
    assert shown == made.json()
    assert shown["collection"] == "alice:s1-l0"
    assert shown["properties"]["owner"] == "alice"
    assert shown["properties"]["created"] == shown["properties"]["published"] == shown["properties"]["updated"]
    assert shown["properties"]["created"] > "2024"
    assert shown["assets"]["data"]["href"] == f"{address}/download/data"
    assert shown["assets"]["data"]["alternate"]["s3"]["href"] == f"s3://rs-bucket/{KEY}"
    assert shown["assets"]["data"]["title"] == "Data"
    assert ids(await alice.get("/search")) == ["one"]
    assert ids(await alice.get("/collections/s1-l0/items")) == ["one"]


async def test_many_items_at_once(alice: httpx.AsyncClient) -> None:
    body = {"type": "FeatureCollection", "features": [item("two"), item("one"), item("three"), item("two")]}
    answer = await alice.post("/collections/s1-l0/items", json=body)
    assert answer.status_code == 207
    fates = [(entry["id"], entry["status"]) for entry in answer.json()["items"]]
    assert fates == [("two", "created"), ("one", "refused"), ("three", "created"), ("two", "refused")]
    assert sorted(ids(await alice.get("/search"))) == ["one", "three", "two"]


async def test_bulk(alice: httpx.AsyncClient) -> None:
    batch = {"one": item("one"), "two": item("two"), "bad": item("bad", datetime="soon"), "none": 5}
    inserted = (await alice.post("/collections/s1-l0/bulk_items", json={"items": batch})).json()
    assert (inserted["received"], inserted["success"], inserted["skipped"]) == (4, 1, 1)
    assert [error["id"] for error in inserted["errors"]] == ["one", "bad", "none"]
    upsert = {"items": {"one": item("one", platform="x"), "two": item("two")}, "method": "upsert"}
    assert (await alice.post("/collections/s1-l0/bulk_items", json=upsert)).json()["success"] == 2
    changed = (await alice.get("/collections/s1-l0/items/one")).json()
    assert changed["properties"]["platform"] == "x"
    assert changed["assets"] == {}


async def test_an_item_that_exists_is_not_created_again(alice: httpx.AsyncClient) -> None:
    answer = await alice.post("/collections/s1-l0/items", json=item("one"))
    assert answer.status_code == 409
    assert answer.json()["code"] == "Conflict"


async def test_the_same_id_in_two_collections_is_two_items(world: World, alice: httpx.AsyncClient) -> None:
    bob = world.as_user("bob")
    await make(bob, "s1-l0", [item("one", platform="bobs")])
    await make(alice, "s1", [item("one", platform="other")])
    assert (await alice.delete("/collections/s1/items/one")).status_code == 204
    assert (await alice.get("/collections/s1-l0/items/one")).status_code == 200
    assert (await bob.get("/collections/s1-l0/items/one")).json()["properties"]["platform"] == "bobs"


async def test_replacing(alice: httpx.AsyncClient) -> None:
    before = (await alice.get("/collections/s1-l0/items/one")).json()
    before["properties"]["platform"] = "sentinel-1a"
    answer = await alice.put("/collections/s1-l0/items/one", json=before)
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert after["properties"]["platform"] == "sentinel-1a"
    assert after["properties"]["created"] == before["properties"]["created"]
    assert after["properties"]["updated"] > before["properties"]["updated"]
    assert after["assets"] == before["assets"]
    assert after["links"] == before["links"]
    assert (await alice.put("/collections/s1-l0/items/two", json=item("two"))).status_code == 404
    assert (await alice.put("/collections/s1-l0/items/one", json=item("two"))).status_code == 400
    moved = item("one") | {"collection": "bob:s1-l0"}
    assert (await alice.put("/collections/s1-l0/items/one", json=moved)).status_code == 400


async def test_an_item_may_be_sent_without_what_the_server_makes(alice: httpx.AsyncClient) -> None:
    """Partial items, of the transaction extension; what is stored is a whole one."""
    place, partial = "/collections/s1-l0/items", item("two")
    for name in ("links", "assets", "stac_version"):
        del partial[name]
    answer = await alice.post(place, json=partial)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["stac_version"], made["assets"]) == ("1.1.0", {})
    assert [link["rel"] for link in made["links"]] == ["self", "root", "parent", "collection"]
    many = {"type": "FeatureCollection", "features": [partial | {"id": "three"}]}
    assert (await alice.post(place, json=many)).status_code == 201
    del partial["id"]
    answer = await alice.put(f"{place}/two", json=partial | {"properties": {"datetime": "2025-01-01T00:00:00Z"}})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["id"], answer.json()["properties"]["datetime"]) == ("two", "2025-01-01T00:00:00Z")
    assert (await alice.post(place, json=partial)).status_code == 400

    bare = {"type": "Feature", "properties": {"datetime": "2025-01-01T00:00:00Z"}}
    assert (await alice.post("/collections/s1-l0/bulk_items", json={"items": {"bare": bare}})).json()["success"] == 1
    shown = (await alice.get(f"{place}/bare")).json()
    assert (shown["stac_version"], shown["geometry"], shown["assets"]) == ("1.1.0", None, {})


@pytest.mark.parametrize("place", ["/collections/s1-l0/items/one", "/collections/s1-l0"])
async def test_who_prefers_it_is_not_shown_what_he_has_changed(alice: httpx.AsyncClient, place: str) -> None:
    prefer = {"prefer": "respond-async, Return=Minimal; x=1"}
    body = (await alice.get(place)).json()
    changes = {"properties": {"platform": "x"}} if "/items/" in place else {"title": "x"}
    for method, sent in (("PUT", body | {"description": "x"}), ("PATCH", changes)):
        answer = await alice.request(method, place, json=sent, headers=prefer)
        assert (answer.status_code, answer.content) == (204, b""), answer.text
        assert answer.headers["preference-applied"] == "return=minimal"
        assert answer.headers["etag"] == (await alice.get(place)).headers["etag"]


@pytest.mark.parametrize(
    ("patch", "platform", "title"),
    [
        ({"properties": {"platform": "x"}}, "x", "Data"),
        ({"assets": {"data": {"title": None}}}, None, None),
        ([{"op": "add", "path": "/properties/platform", "value": "y"}], "y", "Data"),
        ([{"op": "remove", "path": "/assets/data/title"}], None, None),
    ],
)
async def test_patching(alice: httpx.AsyncClient, patch: Any, platform: str | None, title: str | None) -> None:
    kind = "application/json-patch+json" if isinstance(patch, list) else "application/merge-patch+json"
    headers = {"content-type": kind}
    answer = await alice.request("PATCH", "/collections/s1-l0/items/one", json=patch, headers=headers)
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["properties"].get("platform") == platform
    assert shown["assets"]["data"].get("title") == title
    assert shown["assets"]["data"]["alternate"]["s3"]["href"] == f"s3://rs-bucket/{KEY}"


@pytest.mark.parametrize(
    "patch",
    [
        {"id": "other"},
        {"collection": "bob:x"},
        {"properties": None},
        {"properties": {"datetime": "soon"}},
        {"assets": {"data": {"href": "s3://rs-bucket/bob/x/one/data"}}},
    ],
)
async def test_a_patch_leaves_an_item(alice: httpx.AsyncClient, patch: dict[str, Any]) -> None:
    before = (await alice.get("/collections/s1-l0/items/one")).json()
    answer = await alice.request("PATCH", "/collections/s1-l0/items/one", json=patch)
    assert answer.status_code == 400, answer.text
    assert (await alice.get("/collections/s1-l0/items/one")).json() == before


async def test_a_writer_who_may_not_read_is_not_shown_what_is_stored(world: World, alice: httpx.AsyncClient) -> None:
    world.grants.give("user:bob", "catalog:alice:s1-l0", "write")
    patch = {"properties": {"platform": "x"}}
    answer = await world.as_user("bob").request("PATCH", "/collections/alice:s1-l0/items/one", json=patch)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await alice.get("/collections/s1-l0/items/one")).json()["properties"]["platform"] == "x"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/properties/platform", "value": "secret"},
        {"op": "copy", "from": "/properties/platform", "path": "/properties/datetime"},
        {"op": "move", "from": "/properties/platform", "path": "/collection"},
    ],
)
async def test_a_writer_who_may_not_read_cannot_ask_by_patches(
    world: World, alice: httpx.AsyncClient, operation: dict[str, Any]
) -> None:
    await alice.patch("/collections/s1-l0/items/one", json={"properties": {"platform": "secret"}})
    world.grants.give("user:bob", "catalog:alice:s1-l0", "write")
    for patch in ([operation], [{"op": "add", "path": "/properties/x", "value": 1}, operation]):
        answer = await world.as_user("bob").patch("/collections/alice:s1-l0/items/one", json=patch)
        assert answer.status_code == 403
        assert "secret" not in answer.text
    world.grants.give("user:carol", "catalog:alice:s1-l0", "manage")
    on_collection = [{"op": "test", "path": "/description", "value": "x"}]
    assert (await world.as_user("carol").patch("/collections/alice:s1-l0", json=on_collection)).status_code == 403


@pytest.mark.parametrize("local_path", [5, {"a": 1}, None, ""])
async def test_an_odd_name_for_downloads_is_passed_over(alice: httpx.AsyncClient, local_path: object) -> None:
    patch = {"assets": {"data": {"file:local_path": local_path}}}
    assert (await alice.patch("/collections/s1-l0/items/one", json=patch)).status_code == 200
    assert (await alice.get("/collections/s1-l0/items/one/download/data")).status_code == 302


async def test_deleting_takes_the_objects_along(world: World, alice: httpx.AsyncClient) -> None:
    world.objects.keys |= {"alice/s1-l0/one-more/data": 1, "alice/s1-l0/one/other": 1}
    assert (await alice.delete("/collections/s1-l0/items/one")).status_code == 204
    assert set(world.objects.keys) == {"alice/s1-l0/one-more/data"}
    assert (await alice.get("/collections/s1-l0/items/one")).status_code == 404
    assert (await alice.delete("/collections/s1-l0/items/one")).status_code == 404
    assert ids(await alice.get("/search")) == []


async def test_download(alice: httpx.AsyncClient) -> None:
    shown = (await alice.get("/collections/s1-l0/items/one")).json()
    answer = await alice.get(shown["assets"]["data"]["href"], headers={"origin": "https://browser.test"})
    assert answer.status_code == 302
    address = urlsplit(answer.headers["location"])
    query = parse_qs(address.query)
    assert address.path.endswith(KEY)
    assert "rs-bucket" in address.netloc + address.path
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["900"]
    assert query["response-content-disposition"] == ['attachment; filename="data.raw"']
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["one/download/other", "one/download/linked", "two/download/data"])
async def test_what_is_not_there_cannot_be_downloaded(alice: httpx.AsyncClient, path: str) -> None:
    linked = {"assets": {"linked": {"href": "https://elsewhere.test/file"}}}
    assert (await alice.request("PATCH", "/collections/s1-l0/items/one", json=linked)).status_code == 200
    answer = await alice.get(f"/collections/s1-l0/items/{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "NotFound"


@pytest.mark.parametrize(
    "asset",
    [
        s3_asset("alice/s1-l0/other/data.raw"),
        s3_asset("alice/s1-l0/new-but-longer/data.raw"),
        s3_asset("alice/s1-l0/new/"),
        s3_asset("alice/s1-l0/new"),
        s3_asset("alice/s1-l0/new/absent.raw"),
        s3_asset("bob/secret/new/data.raw"),
        s3_asset("jobs/1/items.json"),
        {"href": "s3://other-bucket/alice/s1-l0/new/data.raw"},
        {"href": "S3://rs-bucket/bob/secret/new/data.raw"},
        {"href": " s3://rs-bucket/bob/secret/new/data.raw"},
        {"href": "https://x.test/", "alternate": {"s3": {"href": "s3://rs-bucket/bob/secret/new/data.raw"}}},
        {"href": "https://x.test/", "alternate": {"copy": {"href": "s3://rs-bucket/bob/secret/new/data.raw"}}},
        {"href": "https://x.test/", "alternate": {"s3": "s3://rs-bucket/bob/secret/new/data.raw"}},
        {"href": ""},
        {"title": "no href"},
        "text",
    ],
)
async def test_an_asset_must_be_the_items_own_and_be_there(world: World, alice: httpx.AsyncClient, asset: Any) -> None:
    world.objects.keys |= {"bob/secret/new/data.raw": 1, "alice/s1-l0/other/data.raw": 1, "jobs/1/items.json": 1}
    answer = await alice.post("/collections/s1-l0/items", json=item("new", assets={"data": asset}))
    assert answer.status_code == 400, answer.text
    assert "data" in answer.json()["description"]
    assert (await alice.get("/collections/s1-l0/items/new")).status_code == 404


async def test_patches_at_the_same_moment_lose_nothing(alice: httpx.AsyncClient) -> None:
    async def add(number: int) -> tuple[str, int]:
        patch = {"properties": {f"x:{number}": number}}
        return f"x:{number}", (await alice.request("PATCH", "/collections/s1-l0/items/one", json=patch)).status_code

    answers = dict(await asyncio.gather(*map(add, range(8))))
    assert set(answers.values()) <= {200, 409}
    stored = (await alice.get("/collections/s1-l0/items/one")).json()["properties"]
    assert {name for name in stored if name.startswith("x:")} == {name for name, code in answers.items() if code == 200}


async def test_optimistic_locking(alice: httpx.AsyncClient) -> None:
    path = "/collections/s1-l0/items/one"
    first = (await alice.get(path)).headers["etag"]
    stale = {"if-match": first}
    changed = await alice.request("PATCH", path, json={"properties": {"platform": "x"}}, headers=stale)
    assert changed.status_code == 200
    current = changed.headers["etag"]
    assert current != first
    for method, body in (("PATCH", {"properties": {"platform": "y"}}), ("PUT", item("one")), ("DELETE", None)):
        answer = await alice.request(method, path, json=body, headers=stale)
        assert answer.status_code == 412, method
        assert answer.json()["code"] == "PreconditionFailed"
    assert (await alice.get(path)).headers["etag"] == current
    any_of_two = {"if-match": f'"0-0", W/{first}, {current}'}
    assert (await alice.put(path, json=item("one"), headers=any_of_two)).status_code == 200
    assert (await alice.delete(path, headers={"if-match": "*"})).status_code == 204


async def test_optimistic_locking_of_collections(alice: httpx.AsyncClient) -> None:
    path = "/collections/s1-l0"
    stale = {"if-match": (await alice.get(path)).headers["etag"]}
    assert (await alice.request("PATCH", path, json={"title": "x"}, headers=stale)).status_code == 200
    assert (await alice.request("PATCH", path, json={"title": "y"}, headers=stale)).status_code == 412
    assert (await alice.delete(path, headers=stale)).status_code == 412
    assert (await alice.get(path)).json()["title"] == "x"
