"""The PRIP service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from simulators.odata.actions import ActionTable, Handler
from simulators.odata.service import Dialect, Navigation, ODataService, Resource
from simulators.odata.types import Edm, EntitySet, Property
from simulators.payload import FixedBody, Payload
from simulators.prip.images import quicklook
from simulators.prip.production import ProductionBook
from simulators.prip.production_model import PRODUCTION_ORDERS
from simulators.prip.workflows import WORKFLOWS, expand_options, store_workflows
from simulators.products.jobs import Pace
from simulators.products.model import PRESENT, prip_products
from simulators.products.shelf import Shelf, create
from simulators.products.subscriptions import SCHEMA, SUBSCRIPTIONS, SubscriptionBook
from simulators.root import ServiceRoot

QUICKLOOKS = EntitySet(
    name="Quicklooks",
    table="products",
    properties=(Property("Image", Edm.STRING, "Name || '-ql.png'"),),
    visible=f"quicklook AND {PRESENT}",
    key="Image",
    hidden=("seed",),
    media_type="image/png",
)


def prip_service(
    shelf: Shelf, dialect: Dialect, *, extra_properties: Sequence[str], on_demand: bool, pace: Pace
) -> ServiceRoot:
    """The service over a shelf; `on_demand` stations have workflows and production orders too."""
    create(shelf.database, [SCHEMA])
    common = prip_products(shelf.attributes, extra_properties)
    products = replace(common, expands=(*common.expands, "Quicklooks"))
    resources: dict[str, Resource] = {}
    reading = ODataService(shelf.database, resources, dialect, shelf.pool.match)
    as_served = shelf.resource(products)
    resources["Products"] = replace(
        as_served,
        expanders={**as_served.expanders, "Quicklooks": reading.related("Quicklooks", "rowid")},
        navigations={"Quicklooks": Navigation("Quicklooks", "rowid = :parent")},
    )
    resources["Quicklooks"] = Resource(QUICKLOOKS, payload=_image)
    resources["Subscriptions"] = Resource(SUBSCRIPTIONS)
    book = SubscriptionBook(shelf.database, reading, products, dialect.wire, shelf.pool.match)
    handlers: dict[str, Handler] = {
        "Products/OData.CSC.FilterList": partial(shelf.filter_list, reading, products),
        **book.handlers(),
    }
    sources = [book.due]
    if on_demand:
        store_workflows(shelf.database)
        production = ProductionBook(shelf, reading, dialect.wire, pace)
        resources["Workflows"] = Resource(WORKFLOWS, expanders={"WorkflowOptions": expand_options})
        resources["ProductionOrders"] = Resource(
            PRODUCTION_ORDERS,
            finish=production.finish,
            navigations={
                "Product": Navigation(
                    "Products", "rowid = (SELECT output FROM production_orders WHERE rowid = :parent)", single=True
                )
            },
        )
        # The interface's documents name the set in the singular too.
        resources["ProductionOrder"] = resources["ProductionOrders"]
        handlers |= production.handlers()
        sources.append(production.due)
    return ServiceRoot(reading, ActionTable(handlers, dialect.keys), sources)


def _image(product: Mapping[str, Any]) -> Payload:
    return Payload(FixedBody(quicklook(product["seed"])), product["Image"], "image/png")
