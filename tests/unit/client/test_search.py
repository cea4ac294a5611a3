"""Searching over pystac-client: what goes out, how pages are followed, where the key goes."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from rs_client import Refused
from rs_client.errors import InvalidCriteria

URL = "https://rs.example.org/v1"
LANDING = {
    "type": "Catalog",
    "id": "cadip",
    "stac_version": "1.1.0",
    "description": "Sessions",
    "conformsTo": [
        "https://api.stacspec.org/v1.0.0/core",
        "https://api.stacspec.org/v1.0.0/item-search",
        "https://api.stacspec.org/v1.0.0-rc.2/item-search#filter",
    ],
    "links": [
        {"rel": "self", "href": f"{URL}/cadip"},
        {"rel": "root", "href": f"{URL}/cadip"},
        {"rel": "search", "href": f"{URL}/cadip/search", "method": "GET", "type": "application/geo+json"},
        {"rel": "search", "href": f"{URL}/cadip/search", "method": "POST", "type": "application/geo+json"},
    ],
}


def item(name: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "collection": "s1_mti",
        "geometry": None,
        "properties": {"datetime": "2024-11-14T14:30:44Z"},
        "links": [],
        "assets": {},
    }


def page(*names: str, links: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [item(name) for name in names], "links": links or []}


@pytest.fixture(autouse=True)
def landing(server):
    server.on("GET", "/cadip", LANDING)


def test_criteria_go_out_as_a_post_search(server, client):
    server.on("POST", "/cadip/search", page("A"))
    found = client.search("cadip", collections=["s1_mti"], ids=["A"], datetime="2024-11-14", limit=5)
    assert [found_item.id for found_item in found.items()] == ["A"]
    assert json.loads(server.requests[-1].content) == {
        "limit": 5,
        "collections": ["s1_mti"],
        "ids": ["A"],
        "datetime": "2024-11-14T00:00:00Z/2024-11-14T23:59:59Z",
    }


def test_cql2_text_goes_out_as_it_was_written(server, client):
    server.on("GET", "/cadip/search", page("A"))
    list(client.search("cadip", filter="platform = 'sentinel-1a' AND").items())
    query = parse_qs(urlsplit(str(server.requests[-1].url)).query)
    assert query["filter"] == ["platform = 'sentinel-1a' AND"]
    assert query["filter-lang"] == ["cql2-text"]


def test_all_pages_are_followed_and_no_more_than_asked_for(server, client):
    pages = {"": page("A", "B", links=[next_link("2")]), "2": page("C", "D", links=[next_link("3")]), "3": page("E")}
    server.on(
        "POST", "/cadip/search", lambda r: httpx.Response(200, json=pages[json.loads(r.content).get("token", "")])
    )
    assert [found.id for found in client.search("cadip", collections=["s1_mti"]).items()] == ["A", "B", "C", "D", "E"]
    server.requests.clear()
    assert [found.id for found in client.search("cadip", collections=["s1_mti"], limit=3).items()] == ["A", "B", "C"]
    assert len([request for request in server.requests if request.method == "POST"]) == 2


def next_link(token: str) -> dict[str, Any]:
    return {"rel": "next", "href": f"{URL}/cadip/search", "method": "POST", "body": {"token": token}}


def test_a_next_link_to_elsewhere_gets_no_key(server, client):
    away = {"rel": "next", "href": "https://evil.example/search", "method": "GET"}
    server.on("POST", "/cadip/search", page("A", links=[away]))
    server.on("GET", "https://evil.example/search", page("B"))
    list(client.search("cadip", collections=["s1_mti"]).items())
    assert "authorization" in server.requests[-2].headers
    assert "authorization" not in server.requests[-1].headers


def test_a_refused_search_says_what_the_server_says(server, client):
    server.on("GET", "/cadip/search", {"code": "InvalidRequest", "description": "filter: unexpected end"}, status=400)
    with pytest.raises(Refused, match="filter: unexpected end"):
        list(client.search("cadip", filter="platform =").items())


@pytest.mark.parametrize("moment", ["yesterday", "2024-13-01", "2024-02-30", "a/b/c"])
def test_a_time_that_is_none_is_told_before_anything_is_searched(server, client, moment):
    with pytest.raises(InvalidCriteria) as raised:
        list(client.search("cadip", datetime=moment).items())
    assert "2024-11-14" in raised.value.hint
    assert not any("/search" in request.url.path for request in server.requests)


def test_a_search_as_a_url_is_what_staging_takes(client):
    url = client.search_url("cadip", collections=["s1_mti"], ids=["A", "B"], filter="a = 'x y'", datetime="2024-11-14")
    assert url.startswith(f"{URL}/cadip/search?")
    query = parse_qs(urlsplit(url).query)
    assert query["collections"] == ["s1_mti"]
    assert query["ids"] == ["A,B"]
    assert query["filter"] == ["a = 'x y'"]
    assert query["datetime"] == ["2024-11-14T00:00:00Z/2024-11-14T23:59:59Z"]
