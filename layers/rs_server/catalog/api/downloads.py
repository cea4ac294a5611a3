"""Downloads: an asset's address in the API, which leads to a presigned one in the bucket."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rs_server.catalog.api.context import caller_of
from rs_server.catalog.assets import item_prefix, key_of
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.items import read_item
from rs_server.errors import NotFound
from rs_server.stac.ids import CollectionId
from rs_server.storage.presigning import Presigner


def downloads(catalog: Catalog, presigner: Presigner) -> APIRouter:
    """The route of downloads, which needs the right `download`."""
    router = APIRouter(tags=["Download"])

    @router.get(
        "/collections/{collection_id}/items/{item_id}/download/{asset_name}",
        name="Download Asset",
        status_code=HTTPStatus.FOUND,
        response_class=RedirectResponse,
    )
    async def download(request: Request, collection_id: str, item_id: str, asset_name: str) -> Response:
        """Redirect to an address that works for a while, for this object only."""
        caller = caller_of(request)
        collection = caller.collection(collection_id)
        caller.require("download", collection)
        item = await read_item(catalog.engine, catalog.indices, collection, item_id)
        key = _key(item.source, collection, asset_name, presigner.bucket)
        named = item.source["assets"][asset_name].get("file:local_path")
        file_name = named if isinstance(named, str) and named else key.rpartition("/")[2]
        address = await presigner.download(key, file_name)
        return RedirectResponse(address, HTTPStatus.FOUND, {"cache-control": "no-store"})

    return router


def _key(item: Mapping[str, Any], collection: CollectionId, asset_name: str, bucket: str) -> str:
    """The key of an asset's object; an item that was tampered with cannot lead out of its own place."""
    asset = item["assets"].get(asset_name)
    key = key_of(asset["href"], bucket) if asset else None
    if key is None or not key.startswith(item_prefix(collection, item["id"])):
        raise NotFound(f"Item {item['id']!r} has no object for an asset {asset_name!r}.")
    return key
