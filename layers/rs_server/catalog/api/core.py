"""Reading the catalog: the client behind stac-fastapi's core routes."""

from __future__ import annotations

from typing import Any

import attr
from pydantic import BaseModel
from stac_fastapi.types.core import AsyncBaseCoreClient
from starlette.requests import Request
from starlette.responses import Response

from rs_server.catalog.api import pages, responses
from rs_server.catalog.api.conformance import conformance
from rs_server.catalog.api.context import caller_of, renderer_of
from rs_server.catalog.api.fields import COLLECTION, ITEM, Members, selected
from rs_server.catalog.api.landing import MAX_CHILDREN, landing_page
from rs_server.catalog.api.parameters import Asked, Reader
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.collections import CollectionSearch, find_collections, read_collection
from rs_server.catalog.items import read_item
from rs_server.catalog.searches import Page, find_items
from rs_server.stac.ids import CollectionId
from rs_server.stac.links import GEOJSON, JSON, Link, link


@attr.s(auto_attribs=True, kw_only=True)
class CatalogClient(AsyncBaseCoreClient):
    """Answers the routes of STAC API core, collections, features and item search."""

    catalog: Catalog
    items: Reader
    """Reads searches for items."""
    collections: Reader
    """Reads searches for collections."""

    def conformance_classes(self) -> list[str]:
        """The classes that this API conforms to."""
        return conformance(super().conformance_classes())

    async def landing_page(self, **arguments: Any) -> Any:
        """`GET /`: with links to the first collections that the caller may read."""
        request: Request = arguments["request"]
        index = self.catalog.indices.collections
        caller = caller_of(request)
        page = await find_collections(self.catalog.engine, index, CollectionSearch(), caller, MAX_CHILDREN, None)
        renderer = renderer_of(request, self.catalog.objects.bucket)
        return responses.answer(landing_page(renderer, self.conformance_classes(), page.sources, self.stac_version))

    async def all_collections(self, **arguments: Any) -> Any:
        """`GET /collections`: those that the caller may read and the parameters ask for."""
        request: Request = arguments["request"]
        asked = self.collections.read_query(arguments | _paging(request))
        index = self.catalog.indices.collections
        page = await find_collections(
            self.catalog.engine, index, asked.collection_search(), caller_of(request), asked.limit, asked.after
        )
        renderer = renderer_of(request, self.catalog.objects.bucket)
        links = [link("root", f"{renderer.base}/", JSON, "Catalog"), link("parent", f"{renderer.base}/", JSON)]
        return pages.collections(request, asked, page, _with_fields(asked, renderer.collection, COLLECTION), links)

    async def get_collection(self, collection_id: str, **arguments: Any) -> Any:
        """`GET /collections/{collection_id}`."""
        request: Request = arguments["request"]
        collection = self._readable(request, collection_id)
        found = await read_collection(self.catalog.engine, self.catalog.indices.collections, collection)
        rendered = renderer_of(request, self.catalog.objects.bucket).collection(found.source)
        return responses.document(rendered, found.etag)

    async def item_collection(self, collection_id: str, **arguments: Any) -> Any:  # type: ignore[override]  # one search, whatever its parameters
        """`GET /collections/{collection_id}/items`: a search in one collection."""
        request: Request = arguments["request"]
        collection = self._readable(request, collection_id)
        asked = self.items.read_query(arguments | _paging(request) | {"collections": None})
        asked = Asked({**asked.body, "collections": [str(collection)]}, asked.limit, asked.after)
        page = await self._find(request, asked)
        if not page.sources:  # only then it may be that there is no such collection
            await read_collection(self.catalog.engine, self.catalog.indices.collections, collection)
        home = renderer_of(request, self.catalog.objects.bucket).collection_address(str(collection))
        links = [link("collection", home, JSON, str(collection)), link("parent", home, JSON, str(collection))]
        return self._features(request, asked, page, links)

    async def get_item(self, item_id: str, collection_id: str, **arguments: Any) -> Any:
        """`GET /collections/{collection_id}/items/{item_id}`: one read."""
        request: Request = arguments["request"]
        collection = self._readable(request, collection_id)
        found = await read_item(self.catalog.engine, self.catalog.indices, collection, item_id)
        rendered = renderer_of(request, self.catalog.objects.bucket).item(found.source)
        return responses.document(rendered, found.etag, GEOJSON)

    async def get_search(self, **arguments: Any) -> Any:  # type: ignore[override]  # one search, whatever its parameters
        """`GET /search`."""
        request: Request = arguments["request"]
        asked = self.items.read_query(arguments | _paging(request))
        return self._features(request, asked, await self._find(request, asked), [])

    async def post_search(self, search_request: BaseModel, **arguments: Any) -> Any:
        """`POST /search`."""
        request: Request = arguments["request"]
        asked = self.items.read_model(search_request)
        return self._features(request, asked, await self._find(request, asked), [])

    def _readable(self, request: Request, collection_id: str) -> CollectionId:
        caller = caller_of(request)
        collection = caller.collection(collection_id)
        caller.require("read", collection)
        return collection

    async def _find(self, request: Request, asked: Asked) -> Page:
        caller = caller_of(request)
        search = asked.item_search(caller)
        return await find_items(self.catalog.engine, self.catalog.indices, search, caller, asked.limit, asked.after)

    def _features(self, request: Request, asked: Asked, page: Page, links: list[Link]) -> Response:
        renderer = renderer_of(request, self.catalog.objects.bucket)
        root = link("root", f"{renderer.base}/", JSON, "Catalog")
        return pages.features(request, asked, page, _with_fields(asked, renderer.item, ITEM), [root, *links])


def _paging(request: Request) -> dict[str, str | None]:
    """The page token of a GET, which not every request model of stac-fastapi knows."""
    return {"token": request.query_params.get("token")}


def _with_fields(asked: Asked, render: pages.Render, members: Members) -> pages.Render:
    """Rendering with the members only that were asked for."""
    fields = asked.body.get("fields")
    if fields is None:
        return render
    return lambda source: selected(render(source), fields, members)
