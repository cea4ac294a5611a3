"""Items and collections as answers show them, and back to how they are stored."""

from __future__ import annotations

import copy
from typing import Any

from rs_server.catalog.rendering import Renderer
from rs_server.catalog.stored import stored_collection, stored_item

RENDERER = Renderer("https://api.test/catalog/", "rs-bucket")
HOME = "https://api.test/catalog/collections/alice:s1-l0"


def stored(**assets: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": ["https://stac-extensions.github.io/file/v2.1.0/schema.json"],
        "id": "S1A one",
        "collection": "alice:s1-l0",
        "geometry": None,
        "properties": {"datetime": "2024-11-14T14:30:38Z", "owner": "alice"},
        "assets": assets,
        "links": [{"rel": "derived_from", "href": "https://elsewhere.test/item"}],
        "rs_interval": {"start": "2024-11-14T14:30:38Z"},
    }


OWN = {"href": "s3://rs-bucket/alice/s1-l0/S1A one/data 1.raw", "file:size": 10}
FOREIGN = {"href": "https://elsewhere.test/thumbnail.png"}


def test_an_object_has_a_download_address_its_own_place_and_a_scheme() -> None:
    shown = RENDERER.item(stored(**{"data 1": OWN}))
    asset = shown["assets"]["data 1"]
    assert asset["href"] == f"{HOME}/items/S1A%20one/download/data%201"
    assert asset["alternate"]["s3"]["href"] == OWN["href"]
    assert asset["auth:refs"] == ["bearer"]
    assert asset["file:size"] == 10
    assert list(shown["properties"]["auth:schemes"]) == ["bearer"]
    assert shown["properties"]["auth:schemes"]["bearer"]["type"] == "http"
    assert shown["properties"]["auth:schemes"]["bearer"]["scheme"] == "bearer"
    assert "https://stac-extensions.github.io/authentication/v1.1.0/schema.json" in shown["stac_extensions"]
    assert "https://stac-extensions.github.io/alternate-assets/v1.2.0/schema.json" in shown["stac_extensions"]


def test_a_foreign_asset_is_shown_as_it_is() -> None:
    shown = RENDERER.item(stored(thumbnail=FOREIGN))
    assert shown["assets"] == {"thumbnail": FOREIGN}
    assert "auth:schemes" not in shown["properties"]
    assert shown["stac_extensions"] == stored()["stac_extensions"]


def test_an_object_of_another_bucket_is_no_download() -> None:
    stray = {"href": "s3://other-bucket/alice/s1-l0/S1A one/data"}
    assert RENDERER.item(stored(data=stray))["assets"]["data"] == stray


def test_links_of_an_item() -> None:
    links = {entry["rel"]: entry["href"] for entry in RENDERER.item(stored())["links"]}
    assert links == {
        "self": f"{HOME}/items/S1A%20one",
        "root": "https://api.test/catalog/",
        "parent": HOME,
        "collection": HOME,
        "derived_from": "https://elsewhere.test/item",
    }


def test_internal_members_are_not_shown() -> None:
    assert not [name for name in RENDERER.item(stored()) if name.startswith("rs_")]


def test_rendering_changes_nothing_that_is_stored() -> None:
    item = stored(data=OWN)
    before = copy.deepcopy(item)
    RENDERER.item(item)
    assert item == before


def test_what_was_shown_can_be_sent_back() -> None:
    item = stored(**{"data 1": OWN, "thumbnail": FOREIGN})
    expected = {name: value for name, value in item.items() if name != "rs_interval"}
    assert stored_item(RENDERER.item(item)) == expected


def test_what_was_shown_at_another_address_can_be_sent_back() -> None:
    item = stored(data=OWN)
    shown = Renderer("http://localhost:4566/restapis/x/catalog", "rs-bucket").item(item)
    assert stored_item(shown)["assets"] == {"data": OWN}


def test_a_collection_can_be_sent_back() -> None:
    collection = {
        "id": "alice:s1-l0",
        "type": "Collection",
        "stac_version": "1.1.0",
        "stac_extensions": [],
        "links": [{"rel": "license", "href": "https://elsewhere.test/license"}],
        "rs_footprint": {},
        "rs_deleting": True,
    }
    expected = {name: value for name, value in collection.items() if not name.startswith("rs_")}
    shown = RENDERER.collection(collection)
    assert stored_collection(shown) == expected
    links = [(entry["rel"], entry["type"]) for entry in shown["links"] if entry["rel"] == "search"]
    assert links == [("search", "application/geo+json")] * 2
