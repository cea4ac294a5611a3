"""Item search: what is found, in which order, with which members."""

from __future__ import annotations

import httpx
import pytest

from .conftest import World, ids, item, make

POINT = {"type": "Point", "coordinates": [2.35, 48.85]}


@pytest.fixture
async def alice(world: World) -> httpx.AsyncClient:
    """Four items in two collections: a platform each, one without a place, one that lasts for ever."""
    client = world.as_user("alice")
    paris = {"geometry": POINT, "bbox": [2.35, 48.85, 2.35, 48.85]}
    nowhere = {"geometry": None}
    await make(
        client,
        "s1",
        [
            item("a", platform="sentinel-1a", datetime="2024-01-01T00:00:00Z", **{"eo:cloud_cover": 5}) | paris,
            item("b", platform="sentinel-1b", datetime="2024-02-01T00:00:00.000001Z", title="Flood in the Delta"),
        ],
    )
    forever = {"datetime": None, "start_datetime": "2024-03-01T00:00:00Z", "end_datetime": "9999-12-31T23:59:59Z"}
    c = item("c", platform="sentinel-2a") | nowhere
    c["properties"] = forever | {"platform": "sentinel-2a", "eo:cloud_cover": 50, "x:flags": ["red", "green"]}
    del c["bbox"]
    await make(client, "s2", [c, item("d", datetime="2024-02-01T00:00:00.000002Z", **{"x:name": "50%_full*"})])
    return client


SEARCHES = (
    ({}, "cdba"),
    ({"collections": ["s1"]}, "ba"),
    ({"collections": ["alice:s1"]}, "ba"),
    ({"collections": ["alice:s1", "alice:s2"]}, "cdba"),
    ({"collections": ["nothing"]}, ""),
    ({"collections": []}, "cdba"),
    ({"collections": "s1"}, "ba"),
    ({"ids": ["a", "d", "z"]}, "da"),
    ({"bbox": [2, 48, 3, 49]}, "a"),
    ({"bbox": [2, 48, -100, 3, 49, 100]}, "a"),
    ({"bbox": [170, -10, -170, 10]}, ""),
    ({"bbox": [10, 40, -170, 41]}, "db"),
    ({"intersects": POINT}, "a"),
    ({"datetime": "2024-01-01T00:00:00Z"}, "a"),
    ({"datetime": "2024-02-01T00:00:00.000002Z/.."}, "cd"),
    ({"datetime": "../2024-02-01T00:00:00.000001Z"}, "ba"),
    ({"datetime": "2500-01-01T00:00:00Z/.."}, "c"),
    ({"datetime": "2024-02-01T01:00:00.000001+01:00"}, "b"),
    ({"query": {"platform": {"eq": "sentinel-1a"}}}, "a"),
    ({"query": {"eo:cloud_cover": {"gt": 5, "lte": 50}}}, "c"),
    ({"query": {"platform": {"startsWith": "sentinel-1"}}}, "ba"),
    ({"query": {"platform": {"in": ["sentinel-2a", "sentinel-1b"]}}}, "cb"),
    ({"query": {"x:name": {"contains": "%_full*"}}}, "d"),
    ({"q": ["delta"]}, "b"),
    ({"q": ["flood delta"]}, ""),
    ({"q": ["nothing", "in the delta"]}, "b"),
)


async def test_what_is_found(alice: httpx.AsyncClient) -> None:
    for body, found in SEARCHES:
        answer = await alice.post("/search", json=body)
        assert "".join(ids(answer)) == found, body
        assert answer.json()["numberMatched"] == len(found), body


FILTERS = (
    ("platform = 'sentinel-1a'", "a"),
    ("platform <> 'sentinel-1a'", "cb"),
    ("NOT platform = 'sentinel-1a'", "cdb"),
    ("properties.platform LIKE 'sentinel-1_'", "ba"),
    ("platform LIKE 'SENTINEL%'", ""),
    ("\"x:name\" LIKE '50\\%\\_%'", "d"),
    ('"eo:cloud_cover" BETWEEN 5 AND 10', "a"),
    ("\"eo:cloud_cover\" > 5 OR id = 'd'", "cd"),
    ('"eo:cloud_cover" IS NULL', "db"),
    ("platform IN ('sentinel-2a', 'sentinel-1b')", "cb"),
    ("datetime >= TIMESTAMP('2024-02-01T00:00:00.000002Z')", "d"),
    ("created > DATE('2020-01-01')", "cdba"),
    ("end_datetime > TIMESTAMP('5000-01-01T00:00:00Z')", "c"),
    ("collection = 's1' AND id = 'b'", "b"),
    ("collection = 'alice:s2' AND NOT id = 'c'", "d"),
    ("\"x:flags\" = 'green'", "c"),
    ("S_INTERSECTS(geometry, POINT(2.35 48.85))", "a"),
    ("S_INTERSECTS(geometry, POLYGON((2 48, 3 48, 3 49, 2 49, 2 48)))", "a"),
    ("S_INTERSECTS(geometry, BBOX(2, 48, 3, 49))", "a"),
    ("nothing = 1", ""),
)


async def test_cql2_text(alice: httpx.AsyncClient) -> None:
    for text, found in FILTERS:
        assert "".join(ids(await alice.get("/search", params={"filter": text}))) == found, text
        parameters = {"filter": text, "filter-lang": "cql2-text", "limit": 100}
        in_one = ids(await alice.get("/collections/s1/items", params=parameters))
        assert "".join(in_one) == "".join(name for name in found if name in "ab"), text


ORDERS = (
    ("id", "abcd"),
    ("-id", "dcba"),
    ("+platform", "abcd"),
    ("-platform", "cbad"),
    ("properties.datetime", "abdc"),
    ("-datetime", "cdba"),
    ("collection,-id", "badc"),
    ("-eo:cloud_cover", "cadb"),
    ("properties.created,id", "abcd"),
    ("properties.title,id", "bacd"),
    ("nothing", "dcba"),
)


async def test_order(alice: httpx.AsyncClient) -> None:
    for sortby, found in ORDERS:
        assert "".join(ids(await alice.get("/search", params={"sortby": sortby}))) == found, sortby


async def test_get_and_post_say_the_same(alice: httpx.AsyncClient) -> None:
    box = "2,48,3,49"
    get = await alice.get("/search", params={"bbox": box, "collections": "s1,s2", "query": '{"platform":{"neq":"x"}}'})
    body = {"bbox": [2, 48, 3, 49], "collections": ["s1", "s2"], "query": {"platform": {"neq": "x"}}}
    assert ids(get) == ids(await alice.post("/search", json=body)) == ["a"]


async def test_fields(alice: httpx.AsyncClient) -> None:
    body = {"ids": ["a"], "fields": {"include": ["id", "properties.platform"], "exclude": []}}
    [feature] = (await alice.post("/search", json=body)).json()["features"]
    head = {"type": "Feature", "stac_version": "1.1.0", "id": "a", "collection": "alice:s1"}
    assert feature == head | {"properties": {"platform": "sentinel-1a"}}
    body = {"ids": ["a"], "fields": {"include": [], "exclude": ["geometry"]}}
    [feature] = (await alice.post("/search", json=body)).json()["features"]
    assert "geometry" not in feature
    assert feature["properties"] == {"datetime": "2024-01-01T00:00:00Z"}
    [feature] = (await alice.get("/search?ids=a&fields=-assets,-properties.platform,-links")).json()["features"]
    assert "assets" not in feature
    assert "links" not in feature
    assert "platform" not in feature["properties"]
    assert feature["properties"]["datetime"] == "2024-01-01T00:00:00Z"


async def test_one_owners_odd_values_do_not_stand_in_anothers_way(world: World) -> None:
    """The index is shared: a property that is a number to one owner may be text or an object to another."""
    alice, bob = world.as_user("alice"), world.as_user("bob")
    await make(alice, "one", [item("number", **{"x:value": 5})])
    await make(bob, "two", [item("text", **{"x:value": "five"}), item("truth", **{"x:value": True})])
    assert ids(await alice.post("/search", json={"query": {"x:value": {"gt": 4}}})) == ["number"]
    assert sorted(ids(await bob.get("/search"))) == ["text", "truth"]
