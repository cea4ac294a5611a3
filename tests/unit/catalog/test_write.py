"""Writing batches when the engine is short of room, and what its failures become."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.catalog.caller import Caller
from rs_server.catalog.engine.client import BULKS, Engine
from rs_server.catalog.engine.connections import Connection, Reply
from rs_server.catalog.engine.documents import BulkWrite, Document, Version
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.fates import refused
from rs_server.catalog.ingest import told
from rs_server.catalog.journal import noted, undoing
from rs_server.catalog.write import AT_A_TIME, ItemWriter
from rs_server.errors import (
    BackendFailed,
    BackendUnavailable,
    Conflict,
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
    RsServerError,
)
from rs_server.stac.ids import CollectionId

ALICE = Caller(Rights.of(Principal("alice"), ()))
COLLECTION = CollectionId("alice", "s1")
DONE = {"status": 201, "_seq_no": 1, "_primary_term": 1}
CROWDED = {"status": 429, "error": {"reason": "rejected execution"}}
TAKEN = {"status": 409, "error": {"reason": "version conflict"}}
UNFIT = {"status": 400, "error": {"reason": "failed to parse", "caused_by": {"reason": "For input string: x"}}}


class FakeConnection:
    """Answers that the collection exists, and to each bulk what was prepared."""

    def __init__(self, *bulks: list[dict[str, Any]], failing: Reply | None = None) -> None:
        self.bulks = list(bulks)
        self.failing = failing
        self.sent: list[list[str]] = []
        self.asked: list[str] = []

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        self.asked.append(f"{method} {path.split('/')[1]}")
        if path.endswith("/_mapping"):
            return Reply(200, {"rs-collections-000001": {"mappings": {}}})
        if path.startswith("/rs-batches/"):
            return Reply(200, DONE)
        if path.endswith("/_mget"):
            return Reply(200, {"docs": []})
        if method == "GET":
            return Reply(200, {"found": True, "_source": {"id": "alice:s1"}, "_seq_no": 1, "_primary_term": 1})
        if self.failing:
            return self.failing
        assert body
        heads = [orjson.loads(line) for line in body.splitlines()[::2]]
        self.sent.append([head["create"]["_id"].partition("|")[2] for head in heads])
        return Reply(200, {"items": [{"create": entry} for entry in self.bulks.pop(0)]})

    async def close(self) -> None:
        pass


class NoObjects:
    bucket = "rs-bucket"

    async def sizes(self, prefix: str) -> dict[str, int]:
        raise AssertionError(prefix)

    async def delete_prefix(self, prefix: str) -> None:
        raise AssertionError(prefix)


def item(item_id: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": item_id,
        "geometry": None,
        "properties": {"datetime": "2024-01-01T00:00:00Z"},
        "assets": {},
    }


def writer(connection: Connection) -> ItemWriter:
    async def connect() -> Connection:
        return connection

    return ItemWriter(Engine(connect), Indices(), NoObjects(), clock=lambda: "2026-01-01T00:00:00Z", pauses=(0, 0))


async def test_what_the_engine_had_no_room_for_is_offered_again() -> None:
    connection = FakeConnection([DONE, CROWDED, CROWDED], [DONE, CROWDED], [DONE])
    fates = await writer(connection).write(ALICE, COLLECTION, [item("a"), item("b"), item("c")], "create")
    assert [fate.status for fate in fates] == ["created"] * 3
    assert connection.sent == [["a", "b", "c"], ["b", "c"], ["c"]]


async def test_who_makes_items_says_so_before_he_looks_for_their_collection_and_until_he_has_looked_again() -> None:
    connection = FakeConnection([DONE])
    await writer(connection).write(ALICE, COLLECTION, [item("a")], "create")
    assert [call for call in connection.asked if call != "GET rs-collections"] == [
        "PUT rs-batches",
        "POST rs-items-shared",
        "DELETE rs-batches",
    ]
    assert connection.asked[:2] == ["PUT rs-batches", "GET rs-collections"]
    assert connection.asked[-2:] == ["GET rs-collections", "DELETE rs-batches"]


async def test_a_batch_whose_engine_fails_stays_under_way() -> None:
    connection = FakeConnection(failing=Reply(503, None))
    with pytest.raises(BackendUnavailable):
        await writer(connection).write(ALICE, COLLECTION, [item("a")], "put")
    assert "DELETE rs-batches" not in connection.asked


async def test_who_only_replaces_makes_nothing() -> None:
    connection = FakeConnection()
    [fate] = await writer(connection).write(ALICE, COLLECTION, [item("a")], "replace")
    assert isinstance(fate.error, NotFound)
    assert not any(call.endswith("rs-batches") for call in connection.asked)


async def test_at_last_it_is_refused_as_worth_another_try() -> None:
    connection = FakeConnection([CROWDED], [CROWDED], [CROWDED])
    [fate] = await writer(connection).write(ALICE, COLLECTION, [item("a")], "create")
    assert isinstance(fate.error, BackendUnavailable)


async def test_each_item_has_the_engines_reason() -> None:
    connection = FakeConnection([TAKEN, UNFIT, DONE])
    fates = await writer(connection).write(ALICE, COLLECTION, [item("a"), item("b"), item("c")], "create")
    assert isinstance(fates[0].error, Conflict)
    assert isinstance(fates[1].error, InvalidRequest)
    assert "For input string: x" in fates[1].error.message
    assert fates[2].to_json() == {"id": "c", "status": "created"}


async def test_items_of_a_batch_that_the_engine_had_no_memory_for_are_worth_another_try() -> None:
    full = Reply(429, {"error": {"reason": "circuit breaker"}})
    fates = await writer(FakeConnection(failing=full)).write(ALICE, COLLECTION, [item("a"), item("b")], "create")
    assert [fate.to_json().get("passing") for fate in fates] == [True, True]


async def test_an_empty_batch_asks_nothing_of_the_engine() -> None:
    assert await writer(FakeConnection()).write(ALICE, COLLECTION, [], "create") == []


async def test_a_large_batch_goes_in_parts() -> None:
    large = [
        item(f"i{number}") | {"assets": {"a": {"href": "https://x.test/", "x": "y" * 120_000}}} for number in range(5)
    ]
    connection = FakeConnection([DONE] * 3, [DONE] * 2)
    fates = await writer(connection).write(ALICE, COLLECTION, large, "create")
    assert [fate.status for fate in fates] == ["created"] * 5
    assert [len(names) for names in connection.sent] == [3, 2]


class Noted(list[dict[str, Any]]):
    """Items that note how many of them were looked at."""

    looked_at = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for each in super().__iter__():
            self.looked_at += 1
            yield each


class BlockedConnection(FakeConnection):
    """An engine that takes every bulk, and answers none before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = asyncio.Event()
        self.open = 0

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        if not path.endswith("/_bulk"):
            return await super().call(method, path, parameters, body, media_type)
        self.open += 1
        await self.answers.wait()
        assert body
        return Reply(200, {"items": [{"create": DONE}] * (body.count(b"\n") // 2)})


async def test_items_are_sent_before_the_last_is_looked_at_and_few_wait_for_an_engine_that_is_slow() -> None:
    connection = BlockedConnection()
    items = Noted(item(f"i{number}") | {"bbox": ["x" * 40_000]} for number in range(3 * AT_A_TIME))
    writing = asyncio.create_task(writer(connection).write(ALICE, COLLECTION, items, "create", refresh="false"))
    for _ in range(100):
        await asyncio.sleep(0)
    assert (connection.open, items.looked_at) == (BULKS, AT_A_TIME)
    connection.answers.set()
    assert [fate.status for fate in await writing] == ["created"] * len(items)
    assert items.looked_at == len(items)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(503, {"error": {"reason": "no master"}}), BackendUnavailable),
        (Reply(500, {"error": "secret stack of the engine"}), BackendFailed),
        (Reply(401, None), BackendFailed),
        (Reply(404, {"error": {"reason": "no such index [rs-items]"}}), BackendFailed),
        (Reply(413, "too large"), PayloadTooLarge),
        (Reply(400, {"error": {"reason": "malformed", "root_cause": [{"reason": "bad line"}]}}), InvalidRequest),
    ],
)
async def test_failures_of_the_engine(reply: Reply, error: type[RsServerError]) -> None:
    with pytest.raises(error) as raised:
        await writer(FakeConnection(failing=reply)).write(ALICE, COLLECTION, [item("a")], "create")
    assert "secret" not in raised.value.message


def test_only_what_was_written_is_undone_and_never_a_later_write() -> None:
    """Of those, `a` is new, `b` was there before, `c` was not written, and `d` was changed by somebody else since."""
    earlier = Document({"id": "b"}, Version(4, 1))
    writes = [BulkWrite("create", name, {"id": name, "by": "batch"}) for name in "abcd"]
    entries = noted({}, writes, {"b": earlier})
    stored = {write.id: Document(write.source, Version(7, 1)) for write in writes if write.id != "c"}
    stored["d"] = Document({"id": "d", "by": "somebody else"}, Version(8, 1))
    assert list(undoing(entries, stored)) == [
        BulkWrite("delete", "a", {}, Version(7, 1)),
        BulkWrite("index", "b", {"id": "b"}, Version(7, 1)),
    ]


def test_what_was_there_before_the_first_attempt_is_what_comes_back() -> None:
    """An attempt that finds what the one before it wrote is not misled; what somebody wrote in between counts."""
    earlier = Document({"id": "a"}, Version(1, 1))
    first, second, third = (BulkWrite("index", "a", {"id": "a", "attempt": number}) for number in range(3))
    entries = noted({}, [first], {"a": earlier})
    entries = noted(entries, [second], {"a": Document(first.source, Version(2, 1))})
    assert entries["a"].before == earlier.source
    for write in (first, second):
        (undone,) = undoing(entries, {"a": Document(write.source, Version(3, 1))})
        assert undone == BulkWrite("index", "a", earlier.source, Version(3, 1))
    theirs = Document({"id": "a", "by": "somebody else"}, Version(4, 1))
    assert noted(entries, [third], {"a": theirs})["a"].before == theirs.source


def test_the_answer_for_a_large_job_fits_into_what_lambda_gives() -> None:
    """All of its items are refused because of one, whose refusal has many words."""
    error = InvalidRequest("Item 'x' was refused, and with it all: " + "the engine says why. " * 100)
    fates = [refused(f"S1A_20241115221445{number:06d}_with_a_long_name_behind_it", error) for number in range(10_000)]
    assert len(json.dumps({"items": [told(fate) for fate in fates]})) < 5_000_000
    assert told(refused("a", InvalidRequest("It is no item."))) == {
        "id": "a",
        "status": "refused",
        "reason": "It is no item.",
    }
