"""Uploads: presigned addresses by which an asset's object comes into the bucket, before its item is written."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import Response

from rs_server.catalog.api import responses
from rs_server.catalog.api.context import caller_of
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.collections import read_collection
from rs_server.catalog.uploads import UploadRequest, plan_upload
from rs_server.storage.presigning import Presigner


def uploads(catalog: Catalog, presigner: Presigner) -> APIRouter:
    """The route of uploads, which needs the right `write`."""
    router = APIRouter(tags=["Upload"])

    @router.post("/collections/{collection_id}/items/{item_id}/upload/{asset_name}", name="Upload Asset")
    async def upload(
        request: Request,
        collection_id: str,
        item_id: str,
        asset_name: str,
        wanted: Annotated[UploadRequest | None, Body()] = None,
    ) -> Response:
        """Answer the requests that write the object; the item itself need not exist yet."""
        caller = caller_of(request)
        collection = caller.collection(collection_id)
        caller.require("write", collection)
        await read_collection(catalog.engine, catalog.indices.collections, collection)
        plan = await plan_upload(presigner, collection, item_id, asset_name, wanted or UploadRequest())
        return responses.answer(plan, headers={"cache-control": "no-store"})

    return router
