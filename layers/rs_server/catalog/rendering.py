"""Items and collections as answers show them: with links, download addresses, and how to authenticate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from rs_server.catalog.assets import key_of
from rs_server.catalog.engine.mappings import INTERNAL
from rs_server.catalog.stored import ALTERNATE_ASSETS, AUTHENTICATION, Document
from rs_server.stac.links import GEOJSON, JSON, QUERYABLES, SCHEMA, SORTABLES, Link, link

SCHEME = "bearer"
SCHEMES = {SCHEME: {"type": "http", "scheme": "bearer", "description": "An API key, or a token of your log-in."}}
"""The one way to authenticate (authentication extension v1.1.0): two would make STAC Browser ask which."""


class Renderer:
    """Renders for one public address, such as `https://example.org/catalog`."""

    def __init__(self, base: str, bucket: str) -> None:
        self.base = base.rstrip("/")
        self.bucket = bucket

    def item(self, stored: Mapping[str, Any]) -> Document:
        """An item with its links; its objects have the download address as href and their own as an alternate."""
        home = self.collection_address(stored["collection"])
        address = f"{home}/items/{quote(stored['id'], safe='')}"
        assets = {name: self._asset(name, asset, address) for name, asset in stored["assets"].items()}
        shown = {name: value for name, value in stored.items() if name not in INTERNAL}
        shown["assets"] = assets
        shown["links"] = [*self._item_links(home, address, stored["collection"]), *stored["links"]]
        if any("auth:refs" in asset for asset in assets.values()):
            shown["stac_extensions"] = [*stored["stac_extensions"], ALTERNATE_ASSETS, AUTHENTICATION]
            shown["properties"] = stored["properties"] | {"auth:schemes": SCHEMES}
        return shown

    def collection(self, stored: Mapping[str, Any]) -> Document:
        """A collection with its links."""
        shown = {name: value for name, value in stored.items() if name not in INTERNAL}
        shown["links"] = [*self._collection_links(stored), *stored["links"]]
        return shown

    def collection_address(self, collection: str) -> str:
        """Where the collection with this public id is."""
        return f"{self.base}/collections/{quote(collection, safe=':')}"

    def _asset(self, name: str, asset: Document, item_address: str) -> Document:
        href = asset["href"]
        if key_of(href, self.bucket) is None:
            return asset
        return asset | {
            "href": f"{item_address}/download/{quote(name, safe='')}",
            "alternate": {**asset.get("alternate", {}), "s3": {"href": href, "alternate:name": "Object storage"}},
            "auth:refs": [SCHEME],
        }

    def _item_links(self, home: str, address: str, collection: str) -> list[Link]:
        return [
            link("self", address, GEOJSON),
            link("root", f"{self.base}/", JSON, "Catalog"),
            link("parent", home, JSON, collection),
            link("collection", home, JSON, collection),
        ]

    def _collection_links(self, stored: Mapping[str, Any]) -> list[Link]:
        address = self.collection_address(stored["id"])
        return [
            link("self", address, JSON, stored.get("title") or stored["id"]),
            link("root", f"{self.base}/", JSON, "Catalog"),
            link("parent", f"{self.base}/", JSON, "Catalog"),
            link("items", f"{address}/items", GEOJSON, "Items"),
            *self.search_links(),
            link(QUERYABLES, f"{address}/queryables", SCHEMA, "Queryables"),
            link(SORTABLES, f"{address}/sortables", SCHEMA, "Sortables"),
            link("aggregate", f"{address}/aggregate", JSON, "Aggregate"),
            link("aggregations", f"{address}/aggregations", JSON, "Aggregations"),
        ]

    def search_links(self) -> list[Link]:
        """Where items are searched; clients that can, post."""
        return [link("search", f"{self.base}/search", GEOJSON, "Search", method=method) for method in ("POST", "GET")]
