"""The routes of orders: `POST .../items/{item_id}/order`, `GET` and `DELETE /orders/{order_id}`."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from stac_fastapi.types.extension import ApiExtension
from starlette.requests import Request
from starlette.responses import Response

from rs_server.stac.links import GEOJSON, JSON, link
from rs_server.stations.api.addresses import Addresses
from rs_server.stations.api.answers import answer
from rs_server.stations.api.client import StationsClient

if TYPE_CHECKING:
    from rs_server.stations.orders.model import Order
    from rs_server.stations.orders.service import OrderService


class OrderExtension(ApiExtension):
    """Adds the routes of orders to a station service."""

    def __init__(self, core: StationsClient, orders: Callable[[], OrderService]) -> None:
        """`orders` gives what takes the orders, made when the first one is asked for."""
        super().__init__()
        self.core = core
        self.orders = orders

    def register(self, app: FastAPI) -> None:
        """Add the routes."""
        router = APIRouter(tags=["Orders"])
        router.add_api_route(
            "/collections/{collection_id}/items/{item_id}/order",
            self.place,
            methods=["POST"],
            name="Order an item",
            status_code=HTTPStatus.CREATED,
            response_model=None,
        )
        router.add_api_route("/orders/{order_id}", self.show, methods=["GET"], name="An order", response_model=None)
        router.add_api_route(
            "/orders/{order_id}", self.cancel, methods=["DELETE"], name="Cancel an order", response_model=None
        )
        app.include_router(router)

    async def place(self, request: Request, collection_id: str, item_id: str, without: str = "") -> Response:
        """Order an item that is offline: 201 with a new order, 200 with one that is there or is not needed.

        `without`: archives, such as `lta:acri`, separated by commas, that did not have it when it was downloaded though
        they say that it is online. They are asked last, and for a new order.
        """
        rights = await self.core.rights(request)
        order = await self.orders().place(collection_id, item_id, rights, frozenset(without.split(",")) - {""})
        addresses = self.core.addresses(request)
        response = answer(_document(order, addresses, addresses.item(collection_id, item_id)))
        if order.new:
            response.status_code = HTTPStatus.CREATED
        if order.id:
            response.headers["location"] = addresses.order(str(order.id))
        return response

    async def show(self, request: Request, order_id: str) -> Response:
        """An order as the archive tells it now."""
        order, ordered = await self.orders().get(order_id, await self.core.rights(request))
        addresses = self.core.addresses(request)
        return answer(_document(order, addresses, addresses.item(ordered.collection, ordered.item)))

    async def cancel(self, request: Request, order_id: str) -> Response:
        """Cancel an order that is not done yet."""
        order = await self.orders().cancel(order_id, await self.core.rights(request))
        return answer(_document(order, self.core.addresses(request)))


def _document(order: Order, addresses: Addresses, item: str = "") -> dict[str, Any]:
    links = [link("item", item, GEOJSON, "The item that it is for")] if item else []
    if order.id:
        links.insert(0, link("self", addresses.order(str(order.id)), JSON, "This order"))
    return order.to_json() | {"links": links}
