"""The engine's interface over both clients.

The Elasticsearch client speaks to whatever engine the tests have: both answer these calls alike.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from rs_server.catalog.deployment import engine_of, prepare, prepare_engine
from rs_server.catalog.engine.client import BulkWrite, Engine, Version, VersionConflict
from rs_server.catalog.engine.connections import Connection, connect
from rs_server.catalog.engine.indices import Indices
from rs_server.errors import BackendFailed, BackendUnavailable, InvalidRequest
from rs_server.settings import SearchEngineSettings


@pytest.fixture(params=["opensearch", "elasticsearch"])
async def client(request: pytest.FixtureRequest, search_engine_url: str, indices: Indices) -> AsyncIterator[Engine]:
    engine = engine_of(SearchEngineSettings(search_engine=request.param, search_engine_url=search_engine_url))
    yield engine
    await engine.delete_by_query(indices.items, {"match_all": {}})
    await engine.close()


async def test_documents(client: Engine, indices: Indices) -> None:
    index, name = indices.items, "alice:s1|a b/ü%|x"
    assert await client.get(index, name) is None
    first = await client.create(index, name, {"id": "x"}, "false")
    with pytest.raises(VersionConflict):
        await client.create(index, name, {"id": "y"}, "false")
    second = await client.replace(index, name, {"id": "z"}, first, "false")
    with pytest.raises(VersionConflict):
        await client.replace(index, name, {"id": "w"}, first, "false")
    stored = await client.get(index, name)
    assert stored
    assert (stored.source, stored.version) == ({"id": "z"}, second)
    assert list(await client.get_many(index, [name, "absent"])) == [name]
    with pytest.raises(VersionConflict):
        await client.delete(index, name, first, "false")
    await client.delete(index, name, second, "false")
    assert await client.get(index, name) is None


async def test_what_is_written_through_an_alias_makes_no_index(client: Engine, indices: Indices) -> None:
    nowhere = f"{indices.prefix}-nowhere"
    with pytest.raises(BackendFailed):
        await client.create(nowhere, "one", {"id": "one"}, "false", alias_only=True)
    assert not await client.exists(f"/{nowhere}")


async def test_bulk_says_what_became_of_each(client: Engine, indices: Indices) -> None:
    moment = {"rs_interval": {"moment": "2024-01-01T00:00:00Z"}}
    writes = [
        BulkWrite("create", "one", {"id": "one", **moment}),
        BulkWrite("create", "one", {"id": "one", **moment}),
        BulkWrite("index", "two", {"id": "two", **moment}, Version(99, 99)),
        BulkWrite("create", "three", {"id": "three", "rs_interval": {"moment": "soon"}}),
    ]
    outcomes = await client.bulk(indices.items, writes, "true")
    assert [outcome.status for outcome in outcomes] == [201, 409, 409, 400]
    assert "soon" in outcomes[3].reason
    assert (await client.search(indices.items, {"query": {"match_all": {}}}))["hits"]["total"]["value"] == 1


async def test_deleting_finds_what_was_just_written(client: Engine, indices: Indices) -> None:
    await client.create(indices.items, "one", {"collection": "a:b"}, "false")
    assert await client.delete_by_query(indices.items, {"term": {"collection": "a:b"}}) == 1
    assert await client.get(indices.items, "one") is None


class ChangingOnce(Engine):
    """Changes a document in the moment after its index was refreshed, when a search finds its former version."""

    changed = False

    async def refresh(self, index: str) -> None:
        await super().refresh(index)
        if not self.changed:
            self.changed = True
            document = await self.get(index, "one")
            assert document
            await self.replace(index, "one", {"collection": "a:b", "changed": True}, document.version, "false")


async def test_deleting_finds_what_is_changed_in_that_moment(search_engine_url: str, indices: Indices) -> None:
    async def connected() -> Connection:
        return connect("opensearch", search_engine_url, {})

    engine = ChangingOnce(connected)
    await engine.create(indices.items, "one", {"collection": "a:b"}, "true")
    assert await engine.delete_by_query(indices.items, {"term": {"collection": "a:b"}}) == 1
    assert await engine.get(indices.items, "one") is None
    await engine.close()


async def test_a_query_that_cannot_be_done_is_the_askers_fault(client: Engine, indices: Indices) -> None:
    with pytest.raises(InvalidRequest, match="soon"):
        await client.search(indices.items, {"query": {"range": {"rs_interval.start": {"gte": "soon"}}}})


@pytest.mark.parametrize("kind", ["opensearch", "elasticsearch"])
async def test_an_engine_out_of_reach(kind: str) -> None:
    nowhere = SearchEngineSettings(search_engine=kind, search_engine_url="http://127.0.0.1:9")  # type: ignore[arg-type]  # one of the two
    engine = engine_of(nowhere)
    with pytest.raises(BackendUnavailable):
        await engine.search("any", {})
    await engine.close()


async def test_preparing_again_changes_nothing(client: Engine, indices: Indices, search_engine_url: str) -> None:
    await client.create(indices.items, "one", {"id": "one"}, "true")
    await prepare(client, indices)
    assert await client.get(indices.items, "one")
    await prepare_engine(SearchEngineSettings(search_engine="opensearch", search_engine_url=search_engine_url))


async def test_too_many_different_properties_are_refused_in_words(client: Engine, indices: Indices) -> None:
    limit = {"index": {"mapping.total_fields.limit": 120}}
    await client.put(f"/{indices.items}/_settings", limit)
    source = {"properties": {f"x:{number}": "value" for number in range(100)}}
    [outcome] = await client.bulk(indices.items, [BulkWrite("create", "many", source)], "false")
    assert outcome.status == 400
    assert "Limit of total fields" in outcome.reason
