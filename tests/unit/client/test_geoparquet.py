"""Search results as GeoParquet: what is read back is what was found."""

from __future__ import annotations

import asyncio
import sys

import pytest
import rustac

from rs_client.errors import InvalidCriteria, NotConfigured
from rs_client.geoparquet import write_geoparquet

PLACE = {"type": "Point", "coordinates": [10.0, 45.0]}
ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "A",
    "collection": "alice:s1",
    "geometry": PLACE,
    "bbox": [10.0, 45.0, 10.0, 45.0],
    "properties": {"datetime": "2024-11-14T14:30:44.018Z", "platform": "sentinel-1a"},
    "links": [],
    "assets": {"a.raw": {"href": "https://rs.example.org/a", "file:size": 4}},
}
SESSION = ITEM | {"id": "B", "geometry": None, "bbox": None, "properties": {"datetime": "2024-11-14T15:00:00Z"}}


def read(file):
    async def found():
        return await rustac.read(str(file))

    return {item["id"]: item for item in asyncio.run(found())["features"]}


@pytest.mark.parametrize("items", [[ITEM], [ITEM, SESSION]])
def test_items_are_read_back(tmp_path, items):
    write_geoparquet([{k: v for k, v in item.items() if v is not None} for item in items], tmp_path / "items.parquet")
    found = read(tmp_path / "items.parquet")
    assert set(found) == {item["id"] for item in items}
    for item in items:
        assert found[item["id"]]["assets"] == item["assets"]
        assert found[item["id"]]["properties"]["datetime"][:19] == item["properties"]["datetime"][:19]
    assert found["A"]["geometry"] == PLACE
    assert found["A"]["properties"]["platform"] == "sentinel-1a"


def test_items_without_any_place_are_refused(tmp_path):
    with pytest.raises(InvalidCriteria, match="geometry"):
        write_geoparquet([SESSION], tmp_path / "items.parquet")
    assert not (tmp_path / "items.parquet").exists()


def test_without_the_package_it_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rustac", None)
    with pytest.raises(NotConfigured) as raised:
        write_geoparquet([ITEM], tmp_path / "items.parquet")
    assert "geoparquet" in raised.value.hint
    assert not (tmp_path / "items.parquet").exists()
