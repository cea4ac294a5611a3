"""The landing page, collections, queryables and items, each with its links."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pystac
import pytest

from tests.unit.stations.api.service import ROOT, links, sessions


async def test_landing_page(api: httpx.AsyncClient) -> None:
    page = (await api.get("/")).json()
    pystac.Catalog.from_dict(page)
    assert [link["href"] for link in links(page, "self")] == [f"{ROOT}/"]
    assert [(link["href"], link["title"]) for link in links(page, "child")] == [
        (f"{ROOT}/collections/s1_mti", "s1_mti"),
        (f"{ROOT}/collections/s2_mti", "s2_mti"),
    ]
    assert [(link["type"], link["method"]) for link in links(page, "search")] == [
        ("application/geo+json", "GET"),
        ("application/geo+json", "POST"),
    ]
    for rel in ("root", "data", "conformance", "service-desc", "service-doc"):
        (link,) = links(page, rel)
        assert (await api.get(link["href"].removeprefix(ROOT))).status_code == 200, rel
    (description,) = links(page, "service-desc")
    assert description["type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert page["conformsTo"] == (await api.get("/conformance")).json()["conformsTo"]


async def test_collections(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/collections")).json()
    assert [each["id"] for each in answer["collections"]] == ["s1_mti", "s2_mti"]
    one = (await api.get("/collections/s1_mti")).json()
    assert one == answer["collections"][0]
    collection = pystac.Collection.from_dict(one)
    assert collection.extent.temporal.intervals[0] == [datetime(2014, 4, 3, tzinfo=UTC), None]
    assert {link["rel"] for link in one["links"]} >= {"self", "root", "parent", "items"}


@pytest.mark.parametrize("path", ["/queryables", "/collections/s1_mti/queryables"])
async def test_queryables(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    assert "$ref" not in answer.text, "A page could not follow it to another site."
    assert schema["$id"] == ROOT + path
    assert schema["additionalProperties"] is False
    assert schema["properties"]["datetime"]["format"] == "date-time"
    assert "sentinel-1a" in schema["properties"]["platform"]["enum"]
    assert schema["properties"]["cadip:retransfer"]["type"] == "boolean"


async def test_an_item(api: httpx.AsyncClient) -> None:
    wanted = sessions()[3]["SessionId"]
    answer = await api.get(f"/collections/s1_mti/items/{wanted}")
    assert answer.headers["content-type"] == "application/geo+json"
    item = answer.json()
    pystac.Item.from_dict(item)
    address = f"{ROOT}/collections/s1_mti"
    assert {link["rel"]: link["href"] for link in item["links"]} == {
        "self": f"{address}/items/{wanted}",
        "root": f"{ROOT}/",
        "parent": address,
        "collection": address,
    }
    assert all(asset["href"].startswith("https://mti.test/odata/v1/Files(") for asset in item["assets"].values())
