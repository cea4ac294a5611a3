"""Stored items: what a station's item becomes in the catalog, once its assets are in the bucket.

The station's properties stay, except those that describe the station's copy: they go to `rs:source`, and the moment
when the station drops its copy to each asset's `eviction_datetime`. A stored item has no link and no address of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rs_server.stac.ids import CollectionId
from rs_server.staging.transfers import Transfer

Document = dict[str, Any]

FILE_EXTENSION = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
OF_THE_STATION = ("expires", "published", "order:", "auth:")
"""Properties (or prefixes of them, with a colon) that are about the station's copy, not about the product."""
DROPPED_EXTENSIONS = ("/authentication/", "/order/", "/alternate-assets/")
"""Extensions whose fields a stored item no longer has."""
DROPPED_OF_ASSETS = ("auth:refs", "alternate")


def stored_item(item: Document, collection: CollectionId, transfers: Iterable[Transfer], bucket: str) -> Document:
    """The item to store for a station's `item`, with the assets that `transfers` brought."""
    properties: Document = item["properties"]
    source = {name: value for name, value in properties.items() if _is_of_the_station(name)}
    assets = {
        transfer.asset: _stored_asset(item["assets"][transfer.asset], transfer, bucket, source.get("expires"))
        for transfer in transfers
    }
    kept = {name: value for name, value in properties.items() if name not in source}
    secretless = {name: value for name, value in source.items() if not name.startswith("auth:")}
    kept["rs:source"] = {"station": properties["rs:station"], **secretless}
    return {
        **{name: value for name, value in item.items() if name != "links"},
        "stac_extensions": _extensions(item),
        "collection": str(collection),
        "properties": kept,
        "assets": assets,
        "links": [],
    }


def _stored_asset(asset: Mapping[str, Any], transfer: Transfer, bucket: str, expires: Any) -> Document:
    stored = {name: value for name, value in asset.items() if name not in DROPPED_OF_ASSETS}
    stored |= {"href": f"s3://{bucket}/{transfer.key}", "file:size": transfer.size, "file:checksum": transfer.checksum}
    if expires is not None:
        stored.setdefault("eviction_datetime", expires)
    return stored


def _is_of_the_station(name: str) -> bool:
    return any(name == rule or (rule.endswith(":") and name.startswith(rule)) for rule in OF_THE_STATION)


def _extensions(item: Document) -> list[str]:
    declared = item.get("stac_extensions")
    known = [url for url in declared if isinstance(url, str)] if isinstance(declared, list) else []
    kept = [url for url in known if not any(mark in url for mark in DROPPED_EXTENSIONS)]
    return kept if any("/file/" in url for url in kept) else [*kept, FILE_EXTENSION]
