"""Ordering an item: at the archive that has it, or at another that has it too when that one fails."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

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
SECONDS = 24.0
"""For the look-up, what is known of earlier orders, and the order itself, at as many archives as it takes."""


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

    async def place(
        self, collection: str, item_id: str, rights: Rights, without: Collection[str] = frozenset()
    ) -> Order:
        """Have an item brought online; an order that is under way already is answered again.

        `without` names archives (`lta:acri`) that were to have it online and did not when it was downloaded: that they
        have it is not believed any more, and they are asked for it after all others.

        Raises Forbidden without the right to download at any archive that has it, NotFound for no such item, Conflict
        while another request is placing the same order, and what the last archive's failure means when all fail.
        """
        deadline = self._deadline()
        item = await self.search.item(collection, item_id, rights, deadline)
        copies = self._allowed(item, rights)
        for copy in copies:
            if copy.online and copy.station not in without:
                return Order(copy.station, ONLINE, message="The product is online: it needs no order.")
        failed = set(without)
        for copy in copies:
            order = await self._known(copy, deadline)
            if order and (order.status in UNDER_WAY or self._is_online(order, without)):
                return order
            if order and order.status == "failed":
                failed.add(copy.station)
        copies.sort(key=lambda copy: copy.station in failed)
        return await self._place_at_one(copies, Ordered(collection, item_id, "", rights.principal.login), deadline)

    def _is_online(self, order: Order, without: Collection[str]) -> bool:
        """Whether what an order brought is still there, as far as its archive tells."""
        if order.status != ONLINE or order.station in without:
            return False
        return not order.expires or datetime.fromisoformat(order.expires).timestamp() > self.search.timing.now()

    async def get(self, order_id: str, rights: Rights) -> tuple[Order, Ordered]:
        """An order of ours, and what it is for; raises NotFound for any other."""
        return await self._get(order_id, rights, self._deadline())

    async def cancel(self, order_id: str, rights: Rights) -> Order:
        """Cancel an order; only who placed it may, as others may wait for the same product."""
        deadline = self._deadline()
        order, ordered = await self._get(order_id, rights, deadline)
        if ordered.login != rights.principal.login and not rights.principal.admin:
            raise Forbidden("Only who placed an order can cancel it.")
        if order.status not in UNDER_WAY:
            raise Conflict(f"The order cannot be cancelled any more: it is {order.status}.")
        assert order.id is not None
        client = await self._client(order.id.station)
        await client.post_action(client.url_of("Orders", order.id.key, "/OData.CSC.Cancel"), {}, deadline)
        return await self._fetch(client, order.id.key, deadline)

    async def _get(self, order_id: str, rights: Rights, deadline: Deadline) -> tuple[Order, Ordered]:
        parsed = OrderId.parse(order_id)
        ordered = await self._ordered(parsed, rights)
        client = await self._client(parsed.station)
        return await self._fetch(client, parsed.key, deadline), ordered

    def _allowed(self, item: Item, rights: Rights) -> list[Copy]:
        """The copies of an item at archives that the caller may download from."""
        copies = list(_copies(item))
        allowed = [copy for copy in copies if rights.allows("download", _resource(copy.station))]
        if not allowed:
            rights.require("download", _resource(copies[0].station), f"There is no item {item['id']!r}.")
        return allowed

    async def _known(self, copy: Copy, deadline: Deadline) -> Order | None:
        """Our last order of a product, if the archive still knows it and can be asked."""
        key = await self.records.order_of(copy.station, copy.product)
        if key is None:
            return None
        try:
            return await self._fetch(await self._client(copy.station.partition(":")[2]), key, deadline)
        except (BackendFailed, BackendTimeout, BackendUnavailable, NotFound):
            return None

    async def _place_at_one(self, copies: list[Copy], ordered: Ordered, deadline: Deadline) -> Order:
        """Place the order at the first archive that takes it."""
        failure: RsServerError | None = None
        for copy in copies:
            try:
                return await self._place_at(copy, replace(ordered, product=copy.product), deadline)
            except (BackendFailed, BackendTimeout, BackendUnavailable, NotFound) as error:
                failure = error
        assert failure is not None
        raise failure

    async def _place_at(self, copy: Copy, ordered: Ordered, deadline: Deadline) -> Order:
        client = await self._client(copy.station.partition(":")[2])
        owner, now = uuid.uuid4().hex, self.search.timing.now()
        if not await self.records.begin(copy.station, copy.product, owner, now):
            raise Conflict("This product is being ordered right now. Ask again in a moment.", retry_after=2)
        try:
            url = client.url_of("Products", copy.product, "/OData.CSC.Order")
            row = await client.post_action(url, {"Priority": PRIORITY}, deadline)
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

    async def _fetch(self, client: ODataClient, key: str, deadline: Deadline) -> Order:
        return Order.of(await client.get_json(client.url_of("Orders", key), deadline), client.station.id)

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
