"""Addresses below a service's root, and the links that its documents carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from starlette.requests import Request

from rs_server.stac.links import CONFORMANCE, GEOJSON, HTML, JSON, OPENAPI, QUERYABLES, SCHEMA, SORTABLES, Link, link
from rs_server.stations.interfaces.model import Item
from rs_server.stations.profiles.model import VirtualCollection


class Addresses(NamedTuple):
    """Writes the links of one service; `root` is its landing page, with `/` at its end."""

    root: str
    title: str

    @classmethod
    def of(cls, request: Request, title: str) -> Addresses:
        """The addresses as the caller of `request` reaches them."""
        return cls(str(request.base_url), title)

    def collection(self, collection_id: str) -> str:
        """Address of a collection."""
        return f"{self.root}collections/{quote(collection_id, safe='')}"

    def item(self, collection_id: str, item_id: str) -> str:
        """Address of an item."""
        return f"{self.collection(collection_id)}/items/{quote(item_id, safe='')}"

    def order(self, order_id: str) -> str:
        """Address of an order."""
        return f"{self.root}orders/{quote(order_id, safe=':')}"

    def root_link(self) -> Link:
        """The link to the landing page as root of all."""
        return link("root", self.root, JSON, self.title)

    def search_links(self) -> list[Link]:
        """The links to the search by GET and by POST."""
        return [
            link("search", f"{self.root}search", GEOJSON, f"Search by {method}", method=method)
            for method in ("GET", "POST")
        ]

    def landing(self, collections: Iterable[VirtualCollection]) -> list[Link]:
        """The links of the landing page."""
        return [
            link("self", self.root, JSON, self.title),
            self.root_link(),
            link("data", f"{self.root}collections", JSON, "Collections"),
            link(CONFORMANCE, f"{self.root}conformance", JSON, "Conformance classes"),
            *self.search_links(),
            link(QUERYABLES, f"{self.root}queryables", SCHEMA, "Queryables"),
            link(SORTABLES, f"{self.root}sortables", SCHEMA, "Sortables"),
            link("service-desc", f"{self.root}api", OPENAPI, "OpenAPI description"),
            link("service-doc", f"{self.root}api.html", HTML, "OpenAPI documentation"),
            *(link("child", self.collection(one.id), JSON, one.title) for one in collections),
        ]

    def of_collection(self, collection: VirtualCollection) -> list[Link]:
        """The links of a collection."""
        address = self.collection(collection.id)
        return [
            link("self", address, JSON, collection.title),
            self.root_link(),
            link("parent", self.root, JSON, self.title),
            link("items", f"{address}/items", GEOJSON, "Items"),
            link(QUERYABLES, f"{address}/queryables", SCHEMA, "Queryables"),
            link(SORTABLES, f"{address}/sortables", SCHEMA, "Sortables"),
        ]

    def of_item(self, item: Item, collection_title: str) -> list[Link]:
        """The links of an item."""
        collection = self.collection(item["collection"])
        properties = item.get("properties", {})
        title = properties.get("title")
        address = f"{collection}/items/{quote(item['id'], safe='')}"
        order = link("order", f"{address}/order", JSON, "Bring it online", method="POST")
        return [
            link("self", address, GEOJSON, title),
            self.root_link(),
            link("parent", collection, JSON, collection_title),
            link("collection", collection, JSON, collection_title),
            *([order] if properties.get("order:status") == "orderable" else []),
        ]
