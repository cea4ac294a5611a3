"""Queryables and sortables: the clients behind stac-fastapi's routes of the filter and sort extensions."""

from __future__ import annotations

from typing import Any

import attr
from stac_fastapi.extensions.filter.client import AsyncBaseFiltersClient
from stac_fastapi.extensions.sort import AsyncBaseSortablesClient
from starlette.requests import Request
from starlette.responses import Response

from rs_server.catalog.api import responses
from rs_server.catalog.api.context import caller_of
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.collections import read_collection
from rs_server.catalog.queryables import COLLECTION_MEMBERS, GEOMETRY, KNOWN, Schema, properties_of, schema
from rs_server.stac.links import SCHEMA


@attr.s(auto_attribs=True, kw_only=True)
class FiltersClient(AsyncBaseFiltersClient):
    """What items can be found by."""

    catalog: Catalog

    async def get_queryables(self, collection_id: str | None = None, **arguments: Any) -> Any:
        """`GET /queryables`, `/collections/{collection_id}/queryables`."""
        request: Request = arguments["request"]
        known = await _properties(self.catalog, request, collection_id) if collection_id else KNOWN
        return _answer(request, "Queryables", known | {"geometry": GEOMETRY})


@attr.s(auto_attribs=True, kw_only=True)
class SortablesClient(AsyncBaseSortablesClient):
    """What items and collections can be sorted by."""

    catalog: Catalog

    async def get_sortables(self, request: Request | None = None, **_: Any) -> Any:
        """`GET /sortables`."""
        return _answer(request, "Sortables", KNOWN)

    async def get_collection_sortables(self, collection_id: str, request: Request | None = None, **_: Any) -> Any:
        """`GET /collections/{collection_id}/sortables`."""
        return _answer(request, "Sortables", await _properties(self.catalog, request, collection_id))

    async def get_collections_sortables(self, request: Request | None = None, **_: Any) -> Any:
        """`GET /collections-sortables`."""
        return _answer(request, "Sortables of collections", COLLECTION_MEMBERS)


async def _properties(catalog: Catalog, request: Request | None, collection_id: str) -> Schema:
    assert request
    caller = caller_of(request)
    collection = caller.collection(collection_id)
    caller.require("read", collection)
    await read_collection(catalog.engine, catalog.indices.collections, collection)
    return await properties_of(catalog.engine, catalog.indices.items, collection)


def _answer(request: Request | None, title: str, properties: Schema) -> Response:
    assert request
    return responses.answer(schema(str(request.url), title, properties), SCHEMA)
