"""Publish files of one's own as an item of the catalog: the objects first, then the item that points at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rs_client.catalog import Catalog
from rs_client.errors import InvalidCriteria, Refused
from rs_client.uploads import Sent, Uploads

Progress = Callable[[str], Sent]
"""Gives for an asset's name whom to tell of its bytes."""


def new_item(item_id: str, datetime: str = "", bbox: Sequence[float] = (), **properties: Any) -> dict[str, Any]:
    """A STAC item without assets; `bbox` (west, south, east, north, in degrees) becomes its geometry."""
    item: dict[str, Any] = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": item_id,
        "geometry": None,
        "properties": {"datetime": datetime or None, **properties},
        "links": [],
        "assets": {},
    }
    if bbox:
        west, south, east, north = bbox
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        item |= {"bbox": list(bbox), "geometry": {"type": "Polygon", "coordinates": [ring]}}
    return item


def local_files(item: Mapping[str, Any], folder: Path) -> dict[str, Path]:
    """The assets of `item` whose href is no URL but the path of a file, absolute or from `folder`."""
    hrefs = {name: str(asset["href"]) for name, asset in item.get("assets", {}).items()}
    return {name: folder / href for name, href in hrefs.items() if "://" not in href}


def publish(
    catalog: Catalog,
    uploads: Uploads,
    collection: str,
    item: dict[str, Any],
    files: Mapping[str, Path],
    *,
    replace: bool = False,
    progress: Progress = lambda _: lambda _: None,
) -> dict[str, Any]:
    """Upload `files`, by asset name, and write the item; one that is there gets the assets besides those that it has.

    Gives the item as the server shows it. An asset that is there already is only replaced if `replace` says so.
    """
    there = _existing(catalog, collection, item["id"])
    double = sorted(set(files) & set(there["assets"])) if there else []
    if double and not replace:
        raise InvalidCriteria(
            f"{item['id']} has the asset {double[0]!r} already.", "Give the file another --asset, or use --replace."
        )
    if there is None and not _has_time(item):
        raise InvalidCriteria("A new item needs a time.", "Give --datetime, or --item with a STAC item.")
    sent = {name: uploads.send(collection, item["id"], name, file, sent=progress(name)) for name, file in files.items()}
    assets = {name: item["assets"].get(name, {}) | asset for name, asset in sent.items()}
    if there is None:
        return catalog.create_item(collection, item | {"assets": item["assets"] | assets})
    return catalog.change_item(collection, item["id"], {"assets": assets})


def _existing(catalog: Catalog, collection: str, item_id: str) -> dict[str, Any] | None:
    try:
        return catalog.item(collection, item_id).to_dict(include_self_link=False, transform_hrefs=False)
    except Refused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            return None
        raise


def _has_time(item: Mapping[str, Any]) -> bool:
    properties = item.get("properties", {})
    return bool(properties.get("datetime") or properties.get("start_datetime"))
