"""Search and items: paged by links alone, there and back, by GET and by POST."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.stations.api.service import ROOT, links, sessions


async def test_items_are_paged_by_links_alone(api: httpx.AsyncClient) -> None:
    found: list[str] = []
    address = "/collections/s1_mti/items?limit=4"
    while address:
        page = (await api.get(address)).json()
        found += [item["id"] for item in page["features"]]
        following = links(page, "next")
        address = following[0]["href"].removeprefix(ROOT) if following else ""
    assert found == [each["SessionId"] for each in reversed(sessions()[:15])]


@pytest.mark.parametrize("order", ["-published", "%2Bdatetime"])
async def test_links_lead_back_the_way_they_led(api: httpx.AsyncClient, order: str) -> None:
    pages: list[list[str]] = []
    address = f"/search?limit=4&sortby={order}"
    while address:
        page = (await api.get(address)).json()
        pages.append([item["id"] for item in page["features"]])
        following = links(page, "next")
        last, address = page, following[0]["href"].removeprefix(ROOT) if following else ""
    back = [pages[-1]]
    while previous := links(last, "prev"):
        last = (await api.get(previous[0]["href"].removeprefix(ROOT))).json()
        back.append([item["id"] for item in last["features"]])
    assert len(pages) == 5
    assert back == pages[::-1]


async def test_search_is_paged_by_post(api: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {"collections": ["s1_mti"], "limit": 4, "sortby": [{"field": "published"}]}
    found: list[str] = []
    while body:
        page = (await api.post("/search", json=body)).json()
        found += [item["id"] for item in page["features"]]
        following = links(page, "next")
        assert all(link["method"] == "POST" and link["href"] == f"{ROOT}/search" for link in following)
        body = following[0]["body"] if following else {}
    assert found == [each["SessionId"] for each in sessions()[:15]]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("limit=100", 20),
        ("collections=s2_mti", 5),
        ("collections=s1_mti,s2_mti&limit=100", 20),
        ("datetime=2024-11-14T12:02:33Z", 2),
        ("datetime=2024-11-14T12:02:33Z/2024-11-14T12:03:33Z", 4),
        ("datetime=2024-11-14T12:10:33Z/..", 4),
        ("datetime=../2024-11-14T12:00:33Z", 4),
        ("datetime=/2024-11-14T12:00:33Z", 4),
        ("filter=platform='sentinel-2a'", 5),
        ("filter=platform='sentinel-2a'&filter-lang=cql2-text", 5),
        ('filter={"op":"=","args":[{"property":"platform"},"sentinel-2a"]}&filter-lang=cql2-json', 5),
        ('query={"sat:absolute_orbit":{"gte":3,"lt":5}}', 2),
        ('query={"platform":{"startsWith":"sentinel-2"}}', 5),
        ('query={"cadip:antenna_id":{"endsWith":"2","neq":"TLR1"},"platform":{"in":["sentinel-2a"]}}', 2),
        ('query={"cadip:antenna_id":{"contains":"%"}}', 0),
        ('query={"sat:absolute_orbit":{"in":["3","4.0"]}}', 2),
        ("bbox=-10,-10,10,10", 0),
        ("bbox=170,-10,-170,10", 0),
        ('intersects={"type":"Point","coordinates":[1,2]}', 0),
        ("ids=none", 0),
        ("filter=rs:complete&limit=100", 20),
        ("limit=5000", 20),
    ],
)
async def test_search_by_get(api: httpx.AsyncClient, query: str, count: int) -> None:
    answer = await api.get(f"/search?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["numberReturned"] == len(answer.json()["features"]) == count


async def test_search_by_post_takes_the_same(api: httpx.AsyncClient) -> None:
    body = {
        "datetime": "2024-11-14T12:00:00Z/2024-11-14T13:00:00Z",
        "filter": {"op": "=", "args": [{"property": "platform"}, "sentinel-2a"]},
        "query": {"sat:absolute_orbit": {"gt": 101}},
        "fields": {"include": ["properties.platform"], "exclude": ["links"]},
        "limit": 1,
    }
    page = (await api.post("/search", json=body)).json()
    assert page["features"] == [
        {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": sessions()[19]["SessionId"],
            "collection": "s2_mti",
            "properties": {"platform": "sentinel-2a"},
        }
    ]
    (following,) = links(page, "next")
    assert set(following["body"]) == {*body, "token"}
    assert list((await api.post("/search", json=following["body"])).json()["features"][0]["properties"]) == ["platform"]


async def test_a_property_that_no_item_has_is_named(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/search?filter=eo:cloud_cover<5 OR sat:absolute_orbit=3")).json()
    assert [item["properties"]["sat:absolute_orbit"] for item in answer["features"]] == [3]
    assert answer["rs:unknown_properties"] == ["eo:cloud_cover"]
    assert "rs:unknown_properties" not in (await api.get("/search?filter=sat:absolute_orbit=3")).json()


@pytest.mark.parametrize("value", ["maybe", "7"])
async def test_a_count_is_asked_for_with_true_or_false(api: httpx.AsyncClient, value: str) -> None:
    answer = await api.get(f"/search?count={value}")
    assert answer.status_code == 400
    assert "count" in answer.json()["description"]
    assert (await api.post("/search", json={"count": value})).status_code == 400


async def test_who_can_be_asked_for_a_count_is_described(api: httpx.AsyncClient) -> None:
    described = (await api.get("/api")).json()
    for path in ("/search", "/collections/{collection_id}/items"):
        names = {parameter["name"] for parameter in described["paths"][path]["get"]["parameters"]}
        assert "count" in names
    body = described["paths"]["/search"]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert "count" in described["components"]["schemas"][body.rsplit("/", 1)[-1]]["properties"]
