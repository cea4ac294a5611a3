"""Standing: what the catalog already has of an item that a job is to bring.

An asset that is there, with the size and checksum that the station declares, need not come again. One that differs is
replaced; assets that the job does not bring stay in the item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rs_server.staging.checksums import differs
from rs_server.staging.selection import SelectedAsset

Document = dict[str, Any]
KEPT_PROPERTIES = ("expires",)
"""Properties that the collection's owner or its retention sets, and that staging again must not take away."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an asset stands in the catalog: whether it has an object, and whether that is the one to bring."""

    there: bool = False
    same: bool = False


def standing_of(asset: SelectedAsset, uri: str, existing: Document | None) -> Standing:
    """How `asset`, whose object is at `uri`, stands in the `existing` item as the catalog shows it."""
    shown = (existing or {"assets": {}})["assets"].get(asset.name)
    if shown is None or object_of(shown) != uri:
        return Standing()
    same_size = asset.size is not None and shown.get("file:size") == asset.size
    return Standing(True, same_size and not differs(asset.checksum, shown.get("file:checksum", "")))


def object_of(asset: Mapping[str, Any]) -> str:
    """The `s3://` address behind an asset: a rendered one has it as an alternate, next to the download link."""
    alternate = asset.get("alternate", {}).get("s3", {})
    return next((href for href in (alternate.get("href"), asset["href"]) if href and href.startswith("s3://")), "")


def merged(stored: Document, existing: Document | None) -> Document:
    """The item to store over an `existing` one: with its other assets, and what its owner has set."""
    if existing is None:
        return stored
    others = {name: _stored_asset(asset) for name, asset in existing["assets"].items() if name not in stored["assets"]}
    kept = {name: existing["properties"][name] for name in KEPT_PROPERTIES if name in existing["properties"]}
    return stored | {"assets": others | stored["assets"], "properties": stored["properties"] | kept}


def _stored_asset(asset: Document) -> Document:
    """A shown asset as it is stored."""
    uri = object_of(asset)
    if not uri:
        return asset
    stored = {name: value for name, value in asset.items() if name not in {"auth:refs", "alternate"}}
    alternates = {name: value for name, value in asset.get("alternate", {}).items() if name != "s3"}
    return stored | {"href": uri} | ({"alternate": alternates} if alternates else {})


def objects_in(items: Iterable[Document]) -> set[str]:
    """The `s3://` addresses that the assets of items have."""
    return {uri for item in items for asset in item["assets"].values() if (uri := object_of(asset))}
