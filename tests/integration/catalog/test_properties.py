"""For grants of any kind, what search, aggregate, counts and lists return is what a model in a few lines says."""

from __future__ import annotations

import asyncio
import os
from collections import Counter

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rs_server.access.principals import Principal, Scope
from rs_server.access.resources import ResourcePattern
from rs_server.catalog.app import create_app
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of
from rs_server.catalog.engine.client import BulkWrite
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.times import interval_of
from rs_server.settings import SearchEngineSettings

from .conftest import FixedGrants, MemoryObjects, as_principal, item

ACTIONS = ("read", "download", "write", "manage")
COLLECTIONS = [
    f"{owner}:{name}" for owner in ("alice", "al", "bob") for name in ("s1", "s1-l0", "s1-l0-raw", "s2", "a.b", "S1")
]
ITEMS = {f"{collection}-{number}": collection for collection in COLLECTIONS for number in range(2)}

owners = st.sampled_from(["alice", "al", "bob", "*"])
names = st.sampled_from(["s1", "s1-l0", "s1*", "s1-*", "s2", "a.b", "S*", "*"])
patterns = st.builds(lambda owner, name: f"catalog:{owner}:{name}", owners, names)
subjects = st.sampled_from(["user:carol", "group:team", "group:others", "authenticated", "public", "user:dave"])
grants = st.lists(st.tuples(subjects, patterns, st.frozensets(st.sampled_from(ACTIONS), min_size=1)), max_size=6)
scopes = st.one_of(
    st.none(),
    st.builds(
        lambda actions, resources: Scope(frozenset(actions), tuple(map(ResourcePattern.parse, resources))),
        st.frozensets(st.sampled_from(ACTIONS)),
        st.lists(st.one_of(patterns, st.just("cadip:*")), max_size=3),
    ),
)
principals = st.builds(
    lambda login, groups, scope: Principal(login, frozenset(groups), scope=scope) if login else Principal(),
    st.sampled_from(["carol", "alice", ""]),
    st.frozensets(st.sampled_from(["team", "others"])),
    scopes,
)


def covers(pattern: str, collection: str) -> bool:
    _, owner, name = pattern.split(":")
    its_owner, its_name = collection.split(":")
    fits = its_name.startswith(name[:-1]) if name.endswith("*") else its_name == name
    return owner in {"*", its_owner} and fits


def readable(principal: Principal, given_grants: list[tuple[str, str, frozenset[str]]]) -> set[str]:
    """The model: what the rules of rights say, collection by collection."""
    subjects = {"public"}
    if principal.login:
        subjects |= {"authenticated", f"user:{principal.login}", *(f"group:{group}" for group in principal.groups)}
    granted = {pattern for subject, pattern, actions in given_grants if subject in subjects and "read" in actions}
    if principal.login:
        granted.add(f"catalog:{principal.login}:*")
    found = {collection for collection in COLLECTIONS if any(covers(pattern, collection) for pattern in granted)}
    if principal.scope is None:
        return found
    limits = [str(limit) for limit in principal.scope.resources if limit.tokens[0] == "catalog"]
    return {
        collection
        for collection in found
        if "read" in principal.scope.actions and any(covers(limit, collection) for limit in limits)
    }


@pytest.fixture(scope="module")
def filled(search_engine: SearchEngineSettings, indices: Indices) -> Indices:
    """Two items in each of many collections, whose names are prefixes of each other's."""

    async def fill() -> None:
        engine = engine_of(search_engine)
        for collection in COLLECTIONS:
            source = {"id": collection, "owner": collection.split(":")[0], "links": []}
            await engine.create(indices.collections, collection, source, "false")
        writes = [
            BulkWrite("create", f"{collection}|{name}", stored(name, collection)) for name, collection in ITEMS.items()
        ]
        await engine.bulk(indices.items, writes, "wait_for")
        await engine.close()

    asyncio.run(fill())
    return indices


def stored(name: str, collection: str) -> dict[str, object]:
    body = item(name, owner=collection.split(":")[0])
    return body | {"collection": collection, "rs_interval": interval_of(body["properties"])}


@settings(
    max_examples=int(os.environ.get("RS_TEST_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(principal=principals, given_grants=grants)
def test_answers_equal_the_model(
    search_engine: SearchEngineSettings,
    filled: Indices,
    principal: Principal,
    given_grants: list[tuple[str, str, frozenset[str]]],
) -> None:
    visible = readable(principal, given_grants)
    source = FixedGrants()
    for subject, pattern, actions in given_grants:
        source.give(subject, pattern, *actions)
    asyncio.run(check(search_engine, filled, source, principal, visible))


async def check(
    search_engine: SearchEngineSettings, indices: Indices, grants: FixedGrants, principal: Principal, visible: set[str]
) -> None:
    engine = engine_of(search_engine)
    app = create_app(Catalog(engine, indices, MemoryObjects()), grants, None)  # type: ignore[arg-type]  # no downloads here
    expected = {name: collection for name, collection in ITEMS.items() if collection in visible}
    async with as_principal(app, principal) as client:
        found = await pages(client, len(expected))
        aggregated = (await client.get("/aggregate?aggregations=total_count,collection_frequency")).json()
        listed = (await client.get("/collections?limit=1000")).json()
    await engine.close()
    assert found == expected
    count, frequency = aggregated["aggregations"]
    assert count["value"] == len(expected)
    assert {bucket["key"]: bucket["frequency"] for bucket in frequency["buckets"]} == Counter(expected.values())
    assert {entry["id"] for entry in listed["collections"]} == visible
    assert listed["numberMatched"] == len(visible)


async def pages(client: httpx.AsyncClient, count: int) -> dict[str, str]:
    """All that a search finds, by pages of seven."""
    found: dict[str, str] = {}
    answer = (await client.get("/search?limit=7&sortby=id")).json()
    while True:
        assert answer["numberMatched"] == count
        found |= {feature["id"]: feature["collection"] for feature in answer["features"]}
        following = [entry["href"] for entry in answer["links"] if entry["rel"] == "next"]
        if not following:
            return found
        assert len(answer["features"]) == 7
        answer = (await client.get(following[0])).json()
