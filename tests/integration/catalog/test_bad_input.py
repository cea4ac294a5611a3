"""Requests that cannot be understood: a clear 4xx in our form, never a 5xx, never a trace."""

from __future__ import annotations

import json

import httpx
import pytest

from .conftest import World, collection, item, make


@pytest.fixture
async def alice(world: World) -> httpx.AsyncClient:
    client = world.as_user("alice")
    await make(client, "s1", [item("one")])
    return client


def check(answer: httpx.Response, cause: object, status: int = 400) -> None:
    assert answer.status_code == status, (cause, answer.text)
    body = answer.json()
    assert set(body) == {"code", "description", "request_id"}
    assert body["description"]
    assert "Traceback" not in answer.text


QUERIES = (
    "datetime=yesterday",
    "datetime=2024-13-01T00:00:00Z",
    "datetime=2024-01-02T00:00:00Z/2024-01-01T00:00:00Z",
    "datetime=../..",
    "bbox=1,2,3",
    "bbox=a,b,c,d",
    "bbox=0,50,1,40",
    "bbox=0,0,1,400",
    "bbox=nan,0,1,1",
    "intersects={",
    'intersects={"type":"Point"}',
    'intersects={"type":"Point","coordinates":[0,0]}&bbox=0,0,1,1',
    "filter=platform ==== 'x'",
    "filter=platform",
    "filter=platform = ",
    "filter=" + "(" * 100,
    "filter=foo(platform) = 1",
    "filter={&filter-lang=cql2-json",
    'filter={"op":"and"}&filter-lang=cql2-json',
    "filter=platform='x'&filter-lang=cql3",
    "filter=datetime > 'soon'",
    "filter=geometry = 5",
    "filter=datetime LIKE '2024%25'",
    "filter=created > TIMESTAMP('2024-01-01')",
    "query={",
    "query=[]",
    'query={"platform":"x"}',
    'query={"platform":{"near":"x"}}',
    'query={"platform":{"eq":{"a":1}}}',
    'query={"":{"eq":1}}',
    "limit=0",
    "limit=-1",
    "limit=many",
    "q=,",
    "collections=a/b",
    "collections=Alice:x",
    "sortby=geometry",
)


async def test_searches(alice: httpx.AsyncClient) -> None:
    for query in QUERIES:
        check(await alice.get(f"/search?{query}"), query)
        if "collections" not in query and "intersects" not in query:
            check(await alice.get(f"/collections/s1/items?{query}"), query)


BODIES = (
    [],
    "text",
    5,
    {"collections": 5},
    {"bbox": [1, 2]},
    {"bbox": ["a", "b", "c", "d"]},
    {"datetime": 5},
    {"limit": "x"},
    {"limit": 0},
    {"intersects": {"type": "Nothing"}},
    {"filter": "platform = 'x'"},
    {"filter": {"op": "=", "args": [{"property": "platform"}]}},
    {"filter": {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": ["a"]}]}},
    {"sortby": [{"direction": "asc"}]},
    {"sortby": [{"field": "id", "direction": "up"}]},
    {"query": {"platform": {"in": "x"}}},
    {"fields": 5},
    {"fields": None},
    {"token": 5},
)


async def test_search_bodies(alice: httpx.AsyncClient) -> None:
    for body in BODIES:
        check(await alice.post("/search", json=body), body)


DEEP = b'{"filter":' + b'{"op":"not","args":[' * 400 + b"1" + b"]}" * 400 + b"}"


async def test_bodies_that_are_no_json(alice: httpx.AsyncClient) -> None:
    for path in ("/search", "/collections", "/collections/s1/items", "/collections/s1/bulk_items", "/aggregate"):
        for content in (b"", b"null", b"{", b"\xff\xfe", b"[" * 5000, DEEP):
            answer = await alice.post(path, content=content, headers={"content-type": "application/json"})
            check(answer, (path, content))


ITEMS = (
    {"type": "Thing"},
    {"id": None},
    {"id": ""},
    {"id": "a/b"},
    {"id": "a|b"},
    {"id": ".."},
    {"id": "x" * 256},
    {"properties": None},
    {"properties": {}},
    {"properties": {"datetime": "soon"}},
    {"properties": {"datetime": None}},
    {"geometry": {"type": "Point"}},
    {"geometry": {"type": "Point", "coordinates": [500, 500]}},
    {"bbox": [1, 2, 3]},
    {"bbox": None},
    {"assets": []},
    {"assets": {"a/b": {"href": "https://x.test"}}},
    {"collection": "bob:other"},
    {"properties": {"datetime": "2024-01-01T00:00:00Z", "a.b": 1}},
    {"properties": {"datetime": "2024-01-01T00:00:00Z", "": 1}},
    {"properties": {"datetime": "2024-01-01T00:00:00Z"} | {f"p{number}": 1 for number in range(400)}},
    {"properties": {"datetime": "2024-01-01T00:00:00Z", "expires": "soon"}},
    {"properties": {"datetime": "2024-01-01T00:00:00Z", "description": "x" * 1_000_000}},
    {"properties": {"datetime": "2024-01-01T00:00:00Z", "externalIds": "x"}},
    {"properties": {"datetime": "2024-01-01T00:00:00Z", "deep": json.loads("[" * 300 + "]" * 300)}},
)


async def test_items(alice: httpx.AsyncClient) -> None:
    for change in ITEMS:
        body = {name: value for name, value in (item("new") | change).items() if value is not None}
        check(await alice.post("/collections/s1/items", json=body), change)
        if "id" in body:  # an item of a bulk without an id of its own has that of its key
            answer = await alice.post("/collections/s1/bulk_items", json={"items": {body["id"]: body}})
            assert (answer.status_code, answer.json()["success"]) == (200, 0), change


COLLECTIONS = (
    {"id": ""},
    {"id": "a b"},
    {"id": "a/b"},
    {"id": "alice:a:b"},
    {"id": "Alice:a"},
    {"id": "x" * 200},
    {"extent": {}},
    {"extent": {"spatial": {"bbox": []}, "temporal": {"interval": [["2014-01-01T00:00:00Z", None]]}}},
    {"extent": {"spatial": {"bbox": [[0, 0]]}, "temporal": {"interval": [["2014-01-01T00:00:00Z", None]]}}},
    {"extent": {"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": []}}},
    {"extent": {"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": [["soon", None]]}}},
    {"extent": {"spatial": {"bbox": [[0, 0, 1, 999]]}, "temporal": {"interval": [["2014-01-01T00:00:00Z", None]]}}},
    {"type": "Feature"},
    {"license": 5},
    {"assets": {"a": {}}},
)


async def test_collections(alice: httpx.AsyncClient) -> None:
    for change in COLLECTIONS:
        check(await alice.post("/collections", json=collection("new") | change), change)


async def test_patches(alice: httpx.AsyncClient) -> None:
    path = "/collections/s1/items/one"
    deep = json.loads('{"a":' * 990 + "1" + "}" * 990)
    check(await alice.patch(path, json=deep), "deep")
    for name in ("rs_interval", "rs_collection"):  # members that nobody is shown
        check(await alice.patch(path, json=[{"op": "copy", "from": f"/{name}", "path": "/properties/x"}]), name)


UNSPEAKABLE = (
    ("/search", rb'{"ids": ["\ud800"]}'),
    ("/search", rb'{"q": ["\ud800"]}'),
    ("/search", rb'{"collections": ["\ud800"]}'),
    ("/search", rb'{"query": {"x": {"eq": 1000000000000000000000000000000}}}'),
    ("/search", rb'{"query": {"x": {"eq": NaN}}}'),
    ("/search", rb'{"query": {"\ud800": {"eq": 1}}}'),
    ("/search", rb'{"bbox": [NaN, 0, 1, 1]}'),
    ("/search", rb'{"bbox": [0, 0, 1, Infinity]}'),
    ("/search", rb'{"filter": {"op": "=", "args": [{"property": "x"}, "\udfff"]}}'),
    ("/search", rb'{"limit": 1000000000000000000000000000000}'),
    ("/aggregate", rb'{"aggregations": ["\ud800"]}'),
    ("/collections/s1/bulk_items", rb'{"items": {"\ud800": {}}}'),
    ("/collections/s1/bulk_items", rb'{"items": {"a": {"x": NaN}}}'),
)


async def test_text_and_numbers_that_json_cannot_hold(alice: httpx.AsyncClient) -> None:
    for path, content in UNSPEAKABLE:
        answer = await alice.post(path, content=content, headers={"content-type": "application/json"})
        assert answer.status_code in {200, 400}, content  # numbers may be taken as the nearest there is


@pytest.mark.parametrize("owner", ["public", "catalog", "cadip", "authenticated"])
async def test_reserved_owners_own_nothing(world: World, owner: str) -> None:
    check(await world.as_user("alice").post("/collections", json=collection(f"{owner}:x")), owner)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PUT", "/search", 405),
        ("GET", "/collections/s1/items/two", 404),
        ("GET", "/collections/two", 404),
        ("GET", "/collections/two/items", 404),
        ("GET", "/collections/a%7Cb", 400),
        ("GET", "/collections/s1/items/%00", 404),
        ("DELETE", "/collections/two", 404),
        ("POST", "/collections/two/items", 404),
    ],
)
async def test_places_that_are_not_there(alice: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    check(await alice.request(method, path, json=item("new") if method == "POST" else None), path, status)
