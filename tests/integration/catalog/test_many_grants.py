"""Somebody with whom thousands of collections are shared finds what is in those, and nothing else."""

from __future__ import annotations

from rs_server.catalog.engine.client import BulkWrite
from rs_server.catalog.numbers import numbers_of
from rs_server.catalog.rights_clause import MANY
from rs_server.catalog.times import interval_of

from .conftest import World, item


async def test_thousands_of_shared_collections(world: World) -> None:
    numbered = await numbers_of(world.catalog.engine, world.catalog.indices)
    assert numbered
    shared, hidden = ([f"alice:{kind}-{number:05}" for number in range(3000)] for kind in ("shared", "hidden"))
    writes = []
    for name in (*shared[::10], *hidden[::10]):
        body = item("one", owner="alice")
        stored = {"collection": name, "rs_collection": numbered(name), "rs_interval": interval_of(body["properties"])}
        writes.append(BulkWrite("create", f"{name}|one", body | stored))
    await world.catalog.engine.bulk(world.catalog.indices.items, writes, "true")
    for name in shared:
        world.grants.give("user:bob", f"catalog:{name}", "read")
    found = await world.as_user("bob").get("/search?limit=1000")
    assert sorted(feature["collection"] for feature in found.json()["features"]) == shared[::10]
    count = await world.as_user("bob").get("/aggregate?aggregations=total_count")
    assert count.json()["aggregations"][0]["value"] == 300
    named = {"collections": [shared[0], hidden[0]]}
    some = (await world.as_user("bob").post("/search", json=named)).json()
    assert [feature["collection"] for feature in some["features"]] == [shared[0]]
    assert "rs_collection" not in str(some)


async def test_written_items_carry_their_collections_number(world: World) -> None:
    alice = world.as_user("alice")
    for name in ("one", "two"):
        body = {"type": "Collection", "stac_version": "1.1.0", "id": name, "description": name, "license": "other"}
        extent = {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}}
        assert (await alice.post("/collections", json=body | {"extent": extent, "links": []})).status_code == 201
        assert (await alice.post(f"/collections/{name}/items", json=item("x"))).status_code == 201
    for number in range(MANY + 1):
        world.grants.give("user:bob", f"catalog:carol:none-{number}", "read")
    world.grants.give("user:bob", "catalog:alice:two", "read")
    found = (await world.as_user("bob").get("/search")).json()["features"]
    assert [feature["collection"] for feature in found] == ["alice:two"]
