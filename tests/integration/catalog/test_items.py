"""Items: written, read, changed, deleted."""

from __future__ import annotations

from .conftest import BASE, World, ids, item, make, s3_asset


async def test_an_item_is_found_where_it_was_put(world: World) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1-l0")
    world.objects.keys["alice/s1-l0/one/data.raw"] = 10
    body = item("one", assets={"data": s3_asset("alice/s1-l0/one/data.raw", title="Data")})

    made = await alice.post("/collections/s1-l0/items", json=body)

    address = f"{BASE}/catalog/collections/alice:s1-l0/items/one"
    assert made.status_code == 201, made.text
    assert made.headers["location"] == address
    read = await alice.get("/collections/alice:s1-l0/items/one")
    assert read.status_code == 200
    assert read.headers["content-type"] == "application/geo+json"
    shown = read.json()
    assert shown["collection"] == "alice:s1-l0"
    assert shown["properties"]["owner"] == "alice"
    assert shown["assets"]["data"]["href"] == f"{address}/download/data"
    assert shown["assets"]["data"]["alternate"]["s3"]["href"] == "s3://rs-bucket/alice/s1-l0/one/data.raw"
    assert shown["assets"]["data"]["title"] == "Data"
    assert {entry["rel"]: entry["href"] for entry in shown["links"]}["self"] == address
    assert ids(await alice.get("/search")) == ["one"]
    assert ids(await alice.get("/collections/s1-l0/items")) == ["one"]
