"""Items that expire and deletions that a crash cuts short, at every call that they make."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
import pytest

from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.catalog.caller import Caller
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import prepare
from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.connections import Connection, Reply, connect
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import ITEMS
from rs_server.catalog.retention import Report, Retention
from rs_server.errors import BackendUnavailable
from rs_server.settings import SearchEngineSettings
from rs_server.stac.ids import CollectionId

from .conftest import MemoryObjects, World, ids, item, make, s3_asset

EXPIRES = "2031-01-01T00:00:00Z"
BEFORE = "2030-12-31T23:59:59.999Z"
AT = "2031-01-01T00:00:00.000Z"
MUCH_LATER = "2031-01-01T00:30:00.000Z"
ALICE = Caller(Rights.of(Principal("alice"), ()))
S1 = CollectionId("alice", "s1")


class Crash(Exception):
    """The process ends here."""


@dataclass
class Steps:
    """Counts what is done to engine and bucket, and crashes before one step of it."""

    crash_at: int
    begun: int = 0

    def begin(self) -> None:
        if self.begun >= self.crash_at:
            raise Crash
        self.begun += 1


@dataclass
class Crashing:
    """The engine's connection, and the bucket, in a process that crashes."""

    steps: Steps
    connection: Connection
    objects: MemoryObjects
    bucket: str = field(default="rs-bucket")

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        self.steps.begin()
        return await self.connection.call(method, path, parameters, body, media_type)

    async def close(self) -> None:
        await self.connection.close()

    async def sizes(self, prefix: str) -> dict[str, int]:
        return await self.objects.sizes(prefix)

    async def delete_prefix(self, prefix: str) -> None:
        self.steps.begin()
        await self.objects.delete_prefix(prefix)


class FailingObjects(MemoryObjects):
    """A bucket that refuses to delete one item's objects."""

    async def delete_prefix(self, prefix: str) -> None:
        if prefix == "alice/s1/bad/":
            raise BackendUnavailable("The storage refused DeleteObjects (AccessDenied).")
        await super().delete_prefix(prefix)


def plenty() -> float:
    return 100


@pytest.fixture
async def alice(world: World) -> httpx.AsyncClient:
    """A catalog with two items that expire, two that do not, and the object of each."""
    client = world.as_user("alice")
    names = ("old", "older", "young", "kept")
    world.objects.keys |= {f"alice/s1/{name}/data": 1 for name in names}
    assets = {name: {"data": s3_asset(f"alice/s1/{name}/data")} for name in names}
    items = [
        item("old", assets=assets["old"], expires=EXPIRES),
        item("older", assets=assets["older"], expires="2030-06-01T00:00:00.000001Z"),
        item("young", assets=assets["young"], expires="9999-12-31T23:59:59Z"),
        item("kept", assets=assets["kept"]),
    ]
    await make(client, "s1", items)
    return client


async def crash(world: World, search_engine: SearchEngineSettings, step: int, what: str) -> bool:
    """Do `what` in a process that crashes before a step; says whether it got that far."""
    connection = connect(search_engine.search_engine, search_engine.search_engine_url, {})
    process = Crashing(Steps(step), connection, world.objects)

    async def connected() -> Connection:
        return process

    catalog = Catalog(Engine(connected), world.catalog.indices, process)
    try:
        match what:
            case "expire":
                await Retention(catalog, lambda: AT).run(plenty)
            case "item":
                await catalog.deletions.delete(ALICE, S1, "old", None)
            case "collection":
                await catalog.collections.delete(ALICE, S1, None)
    except Crash:
        return True
    finally:
        await end_all_others()
        await connection.close()
    return False


async def end_all_others() -> None:
    """A process that crashes ends in all its parts."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def check_nothing_points_at_nothing(world: World, client: httpx.AsyncClient) -> list[str]:
    """The items that are found, each of which must have its object."""
    await world.catalog.engine.refresh(world.catalog.indices.items)
    found = ids(await client.get("/search"))
    assert {f"alice/s1/{name}/data" for name in found} <= world.objects.keys.keys()
    for name in ("old", "older", "young", "kept"):
        read = await client.get(f"/collections/s1/items/{name}")
        assert read.status_code == (200 if name in found else 404)
    return found


async def stored(world: World, index: str) -> int:
    await world.catalog.engine.refresh(index)
    answer = await world.catalog.engine.search(index, {"query": {"match_all": {}}})
    total: int = answer["hits"]["total"]["value"]
    return total


async def test_items_go_when_they_expire_and_not_before(world: World, alice: httpx.AsyncClient) -> None:
    assert await Retention(world.catalog, lambda: BEFORE).run(plenty) == Report(items=1)
    assert sorted(ids(await alice.get("/search"))) == ["kept", "old", "young"]
    assert await Retention(world.catalog, lambda: AT).run(plenty) == Report(items=1)
    assert sorted(await check_nothing_points_at_nothing(world, alice)) == ["kept", "young"]
    assert set(world.objects.keys) == {"alice/s1/young/data", "alice/s1/kept/data"}
    assert await Retention(world.catalog, lambda: MUCH_LATER).run(plenty) == Report()
    assert await stored(world, world.catalog.indices.items) == 2


async def test_an_item_that_expired_can_be_made_anew(world: World, alice: httpx.AsyncClient) -> None:
    await Retention(world.catalog, lambda: AT).run(plenty)
    world.objects.keys["alice/s1/old/data"] = 1
    new = item("old", assets={"data": s3_asset("alice/s1/old/data")})
    assert (await alice.post("/collections/s1/items", json=new)).status_code == 201
    assert await Retention(world.catalog, lambda: MUCH_LATER).run(plenty) == Report()
    assert "old" in await check_nothing_points_at_nothing(world, alice)


@pytest.mark.parametrize(("what", "steps"), [("expire", 13), ("item", 6), ("collection", 8)])
async def test_a_crash_anywhere_is_made_good(
    world: World, alice: httpx.AsyncClient, search_engine: SearchEngineSettings, what: str, steps: int
) -> None:
    """At each of the `steps`, which are more where a collection has an index of its own."""
    step = 0
    while await crash(world, search_engine, step, what):
        await check_nothing_points_at_nothing(world, alice)
        await Retention(world.catalog, lambda: MUCH_LATER).run(plenty)
        left = await check_nothing_points_at_nothing(world, alice)
        assert sorted(left) in ([["kept", "young"], []] if what == "collection" else [["kept", "young"]])
        assert set(world.objects.keys) == {f"alice/s1/{name}/data" for name in left}
        assert await stored(world, world.catalog.indices.items) == len(left)
        await restore(world, alice)
        step += 1
    assert step >= steps


async def restore(world: World, client: httpx.AsyncClient) -> None:
    """What the crash was about is made anew under the same names, which must be free."""
    if (await client.get("/collections/s1")).status_code == 404:
        await make(client, "s1")
    for name, expires in (("old", EXPIRES), ("older", EXPIRES), ("young", None), ("kept", None)):
        if (await client.get(f"/collections/s1/items/{name}")).status_code == 404:
            world.objects.keys[f"alice/s1/{name}/data"] = 1
            new = item(name, assets={"data": s3_asset(f"alice/s1/{name}/data")}, expires=expires)
            answer = await client.post("/collections/s1/items", json=new)
            assert answer.status_code == 201, answer.text
    await world.catalog.engine.refresh(world.catalog.indices.items)


async def test_what_is_being_deleted_is_gone_and_its_name_not_free(
    world: World, alice: httpx.AsyncClient, search_engine: SearchEngineSettings
) -> None:
    assert await crash(world, search_engine, 3, "item")
    place = "/collections/s1/items/old"
    assert (await alice.get(place)).status_code == 404
    assert (await alice.delete(place)).status_code == 404
    assert (await alice.put(place, json=item("old"))).status_code == 404
    assert (await alice.patch(place, json={"properties": {"platform": "x"}})).status_code == 404
    refused = await alice.post("/collections/s1/items", json=item("old"))
    assert refused.status_code == 409
    assert "being deleted" in refused.json()["description"]
    bulk = await alice.post("/collections/s1/bulk_items", json={"items": {"old": item("old")}, "method": "upsert"})
    assert "being deleted" in bulk.text
    counted = await alice.get("/collections/s1/aggregate", params={"aggregations": "total_count"})
    assert counted.json()["aggregations"][0]["value"] == 3
    assert (await alice.get("/collections/s1/items")).json()["numberMatched"] == 3


async def test_a_deletion_under_way_is_left_alone(
    world: World, alice: httpx.AsyncClient, search_engine: SearchEngineSettings
) -> None:
    assert await crash(world, search_engine, 9, "expire")
    assert await Retention(world.catalog, lambda: "2031-01-01T00:04:59.000Z").run(plenty) == Report()
    assert "alice/s1/old/data" in world.objects.keys
    assert await Retention(world.catalog, lambda: "2031-01-01T00:05:00.001Z").run(plenty) == Report(items=2)
    assert "alice/s1/old/data" not in world.objects.keys


async def test_one_failure_hinders_no_other(world: World, alice: httpx.AsyncClient) -> None:
    objects = FailingObjects(keys=dict(world.objects.keys))
    assert (await alice.post("/collections/s1/items", json=item("bad", expires="2029-01-01T00:00:00Z"))).is_success
    await world.catalog.engine.refresh(world.catalog.indices.items)
    catalog = Catalog(world.catalog.engine, world.catalog.indices, objects)
    assert await Retention(catalog, lambda: AT).run(plenty) == Report(items=2, failed=1)
    assert await Retention(catalog, lambda: MUCH_LATER).run(plenty) == Report(failed=1)
    assert await Retention(world.catalog, lambda: MUCH_LATER).run(plenty) == Report(items=1)


async def test_many_items_go_page_by_page_while_there_is_time(world: World) -> None:
    client = world.as_user("alice")
    await make(client, "s1", [item(f"item-{number}", expires=EXPIRES) for number in range(250)])
    await world.catalog.engine.refresh(world.catalog.indices.items)
    left = iter([100, 100, 100, 10])
    report = await Retention(world.catalog, lambda: AT).run(lambda: next(left))
    assert (report.items, report.more) == (200, True)
    assert (await Retention(world.catalog, lambda: AT).run(plenty)).items == 50
    assert await stored(world, world.catalog.indices.items) == 0


async def test_an_index_of_an_older_deployment_learns_the_mark(engine: Engine) -> None:
    old = Indices(f"test-{uuid.uuid4().hex[:12]}")
    mappings = {**ITEMS, "properties": {"id": {"type": "keyword"}}}
    await engine.put(f"/{old.items}-000001", {"aliases": {old.items: {}}, "mappings": mappings})
    await prepare(engine, old)
    await engine.create(old.items, "x", {"id": "x", "rs_deleting": True}, "true")
    found = await engine.search(old.items, {"query": {"term": {"rs_deleting": True}}})
    for alias in (old.items, old.collections, old.names, old.batches):
        await engine.remove(f"/{alias}-000001")
        await engine.remove(f"/_index_template/{alias}")
    assert found["hits"]["total"]["value"] == 1
