"""Queryables and sortables: the clients behind stac-fastapi's routes of the filter and sort extensions."""

from __future__ import annotations

from typing import Any

from stac_fastapi.extensions.filter.client import AsyncBaseFiltersClient
from stac_fastapi.extensions.sort import AsyncBaseSortablesClient
from starlette.requests import Request

from rs_server.stac.links import SCHEMA
from rs_server.stations.api.answers import answer
from rs_server.stations.api.client import StationsClient
from rs_server.stations.api.documents import property_schema
from rs_server.stations.queryables import Queryables


class FiltersClient(AsyncBaseFiltersClient):
    """What items can be found by: only what works."""

    def __init__(self, core: StationsClient) -> None:
        super().__init__()
        self.core = core

    async def get_queryables(self, collection_id: str | None = None, **arguments: Any) -> Any:
        """`GET /queryables`, `/collections/{collection_id}/queryables`."""
        queryables = self.core.search.interface.queryables
        return await _answer(self.core, arguments["request"], "queryables", queryables, collection_id)


class SortablesClient(AsyncBaseSortablesClient):
    """What items can be sorted by."""

    def __init__(self, core: StationsClient) -> None:
        super().__init__()
        self.core = core

    async def get_sortables(self, request: Request | None = None, **_: Any) -> Any:
        """`GET /sortables`."""
        return await _answer(self.core, request, "sortables", self._sortable())

    async def get_collection_sortables(self, collection_id: str, request: Request | None = None, **_: Any) -> Any:
        """`GET /collections/{collection_id}/sortables`."""
        return await _answer(self.core, request, "sortables", self._sortable(), collection_id)

    def _sortable(self) -> Queryables:
        queryables = self.core.search.interface.queryables
        return {name: one for name, one in queryables.items() if one.kind not in {"geometry", "array"}}


async def _answer(
    core: StationsClient, request: Request | None, name: str, queryables: Queryables, collection_id: str | None = None
) -> Any:
    assert request is not None
    addresses = core.addresses(request)
    address, title = f"{addresses.root}{name}", addresses.title
    if collection_id:
        collection = core.search.collection(collection_id, await core.rights(request))
        address, title = f"{addresses.collection(collection_id)}/{name}", collection.title
    return answer(property_schema(f"{name.capitalize()} of {title}", address, queryables), SCHEMA)
