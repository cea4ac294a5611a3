"""Pages: nothing lost, nothing twice, whatever the order; tokens hold the whole request."""

from __future__ import annotations

from itertools import batched
from typing import Any

import httpx
import pytest

from rs_server.stac.pagination import encode_token

from .conftest import World, ids, item, make

COUNT = 23


def many() -> list[dict[str, Any]]:
    """Items that share times, and of which some lack what others are sorted by."""
    items = []
    for number in range(COUNT):
        body = item(f"i{number:02}", datetime=f"2024-01-0{number % 3 + 1}T00:00:00Z")
        if number % 2:
            body["properties"] |= {"eo:cloud_cover": number % 5, "platform": f"p{number % 4}"}
        if number % 4 == 3:
            body["properties"] |= {"expires": "2030-01-01T00:00:00Z", "x:number": number, "x:text": str(number)}
        items.append(body)
    return items


@pytest.fixture
async def alice(world: World) -> httpx.AsyncClient:
    client = world.as_user("alice")
    await make(client, "one", many())
    await make(client, "two", many())
    return client


def next_link(answer: httpx.Response) -> dict[str, Any] | None:
    return next((entry for entry in answer.json()["links"] if entry["rel"] == "next"), None)


async def walk(client: httpx.AsyncClient, answer: httpx.Response) -> list[tuple[str, str]]:
    """Follow `next` to the end; pages but the last are full."""
    seen: list[tuple[str, str]] = []
    while True:
        assert answer.status_code == 200, answer.text
        seen += [(feature["collection"], feature["id"]) for feature in answer.json()["features"]]
        following = next_link(answer)
        if following is None:
            return seen
        assert len(answer.json()["features"]) == 7
        answer = await client.request(following["method"], following["href"], json=following.get("body"))


@pytest.mark.parametrize(
    "sortby",
    [
        *("", "datetime", "-datetime", "id", "-platform", "eo:cloud_cover", "-eo:cloud_cover", "expires", "-expires"),
        *("-x:number", "x:text", "-created", "nothing", "collection,-platform"),
    ],
)
async def test_pages_by_get(alice: httpx.AsyncClient, sortby: str) -> None:
    seen = await walk(alice, await alice.get("/search", params={"limit": 7, "sortby": sortby}))
    assert len(seen) == len(set(seen)) == 2 * COUNT


@pytest.mark.parametrize(
    "sortby", [[], [{"field": "properties.platform", "direction": "desc"}], [{"field": "expires"}]]
)
async def test_pages_by_post(alice: httpx.AsyncClient, sortby: list[dict[str, str]]) -> None:
    body = {
        "limit": 7,
        "collections": ["one"],
        "sortby": sortby,
        "filter": {"op": "isNull", "args": [{"property": "y"}]},
    }
    seen = await walk(alice, await alice.post("/search", json=body))
    assert len(seen) == len(set(seen)) == COUNT


async def test_pages_of_a_collection(alice: httpx.AsyncClient) -> None:
    seen = await walk(alice, await alice.get("/collections/one/items?limit=7"))
    assert sorted(seen) == sorted(("alice:one", f"i{number:02}") for number in range(COUNT))


async def test_a_token_alone_is_the_whole_request(alice: httpx.AsyncClient) -> None:
    first = await alice.get("/search", params={"limit": 3, "collections": "one", "sortby": "id", "fields": "id"})
    following = next_link(first)
    assert following
    token = httpx.URL(following["href"]).params["token"]
    by_get = await alice.get("/search", params={"token": token})
    by_post = await alice.post("/search", json={"token": token})
    assert ids(by_get) == ids(by_post) == ["i03", "i04", "i05"]
    assert "properties" not in by_get.json()["features"][0]


async def test_a_request_too_long_for_a_token_still_has_pages(alice: httpx.AsyncClient) -> None:
    names = [f"i{number:02}" for number in range(COUNT)] + ["x" * 200 + str(number) for number in range(60)]
    answer = await alice.post("/search", json={"limit": 7, "ids": names, "collections": ["two"]})
    following = next_link(answer)
    assert following
    assert len(following["body"]["token"]) < 1000
    assert len(await walk(alice, answer)) == COUNT


async def test_the_last_page_has_no_next(alice: httpx.AsyncClient) -> None:
    assert next_link(await alice.get(f"/search?limit={2 * COUNT}")) is None
    assert next_link(await alice.get(f"/search?limit={2 * COUNT - 1}"))


async def test_a_page_ends_before_it_is_too_large_for_an_answer(world: World) -> None:
    client = world.as_user("bob")
    await make(client, "large")
    big = {f"b{number:02}": item(f"b{number:02}", description="x" * 600_000) for number in range(12)}
    for names in batched(big, 6, strict=True):  # more is too large for a request
        answer = await client.post("/collections/large/bulk_items", json={"items": {name: big[name] for name in names}})
        assert answer.json()["success"] == 6
    await client.post("/collections/large/items", json=item("last"))  # what this waits for is there for all
    seen: list[str] = []
    page = await client.get("/search?limit=100&sortby=id")
    while True:
        assert len(page.content) < 5_000_000
        seen += ids(page)
        following = next_link(page)
        if following is None:
            break
        page = await client.get(following["href"])
    assert seen == [*sorted(big), "last"]


async def test_a_large_limit_is_cut(alice: httpx.AsyncClient) -> None:
    assert len(ids(await alice.get("/search?limit=100000"))) == 2 * COUNT


async def test_items_written_while_paging_do_not_disturb(world: World, alice: httpx.AsyncClient) -> None:
    first = await alice.get("/search?limit=7&sortby=id&collections=one")
    for name in ("a-new", "z-new"):
        await alice.post("/collections/one/items", json=item(name))
    rest = await walk(alice, first)
    assert [name for _, name in rest] == [f"i{number:02}" for number in range(COUNT)] + ["z-new"]


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "y" * 10_000,
        encode_token({}),
        encode_token({"after": 1, "limit": 1}),
        encode_token({"after": [], "limit": 1}),
        encode_token({"after": [1], "limit": 1}),
        encode_token({"after": [{}, "a", "b"], "limit": 1}),
        encode_token({"after": ["x", "y", "z"], "limit": 1}),
        encode_token({"after": [1, "x", "y"], "limit": -1}),
        encode_token({"after": [1, "x", "y"], "limit": "many"}),
        encode_token({"after": [1, "x", "y"], "limit": 1, "search": [1]}),
        encode_token({"after": [1, "x", "y"], "limit": 1, "search": {"collections": 5}}),
        encode_token({"after": [1, "x", "y"], "limit": 1, "search": {"bbox": "here"}}),
        encode_token({"after": [1, "x", "y"], "limit": 1, "search": {"filter": {"op": "drop"}}}),
    ],
)
async def test_a_token_that_is_none_of_ours(alice: httpx.AsyncClient, token: str) -> None:
    for answer in (
        await alice.get("/search", params={"token": token}),
        await alice.post("/search", json={"token": token}),
    ):
        assert answer.status_code == 400, answer.text
        assert answer.json()["code"] == "InvalidRequest"


async def test_pages_of_collections(world: World) -> None:
    alice = world.as_user("alice")
    for number in range(7):
        await make(alice, f"c{number}")
    seen: list[str] = []
    answer = await alice.get("/collections?limit=3")
    while True:
        seen += [entry["id"] for entry in answer.json()["collections"]]
        following = next_link(answer)
        if following is None:
            break
        answer = await alice.get(following["href"])
    assert seen == [f"alice:c{number}" for number in range(7)]
