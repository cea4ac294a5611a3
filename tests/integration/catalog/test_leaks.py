"""What somebody may not read shows nowhere: not in lists, counts, buckets, schemas, tokens or messages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from rs_server.access.principals import ANONYMOUS, Principal
from rs_server.stac.pagination import decode_token, encode_token

from .conftest import World, ids, item, make

SECRET = "TOPSECRET"


@pytest.fixture
async def shared(world: World) -> World:
    """alice hides one collection and shares another with bob."""
    alice = world.as_user("alice")
    await make(alice, "hidden", [item(f"{SECRET}-1", **{f"x:{SECRET}": SECRET, "platform": SECRET})])
    await make(alice, "shown", [item("one", platform="sentinel-1a"), item("two", platform="sentinel-1b")])
    world.grants.give("user:bob", "catalog:alice:shown", "read")
    return world


def post(body: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    return "POST", "/search", body


SEARCHES = (
    ("GET", "/", None),
    ("GET", "/collections", None),
    ("GET", "/collections?q=hidden", None),
    ("GET", "/collections?bbox=-180,-90,180,90&datetime=../2030-01-01T00:00:00Z", None),
    ("GET", "/collections?filter=id LIKE 'alice:h%'", None),
    ("GET", "/collections?sortby=-id&limit=1", None),
    ("GET", "/queryables", None),
    ("GET", "/sortables", None),
    ("GET", "/collections-sortables", None),
    ("GET", "/collections/alice:shown/queryables", None),
    ("GET", "/collections/alice:shown/sortables", None),
    ("GET", "/search", None),
    ("GET", "/search?collections=alice:hidden", None),
    ("GET", f"/search?ids={SECRET}-1", None),
    ("GET", "/search?filter=collection='alice:hidden'", None),
    ("GET", "/search?filter=NOT collection='alice:shown'", None),
    ("GET", "/search?filter=owner='alice'", None),
    ("GET", f"/search?q={SECRET}", None),
    ("GET", "/search?sortby=-platform&limit=1", None),
    post({"collections": ["alice:hidden", "alice:shown"]}),
    post({"query": {"platform": {"neq": "sentinel-1a"}}}),
    post({"filter": {"op": "or", "args": [True, {"op": "=", "args": [{"property": "collection"}, "alice:hidden"]}]}}),
    post({"filter": {"op": "like", "args": [{"property": "id"}, f"{SECRET[:3]}%"]}}),
    post({"intersects": {"type": "Point", "coordinates": [16.7, 40.6]}}),
    ("GET", "/aggregate?aggregations=total_count,collection_frequency,platform_frequency", None),
    ("POST", "/aggregate", {"aggregations": ["total_count", "collection_frequency", "platform_frequency"]}),
    ("POST", "/aggregate", {"collections": ["alice:hidden"], "aggregations": ["total_count", "platform_frequency"]}),
    ("POST", "/aggregate", {"collections": [], "aggregations": ["datetime_frequency", "platform_frequency"]}),
    ("GET", "/collections/alice:shown/aggregate?aggregations=collection_frequency", None),
)


async def test_no_answer_names_what_is_hidden(shared: World) -> None:
    for method, path, body in SEARCHES:
        answer = await shared.as_user("bob").request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        document = answer.json()
        own = {"self", "next"}  # links that repeat what was asked
        document["links"] = [entry for entry in document.get("links", ()) if entry["rel"] not in own]
        document.pop("$id", None)
        assert SECRET not in str(document), (path, body)
        assert "alice:hidden" not in str(document), (path, body)


@pytest.mark.parametrize("login", ["bob", "carol", ""])
async def test_counts_are_of_what_may_be_read(shared: World, login: str) -> None:
    client = shared.as_principal(Principal(login) if login else ANONYMOUS)
    visible = 2 if login == "bob" else 0
    search = (await client.get("/search?limit=1")).json()
    assert search["numberMatched"] == visible
    total = (await client.get("/aggregate?aggregations=total_count")).json()
    assert total["aggregations"] == [{"name": "total_count", "data_type": "integer", "value": visible}]
    collections = (await client.get("/collections")).json()
    assert collections["numberMatched"] == (1 if login == "bob" else 0)


async def test_pages_are_full(world: World) -> None:
    """Items that may not be read do not leave gaps in the pages of those that may."""
    alice = world.as_user("alice")
    await make(alice, "hidden", [item(f"h{number:02}") for number in range(20)])
    await make(alice, "shown", [item(f"s{number:02}") for number in range(20)])
    world.grants.give("user:bob", "catalog:alice:shown", "read")
    page = await world.as_user("bob").get("/search?limit=15")
    assert len(ids(page)) == 15
    assert all(name.startswith("s") for name in ids(page))


OPERANDS = ("text", 5, True)
COMPARED = [
    *({"op": operator, "args": [operand]} for operator in ("=", "<>") for operand in OPERANDS),
    *({"op": "<", "args": [operand]} for operand in OPERANDS),
    {"op": "between", "args": ["a", "b"]},
    {"op": "in", "args": [["text", 5]]},
    {"op": "like", "args": ["te%"]},
    {"op": "like", "args": ["te%:_>"]},
    {"op": "like", "args": ["%"]},
    {"op": "isNull", "args": []},
    {"op": "s_intersects", "args": [{"bbox": [0, 0, 1, 1]}]},
]
ODD = ("text", 5, True, {"a": 1}, ["text"], "2024-01-01T00:00:00Z")


async def test_how_hidden_properties_are_indexed_does_not_show(world: World) -> None:
    """What others' properties hold decides how the engine indexes them; questions about them are answered alike."""
    alice, bob = world.as_user("alice"), world.as_user("bob")
    odd = {f"{SECRET}:{number}": value for number, value in enumerate(ODD)} | {
        f"{SECRET}:datetime": "2024-01-01T00:00:00Z"
    }
    await make(alice, "hidden", [item("one", **odd)])
    await make(bob, "mine", [item("two")])
    for name in odd:
        nobodys = name.replace(SECRET, "NOBODYS")
        for body in (
            *({"filter": {"op": op["op"], "args": [{"property": "NAME"}, *op["args"]]}} for op in COMPARED),
            *({"query": {"NAME": {operator: "text"}}} for operator in ("eq", "neq", "lt", "startsWith", "contains")),
            {"sortby": [{"field": "NAME", "direction": "asc"}]},
        ):
            answers = [
                await bob.post("/search", content=json.dumps(body).replace("NAME", asked)) for asked in (name, nobodys)
            ]
            texts = [answer.text.replace(name, nobodys) for answer in answers]
            assert [answer.status_code for answer in answers] in ([200, 200], [400, 400]), (name, body, texts)
            if answers[0].status_code == 400:
                assert texts[0].partition("request_id")[0] == texts[1].partition("request_id")[0]
            else:
                assert ids(answers[0]) == ids(answers[1])


HIDDEN = {f"{SECRET}:number": 5, f"{SECRET}:text": "x", f"{SECRET}:datetime": "2024-01-01T00:00:00Z"}


async def test_no_page_token_tells_how_hidden_properties_are_indexed(world: World) -> None:
    """Neither one that was given, which has the sort values in it, nor one made up, by what it is refused for."""
    alice, bob = world.as_user("alice"), world.as_user("bob")
    await make(alice, "hidden", [item("one", **HIDDEN)])
    await make(bob, "mine", [item("two"), item("three")])
    for name in HIDDEN:
        told = []
        for asked in (name, name.replace(SECRET, "NOBODYS")):
            sortby = [{"field": asked, "direction": "asc"}]
            page = (await bob.post("/search", json={"sortby": sortby, "limit": 1})).json()
            [given] = [entry["body"]["token"] for entry in page["links"] if entry["rel"] == "next"]
            forged = [
                encode_token({"after": [value, "u", "bob:mine"], "limit": 1, "search": {"sortby": sortby}})
                for value in (None, "text", 5, True, 10**18)
            ]
            found = [await bob.post("/search", json={"token": token}) for token in forged]
            told.append((decode_token(given)["after"], [(answer.status_code, ids(answer)) for answer in found]))
        assert told[0] == told[1], name
        assert [status for status, _ in told[0][1]] == [200] * 5


@pytest.mark.parametrize("sortby", ["eo:cloud_cover", "expires", "datetime", "x:number"])
async def test_a_made_up_token_is_no_failure_of_ours(world: World, sortby: str) -> None:
    bob = world.as_user("bob")
    await make(bob, "mine", [item("one", **{"x:number": 5})])
    for value in (None, "text", float("inf")):
        token = encode_token({"after": [value, "u", "v"], "limit": 1, "search": {"sortby": [{"field": sortby}]}})
        answer = await bob.post("/search", json={"token": token})
        assert answer.status_code == 400, answer.text


async def test_an_entity_tag_does_not_count_what_others_write(world: World) -> None:
    alice, bob = world.as_user("alice"), world.as_user("bob")
    await make(bob, "mine", [item("one")])
    await make(alice, "hidden", [item(f"{number}") for number in range(5)])
    tags = []
    for platform in "ab":
        answer = await bob.patch("/collections/mine/items/one", json={"properties": {"platform": platform}})
        tags.append(answer.headers["etag"])
    assert all(re.fullmatch(r'"[0-9a-f]{32}"', tag) for tag in tags)
    assert tags[0] != tags[1]


async def test_a_token_gives_no_rights(shared: World) -> None:
    first = (await shared.as_user("alice").get("/search?limit=1")).json()
    following = next(entry["href"] for entry in first["links"] if entry["rel"] == "next")
    assert ids(await shared.as_user("carol").get(following)) == []


async def test_an_item_of_another_collection_is_not_reached_by_id(shared: World) -> None:
    bob = shared.as_user("bob")
    for item_id in (f"{SECRET}-1", f"..%2Fhidden%2Fitems%2F{SECRET}-1", f"x|alice:hidden|{SECRET}-1"):
        answer = await bob.get(f"/collections/alice:shown/items/{item_id}")
        assert answer.status_code == 404
