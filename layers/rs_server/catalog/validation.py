"""What the catalog takes as an item or a collection; everything else is refused in words that say what to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from rs_server.catalog.engine.mappings import ITEM_PROPERTIES
from rs_server.catalog.geometry import check_geometry, envelope
from rs_server.catalog.times import parse_time
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import check_asset_name, check_item_id

MAX_PROPERTIES = 300
MAX_NAME = 128
MAX_DEPTH = 64
MAX_BYTES = 900_000
RETENTION = "rs:retention_days"
"""Member of a collection: for how many days it keeps the items that do not say themselves when they expire."""
MAX_RETENTION = 36500


def check_form(document: Mapping[str, Any]) -> bytes:
    """`document` as JSON, if it can be, is not too deep, and small enough for many of its kind to make a page.

    Raises InvalidRequest.
    """
    try:
        content = orjson.dumps(document)
    except orjson.JSONEncodeError as error:
        check_depth(document)
        raise InvalidRequest(f"This cannot be written as JSON: {error}.") from error
    if len(content) > MAX_BYTES:
        raise InvalidRequest(f"This is larger than {MAX_BYTES} bytes of JSON, which is what the catalog takes for one.")
    if content.count(b"{") + content.count(b"[") > MAX_DEPTH:  # few brackets cannot nest deep, and are quickly counted
        check_depth(document)
    return content


def check_depth(document: object) -> None:
    """Return if `document` is not nested deeper than anybody needs; raises InvalidRequest."""
    layer = [document] if isinstance(document, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        layer = [part for value in layer for part in _parts(value) if isinstance(part, (dict, list))]
        if not layer:
            return
    raise InvalidRequest(f"This is nested deeper than {MAX_DEPTH} levels.")


def _parts(value: Any) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value


def check_item(item: Mapping[str, Any]) -> None:
    """Return if `item` can be stored as a STAC item, but for its times and its form as a whole.

    Those are read by `interval_of` and, when the item is written, by `check_form`. Raises InvalidRequest.
    """
    if item.get("type") != "Feature":
        raise InvalidRequest("type: an item is a GeoJSON object of type 'Feature'.")
    if not isinstance(item.get("id"), str):
        raise InvalidRequest("id: an item needs an id, which is text.")
    check_item_id(item["id"])
    properties = item.get("properties")
    if not isinstance(properties, dict):
        raise InvalidRequest("properties: an item needs them, as an object.")
    _check_names(properties)
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
        if "alternate" in asset:
            _check_alternates(name, asset["alternate"])


def check_collection(collection: Mapping[str, Any]) -> None:
    """Return if `collection`, which stac-fastapi's model has let pass, can be indexed; raises InvalidRequest."""
    check_form(collection)
    check_assets(collection.get("assets") or {})
    _check_no_objects(collection.get("assets") or {})
    days = collection.get(RETENTION)
    if days is not None and (type(days) is not int or not 1 <= days <= MAX_RETENTION):
        raise InvalidRequest(f"{RETENTION}: it must be a whole number of days, 1 to {MAX_RETENTION}.")
    boxes = collection["extent"]["spatial"]["bbox"]
    intervals = collection["extent"]["temporal"]["interval"]
    if not boxes or not intervals:
        raise InvalidRequest("extent: it needs a spatial bbox and a temporal interval, the overall ones first.")
    for bbox in boxes:
        envelope(bbox)
    for bounds in intervals:
        for bound in filter(None, bounds):
            parse_time(bound, "extent.temporal.interval")


def _check_no_objects(assets: Mapping[str, Any]) -> None:
    """A collection has no place in the bucket, so nothing of it can lie there."""
    for name, asset in assets.items():
        hrefs = [asset["href"], *(alternate["href"] for alternate in asset.get("alternate", {}).values())]
        if any(href.strip().lower().startswith("s3:") for href in hrefs):
            raise InvalidRequest(
                f"Asset {name!r}: only items have objects in storage. Give an address of another kind."
            )


def _check_alternates(name: str, alternates: object) -> None:
    if not isinstance(alternates, dict) or not all(
        isinstance(alternate, dict) and isinstance(alternate.get("href"), str) for alternate in alternates.values()
    ):
        raise InvalidRequest(f"Asset {name!r}: its 'alternate' must be an object of objects with an 'href'.")


def _check_names(properties: Mapping[str, Any]) -> None:
    """The engine makes a field of each property, so their number and names have limits."""
    if len(properties) > MAX_PROPERTIES:
        raise InvalidRequest(f"properties: an item can have {MAX_PROPERTIES}, this one has {len(properties)}.")
    for name in properties:
        if name in ITEM_PROPERTIES:
            continue
        if len(name) > MAX_NAME or "." in name or not name.strip():
            raise InvalidRequest(
                f"Property {name[:MAX_NAME]!r}: a name has 1 to {MAX_NAME} characters, and no full stop among them."
            )


def _check_geometry(item: Mapping[str, Any]) -> None:
    geometry, bbox = item.get("geometry"), item.get("bbox")
    if geometry is None:
        return
    check_geometry(geometry)
    if not isinstance(bbox, list) or len(bbox) not in {4, 6}:
        raise InvalidRequest("bbox: an item with a geometry needs one, of 4 numbers, or 6 with heights.")
