"""The routes that make and replace an item, for items without what the server makes itself.

The transaction extension has them take partial items: links and version of STAC are ours to add, and what the path says
need not be said again. stac-fastapi's own models want whole ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

import attr
from fastapi import Body
from pydantic import Field
from stac_fastapi.api.models import CollectionUri, ItemUri
from stac_fastapi.api.routes import create_async_endpoint
from stac_fastapi.extensions import TransactionExtension
from stac_pydantic import Item, ItemCollection
from stac_pydantic.links import Links
from stac_pydantic.shared import Asset

from rs_server.stac.links import GEOJSON


class NewItem(Item):
    """An item as it may be sent to a collection."""

    assets: dict[str, Asset] = Field(default_factory=dict)
    links: Links = Field(default_factory=lambda: Links([]))


class NewItems(ItemCollection):
    """Many of them."""

    features: Sequence[NewItem]


class ReplacingItem(NewItem):
    """An item as it may be sent to its own place."""

    id: str | None = Field(None, min_length=1)  # type: ignore[assignment]  # the path has it


@attr.s
class PostItem(CollectionUri):
    """A request that makes one item or many."""

    item: Annotated[NewItem | NewItems, Body()] = attr.ib(default=None)


@attr.s
class PutItem(ItemUri):
    """A request that replaces an item."""

    item: Annotated[ReplacingItem, Body()] = attr.ib(default=None)


class PartialItemsExtension(TransactionExtension):
    """The library's extension, with bodies of our own for items."""

    def register_create_item(self) -> None:
        """Add `POST /collections/{collection_id}/items`."""
        self._add("POST", "/collections/{collection_id}/items", "Create Item", HTTPStatus.CREATED, PostItem)

    def register_update_item(self) -> None:
        """Add `PUT /collections/{collection_id}/items/{item_id}`."""
        self._add("PUT", "/collections/{collection_id}/items/{item_id}", "Update Item", HTTPStatus.OK, PutItem)

    def _add(self, method: str, path: str, name: str, status: HTTPStatus, model: Any) -> None:
        does = self.client.create_item if method == "POST" else self.client.update_item
        self.router.add_api_route(
            path,
            create_async_endpoint(does, model),
            methods=[method],
            name=name,
            status_code=status,
            responses={int(status): {"content": {GEOJSON: {}}, "model": Item}},
            response_class=self.response_class,
            dependencies=self.route_dependencies,
        )
