"""Items of every operational station, as its simulator shows them, through `stac-valid` with schemas at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pystac.validation.local_validator import get_local_schema_cache
from stac_validator.stac_validator import StacValidate

from simulators.assembly import Options, build_station
from tests.integration.stations.simulated import ADMIN, Simulated, stations_of
from tests.unit.stations.interfaces.schemas import extension_schemas

STATIONS = [(service, name) for service in ("cadip", "auxip", "prip", "lta") for name in stations_of(service)]
ITEMS = int(os.environ.get("RS_TEST_EXAMPLES", "3"))
"""Of each station; the validator takes a tenth of a second for one."""
LINK = {"rel": "collection", "href": "https://api.test/collection", "type": "application/json"}
"""The API writes the links; without one to its collection no item is valid."""


@pytest.fixture(scope="module")
def schema_map(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Files with the schemas, by their address."""
    folder: Path = tmp_path_factory.mktemp("schemas")
    files = {}
    for number, (url, schema) in enumerate((extension_schemas() | get_local_schema_cache()).items()):
        files[url.rstrip("#")] = str(folder / f"{number}.json")
        Path(files[url.rstrip("#")]).write_text(json.dumps(schema))
    return files


@pytest.mark.parametrize(("service", "name"), STATIONS)
async def test_items_are_valid(service: str, name: str, schema_map: dict[str, str]) -> None:
    station = build_station(Options(interface=service, profile=name, count=12))
    page = await Simulated.of(station).search.search({"limit": ITEMS}, ADMIN)
    assert page.items
    for item in page.items:
        validator = StacValidate(schema_map=schema_map)
        assert validator.validate_dict(item | {"links": [LINK]}), (item["id"], validator.message)
    station.database.close()
