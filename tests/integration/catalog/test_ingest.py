"""Ingest: what staging's last step hands over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from rs_server.access.principals import Principal
from rs_server.catalog.bucket import Bucket
from rs_server.catalog.engine.client import BulkOutcome, Engine, each
from rs_server.catalog.ingest import Ingest
from rs_server.catalog.write import ItemWriter
from rs_server.errors import BackendUnavailable, InvalidRequest
from rs_server.storage.objects import ObjectStore
from tests import aws

from .conftest import BUCKET, World, ids, item, make, s3_asset

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "jobs/42/items.json"
UNTIL = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def s3() -> Iterator[S3Client]:
    with mock_aws():
        client = aws.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def ingest(world: World, s3: S3Client) -> Ingest:
    writer = ItemWriter(world.catalog.engine, world.catalog.indices, Bucket(s3, BUCKET))
    return Ingest(writer, world.grants, ObjectStore(s3, BUCKET))


def event(login: str, collection: str = "alice:s1-l0") -> dict[str, Any]:
    principal = Principal(login=login).to_context()
    items = {"bucket": BUCKET, "key": KEY}
    return {"principal": principal, "collection": collection, "items": items, "job": "42", "until": UNTIL.isoformat()}


def put_items(s3: S3Client, *items: dict[str, Any]) -> None:
    body = json.dumps({"type": "FeatureCollection", "features": items})
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=body)


async def test_each_item_has_its_fate(world: World, ingest: Ingest, s3: S3Client) -> None:
    await make(world.as_user("alice"), "s1-l0")
    s3.put_object(Bucket=BUCKET, Key="alice/s1-l0/one/data.raw", Body=b"0123")
    put_items(
        s3,
        item("one", assets={"data.raw": s3_asset("alice/s1-l0/one/data.raw")}),
        item("two", assets={"data.raw": s3_asset("alice/s1-l0/two/data.raw")}),
        item("three", datetime="yesterday"),
        item("four"),
    )

    answer = await ingest(event("alice"), UNTIL)

    assert [(entry["id"], entry["status"]) for entry in answer["items"]] == [
        ("one", "created"),
        ("two", "refused"),
        ("three", "refused"),
        ("four", "created"),
    ]
    assert "there is no object at s3://rs-bucket/alice/s1-l0/two/data.raw" in answer["items"][1]["reason"]
    assert "yesterday" in answer["items"][2]["reason"]
    assert sorted(ids(await world.as_user("alice").get("/search"))) == ["four", "one"]


async def test_repeating_a_job_changes_nothing(world: World, ingest: Ingest, s3: S3Client) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1-l0")
    put_items(s3, item("one"))
    await ingest(event("alice"), UNTIL)
    before = (await alice.get("/collections/s1-l0/items/one")).json()

    answer = await ingest(event("alice"), UNTIL)

    assert answer == {"items": [{"id": "one", "status": "unchanged"}]}
    assert (await alice.get("/collections/s1-l0/items/one")).json() == before


async def test_a_changed_item_is_replaced_and_keeps_its_creation(world: World, ingest: Ingest, s3: S3Client) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1-l0")
    put_items(s3, item("one"))
    await ingest(event("alice"), UNTIL)
    before = (await alice.get("/collections/s1-l0/items/one")).json()["properties"]
    put_items(s3, item("one", platform="sentinel-1a"))

    answer = await ingest(event("alice"), UNTIL)

    after = (await alice.get("/collections/s1-l0/items/one")).json()["properties"]
    assert answer == {"items": [{"id": "one", "status": "replaced"}]}
    assert (after["created"], after["published"]) == (before["created"], before["published"])
    assert after["updated"] > before["updated"]
    assert after["platform"] == "sentinel-1a"


@pytest.mark.parametrize(
    ("grants", "reason"),
    [((), "does not exist"), (("read",), "no right to write")],
    ids=["stranger", "reader"],
)
async def test_without_the_right_to_write_all_is_refused(
    world: World, ingest: Ingest, s3: S3Client, grants: tuple[str, ...], reason: str
) -> None:
    await make(world.as_user("alice"), "s1-l0")
    world.grants.give("user:bob", "catalog:alice:s1-l0", *grants)
    put_items(s3, item("one"))

    answer = await ingest(event("bob"), UNTIL)

    assert [entry["status"] for entry in answer["items"]] == ["refused"]
    assert reason in answer["items"][0]["reason"]
    assert ids(await world.as_user("alice").get("/search")) == []


async def test_items_of_another_bucket_are_not_read(world: World, ingest: Ingest) -> None:
    stray = event("alice") | {"items": {"bucket": "elsewhere", "key": KEY}}
    with pytest.raises(InvalidRequest):
        await ingest(stray, UNTIL)


UNFIT = {
    "of wrong form": {"datetime": "yesterday"},
    "that the engine cannot index": {"externalIds": "none"},
}


@pytest.mark.parametrize("properties", UNFIT.values(), ids=UNFIT)
async def test_items_that_belong_together_are_all_written_or_none(
    world: World, ingest: Ingest, s3: S3Client, properties: dict[str, Any]
) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1-l0", [item("old")])
    put_items(s3, item("one"), item("old", changed=True), item("two", **properties), item("three"))

    answer = await ingest(event("alice") | {"together": True}, UNTIL)

    assert [entry["status"] for entry in answer["items"]] == ["refused"] * 4
    reasons = [entry["reason"] for entry in answer["items"] if entry["id"] != "two"]
    assert all(reason.startswith("Item 'two' was refused, and with it all: ") for reason in reasons)
    assert ids(await alice.get("/search")) == ["old"]
    assert "changed" not in (await alice.get("/collections/s1-l0/items/old")).json()["properties"]

    put_items(s3, item("one"), item("old", changed=True), item("two"), item("three"))
    answer = await ingest(event("alice") | {"together": True}, UNTIL)
    assert [entry["status"] for entry in answer["items"]] == ["created", "replaced", "created", "created"]
    assert sorted(ids(await alice.get("/search"))) == ["old", "one", "three", "two"]


async def test_what_was_replaced_before_another_item_is_refused_is_put_back(
    world: World, ingest: Ingest, s3: S3Client
) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1-l0", [item("first"), item("second")])
    before = {name: await alice.get(f"/collections/s1-l0/items/{name}") for name in ("first", "second")}
    put_items(s3, item("first", changed=True), item("new"), item("second", externalIds="none"))

    answer = await ingest(event("alice") | {"together": True}, UNTIL)

    assert [entry["status"] for entry in answer["items"]] == ["refused"] * 3
    assert sorted(ids(await alice.get("/search"))) == ["first", "second"]
    after = {name: await alice.get(f"/collections/s1-l0/items/{name}") for name in before}
    assert {name: (each.json(), each.headers["etag"]) for name, each in after.items()} == {
        name: (each.json(), each.headers["etag"]) for name, each in before.items()
    }


class FailingBetween:
    """The engine, which fails once, when the first items have been written and others are to be replaced."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    async def bulk(self, index: str, writes: Any, refresh: Any, *, alias_only: bool = False) -> list[BulkOutcome]:
        given = [write async for write in each(writes)]
        if not self.failed and any(write.version and write.operation == "index" for write in given):
            self.failed = True
            raise BackendUnavailable("The engine is away.")
        return await self.engine.bulk(index, given, refresh, alias_only=alias_only)


async def test_what_is_written_before_the_engine_fails_is_taken_back(world: World, s3: S3Client) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1-l0", [item("old")])
    engine: Any = FailingBetween(world.catalog.engine)
    ingest = Ingest(
        ItemWriter(engine, world.catalog.indices, Bucket(s3, BUCKET)), world.grants, ObjectStore(s3, BUCKET)
    )
    put_items(s3, item("new"), item("old", changed=True))

    with pytest.raises(BackendUnavailable):
        await ingest(event("alice") | {"together": True}, UNTIL)

    assert engine.failed
    assert (await alice.get("/collections/s1-l0/items/new")).status_code == 404
    answer = await ingest(event("alice") | {"together": True}, UNTIL)
    assert [entry["status"] for entry in answer["items"]] == ["created", "replaced"]


class Killed(BaseException):
    """The function is gone."""


@dataclass
class Dying:
    """A client of the engine, or of the bucket, of a function that dies before its call number `dies_at`."""

    client: Any
    life: Life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.client, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self.life.spend()
            return found(*arguments, **named)

        return call


@dataclass
class Life:
    """How many calls a function has left."""

    calls: int

    def spend(self) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise Killed


def mortal(world: World, s3: S3Client, calls: int) -> Ingest:
    """An ingest that dies after so many calls. Each bulk has one item, so that it may die between any two."""
    life = Life(calls)
    engine: Any = OneByOne(Dying(world.catalog.engine, life))
    client: Any = Dying(s3, life)
    writer = ItemWriter(engine, world.catalog.indices, Bucket(s3, BUCKET))
    return Ingest(writer, world.grants, ObjectStore(client, BUCKET))


@dataclass
class OneByOne:
    """An engine that is given one write at a time."""

    engine: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    async def bulk(self, index: str, writes: Any, refresh: Any, *, alias_only: bool = False) -> list[BulkOutcome]:
        given = [write async for write in each(writes)]
        return [
            outcome
            for write in given
            for outcome in await self.engine.bulk(index, [write], "false", alias_only=alias_only)
        ]


async def state(world: World, collection: str) -> dict[str, Any]:
    """What the catalog has of a collection's items."""
    alice = world.as_user("alice")
    found = {name: await alice.get(f"/collections/{collection}/items/{name}") for name in ("old", "one", "two")}
    return {
        name: (answer.json(), answer.headers["etag"]) for name, answer in found.items() if answer.status_code == 200
    }


def journals(s3: S3Client, job: str) -> int:
    """How many documents the catalog keeps of a job."""
    return s3.list_objects_v2(Bucket=BUCKET, Prefix=f"jobs/{job}/")["KeyCount"]


@pytest.mark.parametrize("goes_on", ["refused", "taken back", "whole"])
async def test_a_batch_whose_writer_dies_anywhere_is_whole_or_not_there(
    world: World, ingest: Ingest, s3: S3Client, goes_on: str
) -> None:
    """Whether it comes again with an item that is refused by now, or is taken back, or comes again as it was."""
    wrong, died = {"externalIds": "none"}, True
    calls = 0
    while died:
        collection = f"c{calls}"
        await make(world.as_user("alice"), collection, [item("old")])
        before = await state(world, collection)
        request = event("alice", f"alice:{collection}") | {"together": True, "job": collection}
        put_items(s3, item("one"), item("old", changed=True), item("two"))
        died = False
        try:
            await mortal(world, s3, calls)(request, UNTIL)
        except Killed:
            died = True
        left = (await state(world, collection)).keys()
        done = not died or (left == {"old", "one", "two"} and not journals(s3, collection))
        if goes_on == "taken back":
            await ingest(request | {"take_back": True}, UNTIL)
        else:
            put_items(
                s3, item("one"), item("old", changed=True), item("two", **(wrong if goes_on == "refused" else {}))
            )
            await ingest(request, UNTIL)
        after = await state(world, collection)
        if goes_on == "whole" or (goes_on == "taken back" and done):
            assert after.keys() == {"old", "one", "two"}, calls
            assert after["old"] != before["old"]
        elif not done:
            assert after == before, calls
        assert not journals(s3, collection)
        calls += 1
    assert calls > 8


async def test_what_somebody_changed_since_is_not_taken_back(world: World, ingest: Ingest, s3: S3Client) -> None:
    alice = world.as_user("alice")
    put_items(s3, item("one"), item("old", changed=True), item("two"))
    request = event("alice") | {"together": True}
    for name in ("first", "s1-l0"):
        await make(alice, name, [item("old")])
    await ingest(request | {"collection": "alice:first"}, UNTIL)  # from now on the names of properties are known
    for calls in range(100):
        with suppress(Killed):
            await mortal(world, s3, calls)(request, UNTIL)
        if (await state(world, "s1-l0")).keys() == {"old", "one"}:
            break
    (await alice.put("/collections/s1-l0/items/one", json=item("one", mine=True))).raise_for_status()
    await ingest(request | {"take_back": True}, UNTIL)
    after = await state(world, "s1-l0")
    assert after.keys() == {"old", "one"}
    assert after["one"][0]["properties"]["mine"]


async def test_nothing_is_written_that_might_be_after_the_callers_time(
    world: World, ingest: Ingest, s3: S3Client
) -> None:
    alice = world.as_user("alice")
    await make(alice, "s1-l0")
    put_items(s3, item("one"))
    with pytest.raises(BackendUnavailable, match="so late"):
        await ingest(event("alice"), UNTIL + timedelta(seconds=1))
    assert ids(await alice.get("/search")) == []
