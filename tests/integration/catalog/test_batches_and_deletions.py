"""A collection that is deleted while a batch is written into it, by a writer whose engine fails him at any call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest

from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.catalog.batches import Batches
from rs_server.catalog.caller import Caller
from rs_server.catalog.engine import documents
from rs_server.catalog.engine.client import Document, Engine
from rs_server.catalog.engine.connections import Connection, Reply, connect
from rs_server.catalog.fates import Mode
from rs_server.catalog.journal import Entries, Journal
from rs_server.catalog.layout.moves import Mover
from rs_server.catalog.retention import Report, Retention
from rs_server.catalog.write import ItemWriter
from rs_server.errors import BackendUnavailable, NotFound
from rs_server.settings import SearchEngineSettings
from rs_server.stac.ids import CollectionId

from .conftest import World, collection, ids, item, make, s3_asset

ALICE = Caller(Rights.of(Principal("alice"), ()))
S1 = CollectionId("alice", "s1")
NAMES = ("a", "b", "c")
MUCH_LATER = "2031-01-01T00:00:00.000Z"
"""When nobody lives who writes now."""


@dataclass
class Failing:
    """The connection of a writer whose collection is deleted before his first bulk, and whom the engine fails then."""

    connection: Connection
    alice: httpx.AsyncClient
    fails_at: int
    """Which call after the deletion fails."""
    lasting: bool
    """Whether those behind it fail as well."""
    calls: int = -1
    """Calls since the deletion; -1 before it."""

    @property
    def has_failed(self) -> bool:
        return self.calls > self.fails_at

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        if self.calls < 0 and path.endswith("/_bulk"):
            self.calls = 0
            assert (await self.alice.delete("/collections/s1")).status_code == 204
        if self.calls >= 0:
            self.calls += 1
            if self.calls == self.fails_at + 1 or (self.lasting and self.has_failed):
                raise BackendUnavailable("The engine is away.")
        return await self.connection.call(method, path, parameters, body, media_type)

    async def close(self) -> None:
        await self.connection.close()


class MemoryJournal(Journal):
    """A journal that is in no bucket."""

    def __init__(self) -> None:
        self.entries: Entries = {}

    async def read(self) -> Entries:
        return self.entries

    async def write(self, entries: Entries) -> None:
        self.entries = entries

    async def clear(self) -> None:
        self.entries = {}


async def write(
    world: World,
    search_engine: SearchEngineSettings,
    fails_at: int,
    mode: Mode = "create",
    *,
    together: bool = False,
    lasting: bool = True,
) -> bool:
    """Write a batch into a collection that is deleted meanwhile; says whether the engine failed its writer."""
    connection = connect(search_engine.search_engine, search_engine.search_engine_url, {})
    process = Failing(connection, world.as_user("alice"), fails_at, lasting)

    async def connected() -> Connection:
        return process

    world.objects.keys |= {f"alice/s1/{name}/data": 1 for name in NAMES}
    items = [item(name, assets={"data": s3_asset(f"alice/s1/{name}/data")}) for name in NAMES]
    writer = ItemWriter(Engine(connected), world.catalog.indices, world.objects, pauses=())
    with pytest.raises((BackendUnavailable, NotFound)):
        await writer.write(ALICE, S1, items, mode, together=MemoryJournal() if together else None)
    await connection.close()
    return process.has_failed


async def stored(world: World) -> int:
    await world.catalog.engine.refresh(world.catalog.indices.items)
    found = await world.catalog.engine.search(world.catalog.indices.items, {"query": {"match_all": {}}})
    total: int = found["hits"]["total"]["value"]
    return total


@pytest.mark.parametrize("lasting", [True, False], ids=["for good", "once"])
@pytest.mark.parametrize(("mode", "together"), [("create", False), ("put", False), ("put", True)])
async def test_a_new_collection_never_shows_what_a_batch_has_left_of_the_one_before(
    world: World,
    search_engine: SearchEngineSettings,
    monkeypatch: pytest.MonkeyPatch,
    mode: Mode,
    together: bool,
    lasting: bool,
) -> None:
    monkeypatch.setattr(documents, "BULK_BYTES", 1)
    alice = world.as_user("alice")
    fails_at, failed = 0, True
    while failed:
        await make(alice, "s1")
        failed = await write(world, search_engine, fails_at, mode, together=together, lasting=lasting)

        answer = await alice.post("/collections", json=collection("s1"))
        if failed and answer.status_code == 409:
            assert "free again" in answer.json()["description"]
            await Retention(world.catalog, lambda: MUCH_LATER).run(lambda: 100)
            answer = await alice.post("/collections", json=collection("s1"))
        assert answer.status_code == 201, answer.text
        assert await stored(world) == 0
        assert ids(await alice.get("/search")) == []
        assert not world.objects.keys
        assert (await alice.delete("/collections/s1")).status_code == 204
        fails_at += 1
    assert fails_at > len(NAMES)


async def test_until_then_the_name_is_not_free_and_what_is_left_stays_with_it(
    world: World, search_engine: SearchEngineSettings
) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1")
    assert await write(world, search_engine, fails_at=1)
    assert (await Retention(world.catalog).run(lambda: 100)).collections == 0
    answer = await alice.post("/collections", json=collection("s1"))
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "60")
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/items")):
        answer = await alice.request(method, f"/collections/s1{path}", json=item("x"))
        assert answer.status_code == 404, answer.text
    assert (await alice.get("/collections")).json()["collections"] == []
    world.objects.keys["alice/s1/late/data"] = 1  # an upload that was allowed before the deletion

    assert (await Retention(world.catalog, lambda: MUCH_LATER).run(lambda: 100)).collections == 1
    assert await stored(world) == 0
    assert not world.objects.keys
    await make(alice, "s1")


async def test_a_batch_that_failed_is_forgotten_in_the_end(world: World, search_engine: SearchEngineSettings) -> None:
    alice, batches = world.as_user("alice"), Batches(world.catalog.engine, world.catalog.indices)
    await make(alice, "s1")
    assert await write(world, search_engine, fails_at=1)
    await Retention(world.catalog).run(lambda: 100)
    assert await batches.any(S1)
    await Retention(world.catalog, lambda: MUCH_LATER).run(lambda: 100)
    assert not await batches.any(S1)
    await make(alice, "s1", [item("one")])
    assert (await alice.delete("/collections/s1")).status_code == 204
    await make(alice, "s1")


async def test_who_finishes_a_deletion_leaves_the_next_collection_of_its_name_alone(world: World) -> None:
    """The name was free as soon as the batch had ended, and somebody was quicker than the schedule."""
    alice, engine = world.as_user("alice"), world.catalog.engine
    await make(alice, "s1")
    async with Batches(engine, world.catalog.indices).under_way(S1, "2026-01-01T00:00:00.000Z"):
        assert (await alice.delete("/collections/s1")).status_code == 204
        assert (await alice.post("/collections", json=collection("s1"))).status_code == 409
    found = await engine.get(world.catalog.indices.collections, str(S1))
    assert found
    world.objects.keys["alice/s1/one/data"] = 1
    await make(alice, "s1", [item("one", assets={"data": s3_asset("alice/s1/one/data")})])

    await world.catalog.collections.finish_deletion(S1, Document(found.source, found.version))

    assert ids(await alice.get("/collections/s1/items")) == ["one"]
    assert world.objects.keys
    assert await Retention(world.catalog, lambda: MUCH_LATER).run(lambda: 100) == Report()


async def test_a_collection_that_moves_into_the_shared_index_keeps_its_name_until_no_copy_can_be_made(
    world: World,
) -> None:
    alice, mover = world.as_user("alice"), Mover(world.catalog.engine, world.catalog.indices)
    await make(alice, "s1", [item("one")])
    if await mover.begin(S1, own=True):
        assert await mover.advance(S1)
    await mover.clean(S1)
    assert await mover.begin(S1, own=False)
    assert (await alice.delete("/collections/s1")).status_code == 204
    assert (await alice.post("/collections", json=collection("s1"))).status_code == 409
    assert (await Retention(world.catalog, lambda: MUCH_LATER).run(lambda: 100)).collections == 1
    await make(alice, "s1")
    assert ids(await alice.get("/search")) == []
