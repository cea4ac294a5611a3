"""The stored form of items and collections: what is left when everything is taken away that answers are given anew.

A client that reads an item, changes it and sends it back sends the links and hrefs that it was shown. Those are the
server's, so they are taken off again; a link of the user's own stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rs_server.catalog.engine.mappings import INTERNAL
from rs_server.stac.links import QUERYABLES, SORTABLES

STAC_VERSION = "1.1.0"
ALTERNATE_ASSETS = "https://stac-extensions.github.io/alternate-assets/v1.2.0/schema.json"
AUTHENTICATION = "https://stac-extensions.github.io/authentication/v1.1.0/schema.json"
RENDERED_EXTENSIONS = (ALTERNATE_ASSETS, AUTHENTICATION)

SERVER_LINKS = frozenset(
    {"self", "root", "parent", "collection", "item", "items", "child", "children", "data", "search", "queryables"}
    | {"sortables", "aggregate", "aggregations", "next", "prev", "thumbnail-auth", QUERYABLES, SORTABLES}
)
"""Relations of the links that the server makes."""

Document = dict[str, Any]


def stored_item(item: Mapping[str, Any]) -> Document:
    """An item without what `rendering.item` adds."""
    properties = {name: value for name, value in item["properties"].items() if name != "auth:schemes"}
    assets = {name: _stored_asset(asset) for name, asset in (item.get("assets") or {}).items()}
    return {"geometry": None} | _without_rendering(item) | {"properties": properties, "assets": assets}


def stored_collection(collection: Mapping[str, Any]) -> Document:
    """A collection without what `rendering.collection` adds."""
    return _without_rendering(collection)


def _without_rendering(document: Mapping[str, Any]) -> Document:
    kept = {name: value for name, value in document.items() if name not in INTERNAL and name != "auth:schemes"}
    extensions = [name for name in document.get("stac_extensions") or [] if name not in RENDERED_EXTENSIONS]
    links = [link for link in document.get("links") or [] if _is_own(link)]
    return {"stac_version": STAC_VERSION} | kept | {"stac_extensions": extensions, "links": links}


def _is_own(link: object) -> bool:
    """Whether a link is the user's, and not one that the server makes."""
    return isinstance(link, dict) and isinstance(link.get("href"), str) and link.get("rel") not in SERVER_LINKS


def _stored_asset(asset: Document) -> Document:
    if "alternate" not in asset and "auth:refs" not in asset:
        return asset
    alternates = dict(asset.get("alternate") or {})
    shown = alternates.pop("s3", None)
    kept = {name: value for name, value in asset.items() if name not in {"alternate", "auth:refs"}}
    if shown:
        kept["href"] = shown["href"]
    return kept | ({"alternate": alternates} if alternates else {})
