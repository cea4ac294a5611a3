"""Collections of the catalog: list, make, delete; and single items."""

from __future__ import annotations

from typing import Any

from pystac import Collection, Item

from rs_client.search import open_service
from rs_client.transport import Api, in_path

WHOLE_WORLD = {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}}


class Catalog:
    """The collections that the caller sees. An id is `owner:collection`; without `owner:` the caller's own is meant."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def collections(self, service: str = "catalog") -> list[Collection]:
        """All collections of a service that the caller sees."""
        return list(open_service(self._api, service).get_collections())

    def create(self, collection: str, *, title: str = "", description: str = "", **members: Any) -> dict[str, Any]:
        """Make a collection; `members` are further ones of the STAC Collection. Gives it as the server keeps it."""
        document = {
            "type": "Collection",
            "stac_version": "1.1.0",
            "id": collection,
            "title": title or collection,
            "description": description or title or collection,
            "license": "other",
            "extent": WHOLE_WORLD,
            "links": [],
        } | members
        created: dict[str, Any] = self._api.request("POST", "/catalog/collections", json=document)
        return created

    def delete(self, collection: str) -> None:
        """Delete a collection with its items and objects."""
        self._api.request("DELETE", f"/catalog/collections/{in_path(collection)}")

    def item(self, collection: str, item_id: str, service: str = "catalog") -> Item:
        """One item; raises Refused (404) where there is none that the caller may see."""
        document = self._api.request("GET", f"/{service}/collections/{in_path(collection)}/items/{in_path(item_id)}")
        item = Item.from_dict(document, preserve_dict=False)
        item.set_self_href(None)
        return item
