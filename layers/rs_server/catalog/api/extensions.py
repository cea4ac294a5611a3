"""The STAC API extensions that the catalog serves, with the client of each and the request models they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path
from pydantic import BaseModel, Field, model_validator
from stac_fastapi.api.models import (
    CollectionUri,
    EmptyRequest,
    ItemCollectionUri,
    create_get_request_model,
    create_post_request_model,
    create_request_model,
)
from stac_fastapi.api.routes import create_async_endpoint
from stac_fastapi.core.extensions.aggregation import EsAggregationExtensionGetRequest, EsAggregationExtensionPostRequest
from stac_fastapi.extensions import (
    AggregationExtension,
    CollectionSearchExtension,
    CollectionSearchFilterExtension,
    FieldsExtension,
    FilterExtension,
    FreeTextExtension,
    QueryExtension,
    TokenPaginationExtension,
)
from stac_fastapi.extensions.collection_search.request import BaseCollectionSearchPostRequest
from stac_fastapi.extensions.fields import FieldsConformanceClasses
from stac_fastapi.extensions.filter import FilterConformanceClasses
from stac_fastapi.extensions.free_text import FreeTextConformanceClasses
from stac_fastapi.extensions.query import QueryConformanceClasses
from stac_fastapi.extensions.sort import (
    CollectionSearchSortExtension,
    ItemCollectionSortExtension,
    SearchSortExtension,
)
from stac_fastapi.types.config import ApiSettings
from stac_fastapi.types.extension import ApiExtension
from stac_fastapi.types.search import APIRequest, BaseSearchPostRequest
from stac_pydantic.api.extensions.sort import SortDirections, SortExtension

from rs_server.catalog.api.aggregation import AggregationClient
from rs_server.catalog.api.bulk import BulkItemsExtension, BulkTransactionsClient
from rs_server.catalog.api.parameters import Reader
from rs_server.catalog.api.partial_items import PartialItemsExtension
from rs_server.catalog.api.queryables import FiltersClient, SortablesClient
from rs_server.catalog.api.transactions import TransactionsClient
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.validation import check_depth
from rs_server.errors import InvalidRequest

COLLECTIONS_LIMIT = 100
"""Collections on a page, unless the request says otherwise."""


class SearchBody(BaseSearchPostRequest):
    """The body of a search."""

    @model_validator(mode="before")
    @classmethod
    def is_plain(cls, body: Any) -> Any:
        """stac-pydantic's own checks take an object for granted, and one that is not nested without end.

        One collection may be given without a list, as some clients do.
        """
        if not isinstance(body, Mapping):
            raise InvalidRequest("The body must be a JSON object.")
        check_depth(body)
        if "fields" in body and body["fields"] is None:
            raise InvalidRequest("fields: it must be an object.")
        collections = body.get("collections")
        return {**body, "collections": [collections]} if isinstance(collections, str) else body


async def in_collection(collection_id: Annotated[str, Path(description="Collection ID")]) -> None:
    """Declares the path parameter of routes whose request model of stac-fastapi leaves it out."""


IN_COLLECTION = Depends(in_collection)


class SortKey(SortExtension):
    """One key of `sortby`, ascending unless it says otherwise (sort extension v1.1.0)."""

    direction: SortDirections = SortDirections.asc


class SortBody(BaseModel):
    """`sortby` in the body of a search."""

    sortby: list[SortKey] | None = Field(None, description="Properties to sort by, each with a direction.")


class AggregationBody(EsAggregationExtensionPostRequest, SearchBody):  # type: ignore[misc]  # stac-fastapi-core has no types
    """The body of an aggregation, which takes the query extension as a search does."""

    query: dict[str, dict[str, Any]] | None = None


class AggregationRoutes(AggregationExtension):
    """The routes of aggregation, each with one method: stac-fastapi's would share an operation id."""

    GET = EsAggregationExtensionGetRequest
    POST = AggregationBody

    def register(self, app: FastAPI) -> None:
        """Add the routes of the root and of each collection."""
        root = APIRouter(tags=["Aggregation Extension"])
        collection = APIRouter(prefix="/collections/{collection_id}", tags=root.tags, dependencies=[IN_COLLECTION])
        for router, model in ((root, EmptyRequest), (collection, CollectionUri)):
            offered = create_async_endpoint(self.client.get_aggregations, model)
            for method, body in (("GET", self.GET), ("POST", self.POST)):
                asked = create_async_endpoint(self.client.aggregate, body)
                router.add_api_route("/aggregations", offered, methods=[method], name="Aggregations")
                router.add_api_route("/aggregate", asked, methods=[method], name="Aggregate")
            app.include_router(router)


@dataclass(frozen=True)
class Extensions:
    """All extensions, by the routes that they add parameters to."""

    catalog: Catalog
    settings: ApiSettings

    @cached_property
    def search(self) -> list[ApiExtension]:
        """Those of `/search`; the filter extension adds the routes of queryables."""
        return [
            FieldsExtension(),
            QueryExtension(),
            _with_sort_body(SearchSortExtension(client=SortablesClient(catalog=self.catalog))),
            TokenPaginationExtension(),
            FilterExtension(client=FiltersClient(catalog=self.catalog)),
            FreeTextExtension(conformance_classes=[FreeTextConformanceClasses.SEARCH]),
        ]

    @cached_property
    def items(self) -> list[ApiExtension]:
        """Those of `/collections/{collection_id}/items`."""
        return [
            FieldsExtension(conformance_classes=[FieldsConformanceClasses.ITEMS]),
            QueryExtension(conformance_classes=[QueryConformanceClasses.ITEMS]),
            ItemCollectionSortExtension(client=SortablesClient(catalog=self.catalog)),
            TokenPaginationExtension(),
            CollectionSearchFilterExtension(conformance_classes=[]),
            FreeTextExtension(conformance_classes=[FreeTextConformanceClasses.ITEMS]),
        ]

    @cached_property
    def collection_parameters(self) -> list[ApiExtension]:
        """Those of `/collections`."""
        return [
            FieldsExtension(conformance_classes=[FieldsConformanceClasses.COLLECTIONS]),
            QueryExtension(conformance_classes=[QueryConformanceClasses.COLLECTIONS]),
            _with_sort_body(CollectionSearchSortExtension(client=SortablesClient(catalog=self.catalog))),
            TokenPaginationExtension(),
            CollectionSearchFilterExtension(conformance_classes=[FilterConformanceClasses.COLLECTIONS]),
            FreeTextExtension(conformance_classes=[FreeTextConformanceClasses.COLLECTIONS]),
        ]

    @cached_property
    def collections(self) -> CollectionSearchExtension:
        """Collection search, by GET: a POST to `/collections` makes one."""
        return CollectionSearchExtension.from_extensions(self.collection_parameters)

    @cached_property
    def aggregation(self) -> AggregationExtension:
        """Aggregation; its POST is the body of a search."""
        return AggregationRoutes(client=AggregationClient(catalog=self.catalog, reader=self.item_reader))

    @cached_property
    def all(self) -> list[ApiExtension]:
        """Every extension whose routes and conformance classes the API has."""
        return [
            PartialItemsExtension(client=TransactionsClient(catalog=self.catalog), settings=self.settings),
            BulkItemsExtension(client=BulkTransactionsClient(catalog=self.catalog), route_dependencies=[IN_COLLECTION]),
            self.aggregation,
            *self.search,
            *self.items,
            *self.collection_parameters,
            self.collections,
        ]

    @cached_property
    def search_body(self) -> type[BaseModel]:
        """The model of a search's body."""
        return create_post_request_model(self.search, base_model=SearchBody)

    @cached_property
    def item_reader(self) -> Reader:
        """Reads searches for items."""
        return Reader(self.search_body)

    @cached_property
    def collection_reader(self) -> Reader:
        """Reads searches for collections."""
        body = create_post_request_model(self.collection_parameters, base_model=BaseCollectionSearchPostRequest)
        return Reader(body, COLLECTIONS_LIMIT)

    def request_models(self) -> dict[str, Any]:
        """The models that stac-fastapi reads requests with, by the names of its parameters."""
        items: type[APIRequest] | type[BaseModel] = create_request_model(
            model_name="ItemCollectionUri", base_model=ItemCollectionUri, extensions=self.items
        )
        return {
            "search_get_request_model": create_get_request_model(self.search),
            "search_post_request_model": self.search_body,
            "items_get_request_model": items,
            "collections_get_request_model": self.collections.GET,
        }


def _with_sort_body(extension: ApiExtension) -> ApiExtension:
    extension.POST = SortBody
    return extension
