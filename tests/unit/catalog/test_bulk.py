"""The parts of a large bulk, of which a few are with the engine at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import orjson
import pytest

from rs_server.catalog.engine.client import BULKS, BulkOutcome, BulkWrite, Engine, Refresh, Version
from rs_server.catalog.engine.connections import Reply
from rs_server.errors import BackendUnavailable

COUNT = 7
WRITES = [BulkWrite("create", str(number), {"text": "x" * 300_000}) for number in range(COUNT)]
"""Each larger than half of a part, so that it is one."""


class SlowEngine:
    """Takes its time, less for each part, and notes what is with it at once."""

    def __init__(self, *, refusing: str = "") -> None:
        self.refusing = refusing
        self.open = self.most = 0
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.refresh: dict[str, str] = {}

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        assert (method, path, media_type) == ("POST", "/items/_bulk", "application/x-ndjson")
        assert body
        name = orjson.loads(body.partition(b"\n")[0])["create"]["_id"]
        self.begun.append(name)
        self.refresh[name] = parameters["refresh"]
        self.open += 1
        self.most = max(self.most, self.open)
        await asyncio.sleep((COUNT - int(name)) / 1000)
        self.open -= 1
        self.ended.append(name)
        if name == self.refusing:
            return Reply(503, {"error": "overloaded"})
        return Reply(200, {"items": [{"create": {"status": 201, "_seq_no": int(name), "_primary_term": 1}}]})

    async def close(self) -> None:
        pass


async def bulk(connection: SlowEngine, refresh: Refresh) -> list[BulkOutcome]:
    async def connect() -> SlowEngine:
        return connection

    return await Engine(connect).bulk("items", WRITES, refresh)


async def test_outcomes_come_in_the_order_of_the_writes_and_few_parts_are_open() -> None:
    connection = SlowEngine()
    outcomes = await bulk(connection, "false")
    assert [outcome.version for outcome in outcomes] == [Version(number, 1) for number in range(COUNT)]
    assert connection.most == BULKS


async def test_the_last_part_waits_for_all_others_and_for_searches() -> None:
    connection = SlowEngine()
    await bulk(connection, "wait_for")
    assert connection.begun[-1] == str(COUNT - 1) == connection.ended[-1]
    assert set(connection.ended[:-1]) == {str(number) for number in range(COUNT - 1)}
    assert [connection.refresh[str(number)] for number in range(COUNT)] == ["false"] * (COUNT - 1) + ["wait_for"]


async def test_a_part_that_fails_is_told_when_no_other_is_open_any_more() -> None:
    connection = SlowEngine(refusing="0")
    with pytest.raises(BackendUnavailable):
        await bulk(connection, "wait_for")
    assert connection.open == 0
    assert str(COUNT - 1) not in connection.begun, "nothing is begun for a batch that has failed"


class StuckEngine(SlowEngine):
    """Never answers."""

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        self.open += 1
        try:
            await asyncio.sleep(3600)
        finally:
            self.open -= 1
        raise AssertionError


async def test_who_is_cancelled_does_not_wait_for_an_engine_that_is_stuck() -> None:
    connection = StuckEngine()
    writing = asyncio.create_task(bulk(connection, "false"))
    for _ in range(20):
        await asyncio.sleep(0)
    assert connection.open == BULKS
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(writing, 5)
    assert connection.open == 0
