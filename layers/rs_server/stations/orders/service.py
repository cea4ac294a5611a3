"""Ordering an item: at the archive that has it, or at another that has it too when that one fails."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from rs_server.access.principals import Principal
from rs_server.access.resources import station_resource
from rs_server.access.rights import Rights
from rs_server.errors import (
    BackendFailed,
    BackendTimeout,
    BackendUnavailable,
    Conflict,
    Forbidden,
    NotFound,
    RsServerError,
)
from rs_server.stations.interfaces.model import Item
from rs_server.stations.odata.client import ODataClient
from rs_server.stations.odata.http import Deadline
from rs_server.stations.orders.model import ONLINE, UNDER_WAY, Order, Ordered, OrderId
from rs_server.stations.orders.records import OrderRecords
from rs_server.stations.search.service import StationSearch

PRIORITY = 50
"""What clients of the archives order with."""
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Copy:
    """A product at an archive."""

    station: str
    """Such as `lta:acri`."""
    product: str
    online: bool


class OrderService:
    """Places, shows and cancels orders at the archives of one service."""

    def __init__(self, search: StationSearch, records: OrderRecords) -> None:
        self.search = search
        self.records = records

    async def place(self, collection: str, item_id: str, rights: Rights) -> Order:
        """Have an item brought online; an order that is under way already is answered again.

        Raises Forbidden without the right to download at any archive that has it, NotFound for no such item, Conflict
        while another request is placing the same order, and what the last archive's failure means when all fail.
        """
        item = await self.search.item(collection, item_id, rights)
        copies = self._allowed(item, rights)
        for copy in copies:
            if copy.online:
                return Order(copy.station, ONLINE, message="The product is online: it needs no order.")
        failed = set()
        for copy in copies:
            order = await self._known(copy)
            if order and order.status in UNDER_WAY | {ONLINE}:
                return order
            if order and order.status == "failed":
                failed.add(copy.station)
        copies.sort(key=lambda copy: copy.station in failed)
        return await self._place_at_one(copies, collection, item_id, rights.principal)

    async def get(self, order_id: str, rights: Rights) -> tuple[Order, Ordered]:
        """An order of ours, and what it is for; raises NotFound for any other."""
        parsed = OrderId.parse(order_id)
        ordered = await self._ordered(parsed, rights)
        client = await self._client(parsed.station)
        return await self._fetch(client, parsed.key), ordered

    async def cancel(self, order_id: str, rights: Rights) -> Order:
        """Cancel an order; only who placed it may, as others may wait for the same product."""
        order, ordered = await self.get(order_id, rights)
        if ordered.login != rights.principal.login and not rights.principal.admin:
            raise Forbidden("Only who placed an order can cancel it.")
        if order.status not in UNDER_WAY:
            raise Conflict(f"The order cannot be cancelled any more: it is {order.status}.")
        assert order.id is not None
        client = await self._client(order.id.station)
        await client.post_action(client.url_of("Orders", order.id.key, "/OData.CSC.Cancel"), {})
        return await self._fetch(client, order.id.key)

    def _allowed(self, item: Item, rights: Rights) -> list[Copy]:
        """The copies of an item at archives that the caller may download from."""
        copies = list(_copies(item))
        allowed = [copy for copy in copies if rights.allows("download", _resource(copy.station))]
        if not allowed:
            rights.require("download", _resource(copies[0].station), f"There is no item {item['id']!r}.")
        return allowed

    async def _known(self, copy: Copy) -> Order | None:
        """Our last order of a product, if the archive still knows it and can be asked."""
        key = await self.records.order_of(copy.station, copy.product)
        if key is None:
            return None
        try:
            return await self._fetch(await self._client(copy.station.partition(":")[2]), key)
        except (BackendFailed, BackendTimeout, BackendUnavailable, NotFound):
            return None

    async def _place_at_one(self, copies: list[Copy], collection: str, item_id: str, principal: Principal) -> Order:
        failure: RsServerError | None = None
        for copy in copies:
            ordered = Ordered(collection, item_id, copy.product, principal.login)
            try:
                return await self._place_at(copy, ordered)
            except (BackendFailed, BackendTimeout, BackendUnavailable, NotFound) as error:
                failure = error
        assert failure is not None
        raise failure

    async def _place_at(self, copy: Copy, ordered: Ordered) -> Order:
        client = await self._client(copy.station.partition(":")[2])
        owner, now = uuid.uuid4().hex, self.search.timing.now()
        if not await self.records.begin(copy.station, copy.product, owner, now):
            raise Conflict("This product is being ordered right now. Ask again in a moment.", retry_after=2)
        try:
            url = client.url_of("Products", copy.product, "/OData.CSC.Order")
            row = await client.post_action(url, {"Priority": PRIORITY}, self._deadline())
            if not row.get("Id"):
                raise BackendFailed(f"Station {copy.station} took the order but gave it no id.")
            order = Order.of(row, copy.station, new=True)
            assert order.id is not None
            await self.records.keep(copy.station, order.id.key, ordered, now)
        finally:
            await self.records.end(copy.station, copy.product, owner)
        return order

    async def _ordered(self, order: OrderId, rights: Rights) -> Ordered:
        absent = f"There is no order {str(order)!r}."
        service = self.search.profile.service
        rights.require("download", station_resource(service, order.station), absent)
        ordered = None
        if order.station in self.search.profile.stations:
            ordered = await self.records.placed(f"{service}:{order.station}", order.key)
        if ordered is None:
            raise NotFound(absent)
        return ordered

    async def _fetch(self, client: ODataClient, key: str) -> Order:
        return Order.of(await client.get_json(client.url_of("Orders", key), self._deadline()), client.station.id)

    async def _client(self, name: str) -> ODataClient:
        return await self.search.clients.of(self.search.profile.stations[name])

    def _deadline(self) -> Deadline:
        return Deadline.after(SECONDS, self.search.timing)


def _resource(station: str) -> tuple[str, ...]:
    return tuple(station.split(":"))


def _copies(item: Item) -> Iterator[Copy]:
    """The product of an item at its station and at those of its alternates."""
    status = item["properties"].get("order:status")
    for asset in item["assets"].values():
        yield Copy(item["properties"]["rs:station"], asset["externalIds"][0]["value"], status == ONLINE)
        for other in asset.get("alternate", {}).values():
            yield Copy(other["rs:station"], other["externalIds"][0]["value"], other.get("order:status") == ONLINE)
