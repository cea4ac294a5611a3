"""Aggregations: of the whole catalog and of one collection, by GET and POST."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from .conftest import World, item, make


@pytest.fixture
async def alice(world: World) -> httpx.AsyncClient:
    client = world.as_user("alice")
    await make(
        client,
        "one",
        [
            item("a", platform="x", datetime="2024-01-15T00:00:00Z"),
            item("b", platform="x", datetime="2024-02-15T00:00:00Z"),
        ],
    )
    await make(client, "two", [item("c", platform="y", datetime="2024-02-16T00:00:00.123Z")])
    return client


def buckets(answer: httpx.Response, name: str) -> dict[str, int]:
    assert answer.status_code == 200, answer.text
    (found,) = (entry for entry in answer.json()["aggregations"] if entry["name"] == name)
    assert found["data_type"] == "frequency_distribution"
    return {bucket["key"]: bucket["frequency"] for bucket in found["buckets"]}


async def test_frequencies(alice: httpx.AsyncClient) -> None:
    names = "collection_frequency,platform_frequency,datetime_frequency,geometry_geohash_grid_frequency"
    answer = await alice.get(f"/aggregate?aggregations={names}")
    assert buckets(answer, "collection_frequency") == {"alice:one": 2, "alice:two": 1}
    assert buckets(answer, "platform_frequency") == {"x": 2, "y": 1}
    months = buckets(answer, "datetime_frequency")
    assert {key[:10]: count for key, count in months.items()} == {"2024-01-01": 1, "2024-02-01": 2}
    assert buckets(answer, "geometry_geohash_grid_frequency") == {"s": 3}
    assert [entry["name"] for entry in answer.json()["aggregations"]] == names.split(",")


async def test_values(alice: httpx.AsyncClient) -> None:
    answer = await alice.post("/aggregate", json={"aggregations": ["total_count", "datetime_min", "datetime_max"]})
    values = {entry["name"]: entry["value"] for entry in answer.json()["aggregations"]}
    assert values["total_count"] == 3
    assert values["datetime_min"].startswith("2024-01-15T00:00:00")
    assert values["datetime_max"].startswith("2024-02-16T00:00:00.123")


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({}, 3),
        ({"collections": ["one"]}, 2),
        ({"collections": []}, 3),
        ({"ids": ["a", "c"]}, 2),
        ({"bbox": [0, 0, 1, 1]}, 0),
        ({"datetime": "2024-02-01T00:00:00Z/.."}, 2),
        ({"intersects": {"type": "Point", "coordinates": [16.7, 40.6]}}, 3),
        ({"filter": {"op": "=", "args": [{"property": "platform"}, "x"]}}, 2),
    ],
)
async def test_of_what_a_search_finds(alice: httpx.AsyncClient, parameters: dict[str, Any], count: int) -> None:
    answer = await alice.post("/aggregate", json={"aggregations": ["total_count"], **parameters})
    assert answer.json()["aggregations"][0]["value"] == count


async def test_of_one_collection(alice: httpx.AsyncClient) -> None:
    for answer in (
        await alice.get("/collections/one/aggregate?aggregations=total_count&filter=platform='x'"),
        await alice.post("/collections/alice:one/aggregate", json={"aggregations": ["total_count"]}),
    ):
        assert answer.json()["aggregations"][0]["value"] == 2
    other = {"aggregations": ["total_count"], "collections": ["two"]}
    assert (await alice.post("/collections/one/aggregate", json=other)).status_code == 400
    assert (await alice.get("/collections/nothing/aggregate?aggregations=total_count")).status_code == 404


async def test_which_there_are(alice: httpx.AsyncClient) -> None:
    for path in ("/aggregations", "/collections/one/aggregations"):
        for method in ("GET", "POST"):
            offered = (await alice.request(method, path)).json()["aggregations"]
            names = [entry["name"] for entry in offered]
            answer = await alice.post("/aggregate", json={"aggregations": names})
            assert [entry["name"] for entry in answer.json()["aggregations"]] == names


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"aggregations": []},
        {"aggregations": ["nothing"]},
        {"aggregations": ["total_count"], "datetime": "soon"},
        {"aggregations": ["datetime_frequency"], "datetime_frequency_interval": "fortnight"},
        {"aggregations": ["geometry_geohash_grid_frequency"], "geometry_geohash_grid_frequency_precision": 99},
        {"aggregations": ["total_count"], "filter": {"op": "drop", "args": [1]}},
    ],
)
async def test_bad_input(alice: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await alice.post("/aggregate", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "InvalidRequest"
