"""What the catalog takes as an item or a collection; everything else is refused in words that say what to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rs_server.catalog.times import interval_of, parse_time
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import check_asset_name, check_item_id

MAX_PROPERTIES = 300
MAX_NAME = 128
GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)


def check_item(item: Mapping[str, Any]) -> None:
    """Return if `item` can be stored as a STAC item; raises InvalidRequest."""
    if item.get("type") != "Feature":
        raise InvalidRequest("type: an item is a GeoJSON object of type 'Feature'.")
    if not isinstance(item.get("id"), str):
        raise InvalidRequest("id: an item needs an id, which is text.")
    check_item_id(item["id"])
    properties = item.get("properties")
    if not isinstance(properties, dict):
        raise InvalidRequest("properties: an item needs them, as an object.")
    _check_names(properties)
    interval_of(properties)
    if properties.get("expires") is not None:
        parse_time(properties["expires"], "expires")
    _check_geometry(item)
    check_assets(item.get("assets", {}))


def check_assets(assets: object) -> None:
    """Return if `assets` can be those of an item or a collection; raises InvalidRequest."""
    if not isinstance(assets, dict):
        raise InvalidRequest("assets: they must be an object, by the assets' names.")
    for name, asset in assets.items():
        check_asset_name(name)
        if not isinstance(asset, dict) or not isinstance(asset.get("href"), str) or not asset["href"]:
            raise InvalidRequest(f"Asset {name!r}: it must be an object with an 'href'.")


def check_collection(collection: Mapping[str, Any]) -> None:
    """Return if `collection`, which stac-fastapi's model has let pass, can be indexed; raises InvalidRequest."""
    check_assets(collection.get("assets") or {})
    for start, end in collection["extent"]["temporal"]["interval"]:
        for bound in filter(None, (start, end)):
            parse_time(bound, "extent.temporal.interval")


def _check_names(properties: Mapping[str, Any]) -> None:
    """The engine makes a field of each property, so their number and names have limits."""
    if len(properties) > MAX_PROPERTIES:
        raise InvalidRequest(f"properties: an item can have {MAX_PROPERTIES}, this one has {len(properties)}.")
    for name in properties:
        if not name.strip() or len(name) > MAX_NAME or "." in name:
            raise InvalidRequest(
                f"Property {name[:MAX_NAME]!r}: a name has 1 to {MAX_NAME} characters, and no full stop among them."
            )


def _check_geometry(item: Mapping[str, Any]) -> None:
    geometry, bbox = item.get("geometry"), item.get("bbox")
    if geometry is None:
        return
    if not isinstance(geometry, dict) or geometry.get("type") not in GEOMETRIES:
        raise InvalidRequest("geometry: it must be a GeoJSON geometry, or null.")
    if not isinstance(bbox, list) or len(bbox) not in {4, 6}:
        raise InvalidRequest("bbox: an item with a geometry needs one, of 4 numbers, or 6 with heights.")
