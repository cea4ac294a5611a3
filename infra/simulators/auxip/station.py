"""The AUXIP service."""

from __future__ import annotations

from functools import partial

from simulators.odata.actions import ActionTable, Handler
from simulators.odata.service import Dialect, ODataService, Resource
from simulators.products.model import auxip_products
from simulators.products.shelf import Shelf, create
from simulators.products.subscriptions import SCHEMA, SUBSCRIPTIONS, SubscriptionBook
from simulators.root import ServiceRoot


def auxip_service(shelf: Shelf, dialect: Dialect) -> ServiceRoot:
    """The service over a shelf."""
    create(shelf.database, [SCHEMA])
    products = auxip_products(shelf.attributes)
    resources = {"Products": shelf.resource(products), "Subscriptions": Resource(SUBSCRIPTIONS)}
    reading = ODataService(shelf.database, resources, dialect)
    book = SubscriptionBook(shelf.database, reading, products, dialect.wire, None)
    filter_list = partial(shelf.filter_list, reading, products)
    handlers: dict[str, Handler] = {"Products/OData.CSC.FilterList": filter_list, **book.handlers()}
    return ServiceRoot(reading, ActionTable(handlers, dialect.keys), [book.due])
