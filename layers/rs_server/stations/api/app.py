"""The application of one station service: four services are this with four profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from stac_fastapi.api.app import StacApi
from stac_fastapi.api.models import (
    ItemCollectionUri,
    create_get_request_model,
    create_post_request_model,
    create_request_model,
)
from stac_fastapi.extensions.fields import FieldsExtension
from stac_fastapi.extensions.filter import FilterExtension
from stac_fastapi.extensions.pagination import TokenPaginationExtension
from stac_fastapi.extensions.query import QueryExtension
from stac_fastapi.extensions.sort import ItemCollectionSortExtension, SearchSortExtension
from stac_fastapi.types.config import ApiSettings
from stac_fastapi.types.extension import ApiExtension
from stac_fastapi.types.search import APIRequest

from rs_server.http import add_error_handlers
from rs_server.stations.api.client import RightsSource, StationsClient
from rs_server.stations.api.counting import CountExtension
from rs_server.stations.api.parameters import SearchBody, SortBody
from rs_server.stations.api.properties import FiltersClient, SortablesClient
from rs_server.stations.search.service import StationSearch

if TYPE_CHECKING:
    from collections.abc import Callable

    from rs_server.stations.orders.service import OrderService


class StationsApi(StacApi):
    """stac-fastapi's API without its health routes: the portal answers for the health of all services."""

    def add_health_check(self) -> None:
        """See class."""


def create_app(
    search: StationSearch, grants: RightsSource, orders: Callable[[], OrderService] | None = None
) -> FastAPI:
    """The STAC API of the service that `search` searches; with `orders` for archives that take them."""
    core = StationsClient(search=search, grants=grants)
    of_search = _extensions(core)
    items = create_request_model("ItemCollectionRequest", base_model=ItemCollectionUri, extensions=of_search)
    assert issubclass(items, APIRequest)
    api = StationsApi(
        settings=_settings(search),
        client=core,
        extensions=[
            *of_search,
            ItemCollectionSortExtension(client=SortablesClient(core=core)),
            *_order_routes(core, orders),
        ],
        search_get_request_model=create_get_request_model(of_search),
        search_post_request_model=create_post_request_model(of_search, base_model=SearchBody),
        items_get_request_model=items,
        middlewares=[],
        exceptions={},
    )
    api.app.router.redirect_slashes = False  # a redirect loses the caller's key
    add_error_handlers(api.app)
    api.app.state.search = search  # so that whoever ends the application can close its connections
    return api.app


def _order_routes(core: StationsClient, orders: Callable[[], OrderService] | None) -> list[ApiExtension]:
    if orders is None:
        return []
    from rs_server.stations.api.orders import OrderExtension

    return [OrderExtension(core=core, orders=orders)]


def _extensions(core: StationsClient) -> list[ApiExtension]:
    sort = SearchSortExtension(client=SortablesClient(core=core))
    sort.POST = SortBody
    return [
        FieldsExtension(),
        QueryExtension(),
        sort,
        TokenPaginationExtension(),
        CountExtension(),
        FilterExtension(client=FiltersClient(core=core)),
    ]


def _settings(search: StationSearch) -> ApiSettings:
    return ApiSettings(
        stac_fastapi_title=search.profile.title,
        stac_fastapi_description=search.profile.description,
        stac_fastapi_version="1",
        stac_fastapi_landing_id=f"rs-server-{search.profile.service}",
    )
