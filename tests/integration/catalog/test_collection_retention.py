"""A collection keeps items for as many days as it says, unless an item says when it expires."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from rs_server.catalog.retention import Retention

from .conftest import World, collection, ids, item, s3_asset

PLACE = "/collections/s1/items/one"


@pytest.fixture
async def alice(world: World) -> httpx.AsyncClient:
    client = world.as_user("alice")
    answer = await client.post("/collections", json=collection("s1", **{"rs:retention_days": 30}))
    assert answer.status_code == 201, answer.text
    assert answer.json()["rs:retention_days"] == 30
    return client


async def write(client: httpx.AsyncClient, **properties: Any) -> dict[str, Any]:
    answer = await client.post("/collections/s1/items", json=item("one", **properties))
    assert answer.status_code == 201, answer.text
    stored: dict[str, Any] = answer.json()["properties"]
    return stored


def days_kept(properties: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(properties["expires"]) - datetime.fromisoformat(properties["updated"])


async def test_items_expire_when_the_collection_says(world: World, alice: httpx.AsyncClient) -> None:
    world.objects.keys["alice/s1/one/data"] = 1
    answer = await alice.post("/collections/s1/items", json=item("one", assets={"data": s3_asset("alice/s1/one/data")}))
    properties = answer.json()["properties"]
    assert days_kept(properties) == timedelta(days=30)
    before = datetime.fromisoformat(properties["expires"]) - timedelta(milliseconds=1)
    await Retention(world.catalog, lambda: before.isoformat().replace("+00:00", "Z")).run(lambda: 100)
    assert ids(await alice.get("/search")) == ["one"]
    await Retention(world.catalog, lambda: properties["expires"]).run(lambda: 100)
    await world.catalog.engine.refresh(world.catalog.indices.items)
    assert ids(await alice.get("/search")) == []
    assert not world.objects.keys


@pytest.mark.parametrize("expires", ["2031-01-01T00:00:00Z", None])
async def test_an_items_own_word_counts(alice: httpx.AsyncClient, expires: str | None) -> None:
    assert (await write(alice, expires=expires))["expires"] == expires


async def test_writing_the_same_again_changes_nothing_and_a_change_starts_the_days_anew(
    alice: httpx.AsyncClient,
) -> None:
    first = await write(alice)
    again = (await alice.put(PLACE, json=item("one"))).json()["properties"]
    assert again == first
    changed = (await alice.put(PLACE, json=item("one", platform="x"))).json()["properties"]
    assert changed["expires"] > first["expires"]
    assert days_kept(changed) == timedelta(days=30)
    patched = (await alice.patch(PLACE, json={"properties": {"platform": "y"}})).json()["properties"]
    assert patched["expires"] == changed["expires"]
    renewed = (await alice.patch(PLACE, json={"properties": {"expires": None}})).json()["properties"]
    assert days_kept(renewed) == timedelta(days=30)


async def test_a_new_retention_is_for_what_is_written_from_then_on(alice: httpx.AsyncClient) -> None:
    first = await write(alice)
    assert (await alice.patch("/collections/s1", json={"rs:retention_days": 60})).status_code == 200
    assert (await alice.get(PLACE)).json()["properties"]["expires"] == first["expires"]
    longer = (await alice.put(PLACE, json=item("one", platform="x"))).json()["properties"]
    assert days_kept(longer) == timedelta(days=60)
    assert (await alice.patch("/collections/s1", json={"rs:retention_days": None})).status_code == 200
    assert "expires" not in (await alice.put(PLACE, json=item("one"))).json()["properties"]


async def test_many_items_are_kept_alike(alice: httpx.AsyncClient) -> None:
    body = {"items": {name: item(name) for name in ("a", "b")}, "method": "insert"}
    assert (await alice.post("/collections/s1/bulk_items", json=body)).json()["success"] == 2
    for name in ("a", "b"):
        stored = (await alice.get(f"/collections/s1/items/{name}")).json()["properties"]
        assert days_kept(stored) == timedelta(days=30)


@pytest.mark.parametrize("days", [0, -1, 36501, 1.5, "30", True, [30]])
async def test_what_is_no_number_of_days_is_refused(world: World, days: object) -> None:
    answer = await world.as_user("alice").post("/collections", json=collection("s2", **{"rs:retention_days": days}))
    assert answer.status_code == 400
    assert "rs:retention_days" in answer.json()["description"]
