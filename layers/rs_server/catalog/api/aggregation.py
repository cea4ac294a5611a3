"""Aggregating: the client behind stac-fastapi's aggregation routes, of the root and of each collection."""

from __future__ import annotations

from typing import Any

import attr
from pydantic import BaseModel
from stac_fastapi.extensions.aggregation.client import AsyncBaseAggregationClient
from starlette.requests import Request

from rs_server.catalog.aggregation import AGGREGATIONS, Options, aggregate
from rs_server.catalog.api import responses
from rs_server.catalog.api.context import caller_of
from rs_server.catalog.api.parameters import Asked, Reader
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.collections import read_collection
from rs_server.errors import InvalidRequest
from rs_server.stac.links import JSON, link


@attr.s(auto_attribs=True, kw_only=True)
class AggregationClient(AsyncBaseAggregationClient):
    """Finds the collection in the route's own parameter, wherever the API is mounted."""

    catalog: Catalog
    reader: Reader

    async def get_aggregations(self, collection_id: str | None = None, **arguments: Any) -> Any:
        """`GET` and `POST /aggregations`, `/collections/{collection_id}/aggregations`: which there are."""
        request: Request = arguments["request"]
        await self._require_collection(request, collection_id)
        return _answer(request, [aggregation.description for aggregation in AGGREGATIONS])

    async def aggregate(self, *bodies: BaseModel, **arguments: Any) -> Any:  # type: ignore[override]  # as the routes call it
        """`GET` and `POST /aggregate`, `/collections/{collection_id}/aggregate`."""
        request: Request = arguments["request"]
        collection_id = request.path_params.get("collection_id")
        await self._require_collection(request, collection_id)
        if bodies:
            asked = self.reader.read_model(bodies[0])
            parameters = asked.body
        else:
            asked, parameters = self.reader.read_query(arguments), arguments
        caller = caller_of(request)
        if collection_id:
            asked = _within(asked, str(caller.collection(collection_id)))
        results = await aggregate(
            self.catalog.engine,
            self.catalog.indices,
            asked.item_search(caller),
            caller,
            parameters.get("aggregations") or [],
            _options(parameters),
        )
        return _answer(request, results)

    async def _require_collection(self, request: Request, collection_id: str | None) -> None:
        if collection_id is None:
            return
        caller = caller_of(request)
        collection = caller.collection(collection_id)
        caller.require("read", collection)
        await read_collection(self.catalog.engine, self.catalog.indices.collections, collection)


def _within(asked: Asked, collection: str) -> Asked:
    if asked.body.get("collections"):
        raise InvalidRequest("collections: this route is about one collection; use /aggregate for several.")
    return Asked({**asked.body, "collections": [collection]}, asked.limit)


def _options(parameters: Any) -> Options:
    given = {
        "geohash_precision": parameters.get("geometry_geohash_grid_frequency_precision"),
        "geotile_precision": parameters.get("geometry_geotile_grid_frequency_precision"),
        "interval": parameters.get("datetime_frequency_interval"),
    }
    return Options(**{name: value for name, value in given.items() if value is not None})


def _answer(request: Request, aggregations: list[dict[str, Any]]) -> Any:
    links = [link("root", str(request.base_url), JSON, "Catalog"), link("self", str(request.url), JSON)]
    return responses.answer({"type": "AggregationCollection", "aggregations": aggregations, "links": links})
