"""For rights of any kind, what each route returns, counts and refuses is what a model in a few lines says."""

from __future__ import annotations

import asyncio
import operator
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rs_server.access.principals import Principal, Scope
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from rs_server.catalog.app import create_app
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.deployment import engine_of
from rs_server.catalog.engine.client import BulkWrite
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.times import interval_of
from rs_server.settings import SearchEngineSettings

from .conftest import FixedGrants, MemoryObjects, as_principal, item
from .layouts import OWN, forget_all, move_all

ACTIONS = ("read", "download", "write", "manage")
COLLECTIONS = [
    f"{owner}:{name}" for owner in ("alice", "al", "bob") for name in ("s1", "s1-l0", "s1-l0-raw", "s2", "a.b", "S1")
]
ITEMS = {f"{collection}-{number}": collection for collection in COLLECTIONS for number in range(2)}

PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
GivenGrant = tuple[str, str, frozenset[str], datetime | None]

owners = st.sampled_from(["alice", "al", "bob", "*"])
names = st.sampled_from(["s1", "s1-l0", "s1*", "s1-*", "s2", "a.b", "S*", "*"])
patterns = st.builds(lambda owner, name: f"catalog:{owner}:{name}", owners, names)
subjects = st.sampled_from(["user:carol", "group:team", "group:others", "authenticated", "public", "user:dave"])
actions = st.frozensets(st.sampled_from(ACTIONS), min_size=1)
grants = st.lists(st.tuples(subjects, patterns, actions, st.sampled_from([None, PAST, FUTURE])), max_size=6)
scopes = st.one_of(
    st.none(),
    st.builds(
        lambda actions, resources: Scope(frozenset(actions), tuple(map(ResourcePattern.parse, resources))),
        st.frozensets(st.sampled_from(ACTIONS)),
        st.lists(st.one_of(patterns, st.just("cadip:*")), max_size=3),
    ),
)
principals = st.builds(
    lambda login, groups, scope: (
        Principal(login, frozenset(groups), admin=login == "root", scope=scope) if login else Principal()
    ),
    st.sampled_from(["carol", "alice", "", "root"]),
    st.frozensets(st.sampled_from(["team", "others"])),
    scopes,
)
CHOSEN = st.lists(st.sampled_from(COLLECTIONS), min_size=1, max_size=3, unique=True)
OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "like": lambda collection, prefix: collection.startswith(prefix),
    ">": operator.gt,
}
questions = st.one_of(
    CHOSEN.map(lambda chosen: ({"collections": chosen}, lambda _, collection: collection in chosen)),
    CHOSEN.map(
        lambda chosen: (
            {"ids": [f"{one}-0" for one in chosen]},
            lambda name, _: name[:-2] in chosen and name[-1] == "0",
        )
    ),
    st.builds(
        lambda how, one: about_collection(how, one), st.sampled_from(sorted(OPERATORS)), st.sampled_from(COLLECTIONS)
    ),
    CHOSEN.map(lambda chosen: ({"query": {"collection": {"in": chosen}}}, lambda _, collection: collection in chosen)),
)
"""Bodies of searches that name collections or items, and whether an item in a collection is meant."""

Question = tuple[dict[str, Any], Callable[[str, str], bool]]


def about_collection(how: str, value: str) -> Question:
    """A CQL2 filter on the collection, with `or` around it so that it would find more if it could."""
    text = value[:-1] if how == "like" else value
    comparison = {"op": how, "args": [{"property": "collection"}, f"{text}%" if how == "like" else text]}
    never = {"op": "=", "args": [{"property": "id"}, "nothing"]}
    return {"filter": {"op": "or", "args": [comparison, never]}}, lambda _, collection: OPERATORS[how](collection, text)


def covers(pattern: str, collection: str) -> bool:
    _, owner, name = pattern.split(":")
    its_owner, its_name = collection.split(":")
    fits = its_name.startswith(name[:-1]) if name.endswith("*") else its_name == name
    return owner in {"*", its_owner} and fits


def permitted(principal: Principal, given_grants: list[GivenGrant], action: str) -> set[str]:
    """The model: what the rules of rights say, collection by collection."""
    subjects = {"public"}
    if principal.login:
        subjects |= {"authenticated", f"user:{principal.login}", *(f"group:{group}" for group in principal.groups)}
    granted = {
        pattern
        for subject, pattern, granted_actions, expires in given_grants
        if subject in subjects and action in granted_actions and expires != PAST
    }
    if principal.login:
        granted.add("catalog:*:*" if principal.admin else f"catalog:{principal.login}:*")
    found = {collection for collection in COLLECTIONS if any(covers(pattern, collection) for pattern in granted)}
    if principal.scope is None:
        return found
    limits = [str(limit) for limit in principal.scope.resources if limit.tokens[0] == "catalog"]
    return {
        collection
        for collection in found
        if action in principal.scope.actions and any(covers(limit, collection) for limit in limits)
    }


@pytest.fixture(scope="module")
def filled(search_engine: SearchEngineSettings, indices: Indices) -> Iterator[Indices]:
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
        if OWN:
            assert await move_all(engine, indices) == len(COLLECTIONS)
        await engine.close()

    async def forget() -> None:
        engine = engine_of(search_engine)
        await forget_all(engine, indices)
        await engine.close()

    asyncio.run(fill())
    yield indices
    asyncio.run(forget())


def stored(name: str, collection: str) -> dict[str, object]:
    body = item(name, owner=collection.split(":")[0])
    return body | {"collection": collection, "rs_interval": interval_of(body["properties"])}


@settings(
    max_examples=int(os.environ.get("RS_TEST_EXAMPLES", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(principal=principals, given_grants=grants, question=questions, asked=CHOSEN)
def test_answers_equal_the_model(
    search_engine: SearchEngineSettings,
    filled: Indices,
    principal: Principal,
    given_grants: list[GivenGrant],
    question: Question,
    asked: list[str],
) -> None:
    source = FixedGrants()
    source.grants = [
        Grant(subject, ResourcePattern.parse(pattern), granted, expires)
        for subject, pattern, granted, expires in given_grants
    ]
    may = {action: permitted(principal, given_grants, action) for action in ACTIONS}
    asyncio.run(check(search_engine, filled, source, principal, may, question, asked))


async def check(
    search_engine: SearchEngineSettings,
    indices: Indices,
    grants: FixedGrants,
    principal: Principal,
    may: dict[str, set[str]],
    question: Question,
    asked: list[str],
) -> None:
    engine = engine_of(search_engine)
    app = create_app(Catalog(engine, indices, MemoryObjects()), grants, None)  # type: ignore[arg-type]  # no downloads here
    visible = may["read"]
    expected = {name: collection for name, collection in ITEMS.items() if collection in visible}
    async with as_principal(app, principal) as client:
        assert await pages(client, len(expected)) == expected
        await check_question(client, expected, question)
        aggregated = (await client.get("/aggregate?aggregations=total_count,collection_frequency")).json()
        listed = (await client.get("/collections?limit=1000")).json()
        for collection in asked:
            await check_collection(client, principal, collection, may)
    await engine.close()
    count, frequency = aggregated["aggregations"]
    assert count["value"] == len(expected)
    assert {bucket["key"]: bucket["frequency"] for bucket in frequency["buckets"]} == Counter(expected.values())
    assert {entry["id"] for entry in listed["collections"]} == visible
    assert listed["numberMatched"] == len(visible)


async def check_question(client: httpx.AsyncClient, expected: dict[str, str], question: Question) -> None:
    """A search that names what it wants finds and counts what of that may be read; so does an aggregation."""
    body, is_meant = question
    meant = {name for name, collection in expected.items() if is_meant(name, collection)}
    found = (await client.post("/search", json={**body, "limit": 100})).json()
    assert {feature["id"] for feature in found["features"]} == meant
    assert found["numberMatched"] == len(meant)
    counted = (await client.post("/aggregate", json={**body, "aggregations": ["total_count"]})).json()
    assert counted["aggregations"][0]["value"] == len(meant)


async def check_collection(
    client: httpx.AsyncClient, principal: Principal, collection: str, may: dict[str, set[str]]
) -> None:
    """A collection, its items and one item are shown, refused or said to be absent."""
    refused = 401 if principal.anonymous else 403 if any(collection in some for some in may.values()) else 404
    for path in ("", "/items", f"/items/{collection}-0", "/queryables", "/aggregate?aggregations=total_count"):
        answer = await client.get(f"/collections/{collection}{path}")
        assert answer.status_code == (200 if collection in may["read"] else refused), (path, answer.text)
        if path == "/items" and answer.is_success:
            assert answer.json()["numberMatched"] == 2
    if collection not in may["write"]:
        assert (await client.delete(f"/collections/{collection}/items/{collection}-0")).status_code == refused


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
