"""Collections of the catalog: list, make, delete; and single items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rs_client.addresses import in_path

if TYPE_CHECKING:
    from pystac import Collection, Item

    from rs_client.transport import Api

WHOLE_WORLD = {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}}


class Catalog:
    """The collections that the caller sees. An id is `owner:collection`; without `owner:` the caller's own is meant."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def collections(self, service: str = "catalog") -> list[Collection]:
        """All collections of a service that the caller sees."""
        from rs_client.search import open_service

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
        from pystac import Item

        document = self._api.request("GET", f"/{service}/collections/{in_path(collection)}/items/{in_path(item_id)}")
        item = Item.from_dict(document, preserve_dict=False)
        item.set_self_href(None)
        return item

    def create_item(self, collection: str, item: dict[str, Any]) -> dict[str, Any]:
        """Write a new item; its `s3://` assets must have been uploaded. Gives it as the server shows it."""
        created: dict[str, Any] = self._api.request(
            "POST", f"/catalog/collections/{in_path(collection)}/items", json=item
        )
        return created

    def change_item(self, collection: str, item_id: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Change an item by a JSON Merge Patch (RFC 7396). Gives it as the server shows it."""
        path = f"/catalog/collections/{in_path(collection)}/items/{in_path(item_id)}"
        changed: dict[str, Any] = self._api.request("PATCH", path, json=changes)
        return changed

    def collection(self, collection: str, service: str = "catalog") -> dict[str, Any]:
        """One collection of a service; raises Refused (404) where there is none that the caller may see."""
        found: dict[str, Any] = self._api.request("GET", f"/{service}/collections/{in_path(collection)}")
        return found
