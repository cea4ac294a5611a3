"""The core client: stac-fastapi's routes end here, and go on to the search with the caller's rights."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlencode

from pydantic import BaseModel
from stac_fastapi.types.core import AsyncBaseCoreClient
from starlette.requests import Request

from rs_server.access.principals import Principal
from rs_server.access.requests import principal_of
from rs_server.access.rights import Rights
from rs_server.stac.links import GEOJSON, JSON, Link, link
from rs_server.stations.api.addresses import Addresses
from rs_server.stations.api.answers import answer
from rs_server.stations.api.conformance import CONFORMANCE
from rs_server.stations.api.documents import collection_document, landing_page
from rs_server.stations.api.parameters import from_body, from_query
from rs_server.stations.interfaces.model import Item
from rs_server.stations.search.fields import Fields
from rs_server.stations.search.run import ItemPage
from rs_server.stations.search.service import StationSearch


class RightsSource(Protocol):
    """Knows what a principal may do."""

    async def rights_of(self, principal: Principal) -> Rights:
        """The rights of `principal` now."""


class StationsClient(AsyncBaseCoreClient):
    """The STAC API of one service."""

    def __init__(self, search: StationSearch, grants: RightsSource) -> None:
        super().__init__()
        self.search = search
        self.grants = grants

    async def rights(self, request: Request) -> Rights:
        """What the caller of `request` may do."""
        return await self.grants.rights_of(principal_of(request))

    def addresses(self, request: Request) -> Addresses:
        """The addresses of this service as the caller reaches them."""
        return Addresses.of(request, self.search.profile.title)

    def conformance_classes(self) -> list[str]:
        """What this service conforms to."""
        return CONFORMANCE

    async def landing_page(self, **arguments: Any) -> Any:
        """`GET /`."""
        request: Request = arguments["request"]
        collections = self.search.collections(await self.rights(request))
        return answer(landing_page(self.search.profile, self.addresses(request), CONFORMANCE, collections))

    async def all_collections(self, **arguments: Any) -> Any:
        """`GET /collections`: those with a station that the caller may read."""
        request: Request = arguments["request"]
        addresses = self.addresses(request)
        extensions = self.search.interface.collection_extensions
        collections = [
            collection_document(collection, extensions, addresses)
            for collection in self.search.collections(await self.rights(request))
        ]
        links = [link("self", f"{addresses.root}collections", JSON, "Collections"), addresses.root_link()]
        links.append(link("parent", addresses.root, JSON, addresses.title))
        return answer(
            {
                "collections": collections,
                "links": links,
                "numberMatched": len(collections),
                "numberReturned": len(collections),
            }
        )

    async def get_collection(self, collection_id: str, **arguments: Any) -> Any:
        """`GET /collections/{collection_id}`."""
        request: Request = arguments["request"]
        collection = self.search.collection(collection_id, await self.rights(request))
        extensions = self.search.interface.collection_extensions
        return answer(collection_document(collection, extensions, self.addresses(request)))

    async def get_item(self, item_id: str, collection_id: str, **arguments: Any) -> Any:
        """`GET /collections/{collection_id}/items/{item_id}`."""
        request: Request = arguments["request"]
        item = await self.search.item(collection_id, item_id, await self.rights(request))
        return answer(self._rendered(item, self.addresses(request), Fields()), GEOJSON)

    async def item_collection(self, collection_id: str, **arguments: Any) -> Any:  # type: ignore[override]  # as its route calls it
        """`GET /collections/{collection_id}/items`."""
        request: Request = arguments["request"]
        rights = await self.rights(request)
        collection = self.search.collection(collection_id, rights)
        page = await self.search.search(from_query(arguments) | {"collections": [collection_id]}, rights)
        address = f"{self.addresses(request).collection(collection_id)}/items"
        parent = link("collection", self.addresses(request).collection(collection_id), JSON, collection.title)
        return self._feature_collection(request, page, [*_by_get(request, address, page), parent])

    async def get_search(self, *_: Any, **arguments: Any) -> Any:
        """`GET /search`."""
        request: Request = arguments["request"]
        page = await self.search.search(from_query(arguments), await self.rights(request))
        links = _by_get(request, f"{self.addresses(request).root}search", page)
        return self._feature_collection(request, page, links)

    async def post_search(self, search_request: BaseModel, **arguments: Any) -> Any:
        """`POST /search`."""
        request: Request = arguments["request"]
        parameters = from_body(search_request)
        page = await self.search.search(parameters, await self.rights(request))
        address = f"{self.addresses(request).root}search"
        links = [link("self", address, GEOJSON, "This page")]
        for rel, title, token in _neighbours(page):
            body = parameters | {"token": token}
            links.append(link(rel, address, GEOJSON, title, method="POST", body=body, merge=False))
        return self._feature_collection(request, page, links)

    def _rendered(self, item: Item, addresses: Addresses, fields: Fields) -> Item:
        titles = {one.id: one.title for one in self.search.profile.collections}
        return fields.apply(item | {"links": addresses.of_item(item, titles[item["collection"]])})

    def _feature_collection(self, request: Request, page: ItemPage, links: list[Link]) -> Any:
        addresses = self.addresses(request)
        body: dict[str, Any] = {
            "type": "FeatureCollection",
            "features": [self._rendered(item, addresses, page.fields) for item in page.items],
            "links": [*links, addresses.root_link()],
            "numberReturned": len(page.items),
        }
        if page.matched is not None:
            body["numberMatched"] = page.matched
        if page.unknown:
            body["rs:unknown_properties"] = list(page.unknown)
        if page.partial:
            body["rs:partial"] = [
                {"station": station, "reason": error.message} for station, error in sorted(page.partial.items())
            ]
        return answer(body, GEOJSON)


def _by_get(request: Request, address: str, page: ItemPage) -> list[Link]:
    """`self`, `next` and `prev` of a page that was asked for by GET: the same parameters, with the token."""
    given = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
    links = [link("self", f"{address}?{request.url.query}".rstrip("?"), GEOJSON, "This page")]
    for rel, title, token in _neighbours(page):
        query = urlencode([*given, ("token", token)])
        links.append(link(rel, f"{address}?{query}", GEOJSON, title, method="GET"))
    return links


def _neighbours(page: ItemPage) -> list[tuple[str, str, str]]:
    """Relation, title and token of the pages beside this one."""
    found = [("next", "Next page", page.token), ("prev", "Previous page", page.previous)]
    return [each for each in found if each[2]]
