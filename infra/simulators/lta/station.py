"""The LTA service."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from simulators.lta.bulk_model import BATCH_ORDERS, BULKS
from simulators.lta.bulks import BulkBook
from simulators.lta.orders import ORDERS, OrderBook
from simulators.lta.staging import evict
from simulators.odata.actions import ActionTable, Handler
from simulators.odata.service import Dialect, Navigation, ODataService, Resource
from simulators.products.jobs import Pace
from simulators.products.model import lta_products
from simulators.products.shelf import Shelf, create, with_missions
from simulators.products.subscriptions import LTA_SUBSCRIPTIONS, SCHEMA, SubscriptionBook
from simulators.root import ServiceRoot


def lta_service(
    shelf: Shelf, dialect: Dialect, *, missions: Sequence[str], pace: Pace, duplicates: Literal["existing", "new"]
) -> ServiceRoot:
    """The service over a shelf, of the products of some missions (empty: of all)."""
    create(shelf.database, [SCHEMA])
    products = lta_products(shelf.attributes)
    products = with_missions(products, missions) if missions else products
    resources: dict[str, Resource] = {}
    reading = ODataService(shelf.database, resources, dialect, shelf.pool.match)
    orders = OrderBook(shelf.database, reading, dialect.wire, pace, duplicates)
    bulks = BulkBook(shelf.database, reading, products, dialect.wire, pace, shelf.pool.match, dialect.limits)
    book = SubscriptionBook(
        shelf.database, reading, products, dialect.wire, shelf.pool.match, order_staging=orders.stage_for
    )
    ordered = "rowid = (SELECT product FROM orders WHERE rowid = :parent)"
    in_batch = "rowid IN (SELECT product FROM batch_products WHERE batch = :parent)"
    resources |= {
        "Products": shelf.resource(products),
        "Orders": Resource(ORDERS, navigations={"Product": Navigation("Products", ordered, single=True)}),
        "Bulks": Resource(BULKS, navigations={"BatchOrders": Navigation("BatchOrders", "bulk = :parent")}),
        "BatchOrders": Resource(BATCH_ORDERS, navigations={"Products": Navigation("Products", in_batch)}),
        "Subscriptions": Resource(
            LTA_SUBSCRIPTIONS, navigations={"Orders": Navigation("Orders", "subscription = :parent")}
        ),
    }
    handlers: dict[str, Handler] = {
        "Products/OData.CSC.FilterList": partial(shelf.filter_list, reading, products),
        **orders.handlers(),
        **bulks.handlers(),
        **book.handlers(),
    }
    notices = [orders.due, bulks.due, book.due]
    return ServiceRoot(reading, ActionTable(handlers, dialect.keys), notices, partial(evict, shelf.database))
