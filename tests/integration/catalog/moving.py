"""A catalog whose collections are moved while they are read, written and shared, by processes that may crash."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx

from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.catalog.app import create_app
from rs_server.catalog.caller import Caller
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of
from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.connections import Connection, Reply, connect
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.layout.exposure import Exposure
from rs_server.catalog.layout.moves import Mover
from rs_server.catalog.retention import Retention
from rs_server.errors import BackendUnavailable, Conflict, NotFound
from rs_server.settings import SearchEngineSettings
from rs_server.stac.ids import CollectionId

from .conftest import FixedGrants, MemoryObjects, as_principal, collection, item

ALICE = Caller(Rights.of(Principal("alice"), ()))
COLLECTIONS = 2
ITEMS = 8
GRACE = 0.3
"""Seconds that searches have which began before a move's end; the schedule gives them a minute."""


class Crash(Exception):
    """The process that moves ends here."""


@dataclass
class CrashingConnection:
    """A connection in a process that ends before its call number `crash_at`."""

    connection: Connection
    crash_at: int
    calls: int = 0

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        if self.calls >= self.crash_at:
            raise Crash
        self.calls += 1
        return await self.connection.call(method, path, parameters, body, media_type)

    async def close(self) -> None:
        await self.connection.close()


@dataclass
class Stand:
    """A catalog with two collections of alice, of which bob may read the first, and one of carol."""

    catalog: Catalog
    search_engine: SearchEngineSettings
    alice: httpx.AsyncClient
    bob: httpx.AsyncClient
    carol: httpx.AsyncClient
    names: list[CollectionId]
    bystander: CollectionId
    acknowledged: dict[tuple[int, int], int] = field(default_factory=dict)
    """The value of each item that a writer was told is stored; none for one that is deleted."""
    unsure: set[tuple[int, int]] = field(default_factory=set)
    """Items that are being deleted, or made again."""
    value: int = 0

    def mover(self) -> Mover:
        return Mover(self.catalog.engine, self.catalog.indices)

    async def put(self, key: tuple[int, int]) -> None:
        """Write an item with a value higher than all before, until it is acknowledged."""
        self.value += 1
        value, new = self.value, key not in self.acknowledged
        if new:
            self.unsure.add(key)
        while True:
            body = item(f"i{key[1]}", value=value, platform=f"p{key[0]}")
            try:
                [fate] = await self.catalog.items.write(ALICE, self.names[key[0]], [body], "put")
            except BackendUnavailable:
                await asyncio.sleep(0.05)
                continue
            if fate.error is None:
                break
            assert isinstance(fate.error, Conflict), fate.error  # a mark that the deletion has left for later
            await self.finish_deletions()
        self.acknowledged[key] = value
        self.unsure.discard(key)

    async def delete(self, key: tuple[int, int]) -> None:
        """Delete an item, until that is acknowledged."""
        self.unsure.add(key)
        self.acknowledged.pop(key, None)
        while True:
            try:
                await self.catalog.deletions.delete(ALICE, self.names[key[0]], f"i{key[1]}", None)
            except BackendUnavailable:
                await asyncio.sleep(0.05)
            except NotFound:
                break
            else:
                break
        self.unsure.discard(key)

    async def finish_deletions(self) -> None:
        """What the schedule does with marks after some minutes, done now."""
        for name in self.names:
            with suppress(Conflict):
                await self.mover().advance(name)
        await Retention(self.catalog, clock=lambda: "2099-01-01T00:00:00.000Z").run(lambda: 100)

    async def look(self) -> None:
        """Search page by page, read each item: all that is stored must be there once, and in no older state."""
        before = dict(self.acknowledged)
        found = await pages(self.alice)
        for key, value in before.items():
            if key in self.acknowledged and key not in self.unsure:
                assert found.count(key) == 1, (key, found.items)
                assert found.values[key] >= value
        assert all(count == 1 for count in found.items.values())
        assert {key[0] for key in (await pages(self.bob)).items} <= {0}
        for (number, name), value in dict(self.acknowledged).items():
            read = await self.alice.get(f"/collections/{self.names[number]}/items/i{name}")
            if (number, name) in self.acknowledged and (number, name) not in self.unsure:
                assert read.status_code == 200, read.text
                assert read.json()["properties"]["value"] >= value

    async def check_at_rest(self) -> None:
        """Nothing is lost, nothing came back, nobody else's items were touched."""
        await self.catalog.engine.refresh(self.catalog.indices.items)
        found = await pages(self.alice)
        assert found.values == self.acknowledged
        assert set(found.items.values()) <= {1}
        shared = {key: value for key, value in self.acknowledged.items() if key[0] == 0}
        assert (await pages(self.bob)).values == shared
        total = (await self.alice.get("/aggregate?aggregations=total_count")).json()["aggregations"][0]["value"]
        assert total == len(self.acknowledged)
        for number, name in enumerate(self.names):
            listed = await self.alice.get(f"/collections/{name}/items?limit=100")
            assert len(listed.json()["features"]) == sum(key[0] == number for key in self.acknowledged)
        others = await self.carol.get("/search")
        assert [feature["id"] for feature in others.json()["features"]] == ["i0"]


@dataclass
class Found:
    """Items by collection and number, how often each was found, and with which value."""

    items: Counter[tuple[int, int]] = field(default_factory=Counter)
    values: dict[tuple[int, int], int] = field(default_factory=dict)

    def count(self, key: tuple[int, int]) -> int:
        return self.items[key]


async def pages(client: httpx.AsyncClient) -> Found:
    """All that a caller finds, by pages of five."""
    found, address = Found(), "/search?limit=5"
    while address:
        answer = await client.get(address)
        assert answer.status_code == 200, answer.text
        for feature in answer.json()["features"]:
            properties = feature["properties"]
            key = (int(properties["platform"][1:]), int(feature["id"][1:]))
            found.items[key] += 1
            found.values[key] = properties["value"]
        address = next((link["href"] for link in answer.json()["links"] if link["rel"] == "next"), "")
    return found


@asynccontextmanager
async def stand(search_engine: SearchEngineSettings, indices: Indices) -> AsyncIterator[Stand]:
    engine = engine_of(search_engine)
    run = uuid.uuid4().hex[:8]
    names = [CollectionId("alice", f"{run}-{number}") for number in range(COLLECTIONS)]
    grants = FixedGrants()
    grants.give("user:bob", f"catalog:{names[0]}", "read")
    catalog = Catalog(engine, indices, MemoryObjects())
    app = create_app(catalog, grants, None)  # type: ignore[arg-type]  # no downloads here
    async with (
        as_principal(app, Principal("alice")) as alice,
        as_principal(app, Principal("bob")) as bob,
        as_principal(app, Principal("carol")) as carol,
    ):
        bystander = CollectionId("carol", f"{run}-0")
        for client, name in ((alice, names[0]), (alice, names[1]), (carol, bystander)):
            made = await client.post("/collections", json=collection(str(name)))
            assert made.status_code == 201, made.text
        one = item("i0", value=0, platform="p0")
        assert (await carol.post(f"/collections/{bystander}/items", json=one)).status_code == 201
        made_stand = Stand(catalog, search_engine, alice, bob, carol, names, bystander)
        await asyncio.gather(*(made_stand.put((c, i)) for c in range(COLLECTIONS) for i in range(ITEMS)))
        try:
            yield made_stand
        finally:
            for client, name in ((alice, names[0]), (alice, names[1]), (carol, bystander)):
                assert (await client.delete(f"/collections/{name}")).status_code == 204
    assert await engine.aliases(f"{indices.items}-own-*") == {}
    assert (await Exposure(engine, indices).seen()).elsewhere == frozenset()
    await engine.close()


async def move(stand: Stand, number: int, crash_at: int | None, grace: float = GRACE) -> int:
    """Move a collection to where it is not, in a process that may crash; says how many calls it made."""
    url = stand.search_engine.search_engine_url
    process = CrashingConnection(connect(stand.search_engine.search_engine, url, {}), crash_at or 10_000)

    mover, name = mover_of(process, stand.catalog.indices), stand.names[number]
    try:
        if not await mover.begin(name, own=True):
            await mover.begin(name, own=False)
        await mover.advance(name)
        await asyncio.sleep(grace)
        await mover.clean(name)
    except (Conflict, Crash):  # a conflict: another process carries the same move on
        pass
    finally:
        await process.close()
    return process.calls


def mover_of(process: Connection, indices: Indices) -> Mover:
    """The mover of a process with a connection of its own."""

    async def connected() -> Connection:
        return process

    return Mover(Engine(connected), indices)


def mover_without_time(stand: Stand) -> Mover:
    return Mover(stand.catalog.engine, stand.catalog.indices, time_left=lambda: False)


async def carry_on(stand: Stand, number: int, grace: float = GRACE) -> None:
    """What the next run of the schedule does."""
    while True:
        with suppress(Conflict):  # another process carries the same move on
            assert await stand.mover().advance(stand.names[number])
            await asyncio.sleep(grace)
            await stand.mover().clean(stand.names[number])
            return
