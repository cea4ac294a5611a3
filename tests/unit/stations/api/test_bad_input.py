"""What is not right is refused, and the answer says what."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("datetime=yesterday", "RFC3339"),
        ("datetime=2024-13-01T00:00:00Z", ""),
        ("datetime=2024-11-14T12:00:00Z/2024-11-13T12:00:00Z", "before"),
        ("datetime=../..", ""),
        ("datetime=", ""),
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,2,a,3", "bbox"),
        ("bbox=0,10,1,-10", "bbox"),
        ("bbox=0,0,nan,1", "bbox"),
        ('bbox=0,0,1,1&intersects={"type":"Point","coordinates":[1,2]}', "together"),
        ("intersects=POINT", "intersects must be JSON"),
        ('intersects={"type":"Circle"}', "GeoJSON geometry"),
        ('intersects={"type":"Point","coordinates":[]}', "no coordinates"),
        ('intersects={"type":"Point","coordinates":[500,2]}', "longitudes"),
        ("filter=platform", "cannot stand alone"),
        ("filter=((((", "not CQL2 text"),
        ("filter={&filter-lang=cql2-json", "no JSON"),
        ("filter=platform='a'&filter-lang=ecql", "filter-lang"),
        ("filter=platform='a'&filter-crs=EPSG:3857", "filter-crs"),
        ("query={", "query must be JSON"),
        ('query={"platform":5}', "query must be an object"),
        ('query={"platform":{"near":5}}', "operator 'near'"),
        ("sortby=nope", "'nope' cannot be sorted by"),
        ("sortby=published,-published", "twice"),
        ("token=x", "page token"),
    ],
)
async def test_bad_input_is_a_400_that_says_what(api: httpx.AsyncClient, query: str, message: str) -> None:
    answer = await api.get(f"/search?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "InvalidRequest"
    assert message.lower() in answer.json()["description"].lower()


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 0},
        {"limit": "x"},
        {"datetime": "x"},
        {"bbox": [1, 2, 3]},
        {"bbox": "1,2,3,4"},
        {"collections": 5},
        {"filter": "platform='a'"},
        {"filter": {"op": "nope"}},
        {"sortby": [{"direction": "asc"}]},
        {"sortby": [{"field": "published", "direction": "sideways"}]},
        {"fields": {"include": 5}},
        {"fields": None},
        {"query": []},
        {"ids": [5]},
        {"token": 5},
        {"intersects": {"type": "Point"}},
        [],
    ],
)
async def test_a_bad_body_is_a_400(api: httpx.AsyncClient, body: Any) -> None:
    answer = await api.post("/search", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "InvalidRequest"


async def test_text_that_is_no_json_is_a_400(api: httpx.AsyncClient) -> None:
    answer = await api.post("/search", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/search?collections=nope",
        "/search?collections=s1_mti,nope",
        "/collections/nope",
        "/collections/nope/items",
        "/collections/nope/items/x",
        "/collections/nope/queryables",
        "/collections/nope/sortables",
        "/collections/s1_mti/items/x",
        "/nope",
        "/_mgmt/ping",
    ],
)
async def test_what_is_not_there_is_a_404(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "NotFound"
