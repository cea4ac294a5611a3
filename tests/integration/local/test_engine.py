"""The engine that the laptop runs is a real node with what the catalog needs of it."""

from __future__ import annotations

import uuid

import httpx
import pytest


@pytest.fixture
def index(search_engine_url: str) -> str:
    return f"{search_engine_url}/engine-{uuid.uuid4().hex}"


def test_it_searches_shapes_and_updates_with_painless(index: str) -> None:
    with httpx.Client() as client:
        mapping = {"mappings": {"properties": {"geometry": {"type": "geo_shape"}}}}
        assert client.put(index, json=mapping).status_code == 200
        document = {"geometry": {"type": "Point", "coordinates": [2.0, 41.0]}, "size": 1}
        client.put(f"{index}/_doc/a?refresh=true", json=document).raise_for_status()
        script = {"script": {"lang": "painless", "source": "ctx._source.size += params.more", "params": {"more": 2}}}
        client.post(f"{index}/_update/a?refresh=true", json=script).raise_for_status()
        box = {"type": "envelope", "coordinates": [[1.0, 42.0], [3.0, 40.0]]}
        query = {"query": {"geo_shape": {"geometry": {"shape": box, "relation": "intersects"}}}}
        hits = client.post(f"{index}/_search", json=query).json()["hits"]["hits"]
        client.delete(index).raise_for_status()
    assert [(hit["_id"], hit["_source"]["size"]) for hit in hits] == [("a", 3)]


def test_a_full_disk_does_not_stop_writes(search_engine_url: str) -> None:
    answer = httpx.get(f"{search_engine_url}/_cluster/settings?include_defaults=true&flat_settings=true")
    settings = {name: value for part in answer.json().values() for name, value in part.items()}
    assert settings["cluster.routing.allocation.disk.threshold_enabled"] == "false"
