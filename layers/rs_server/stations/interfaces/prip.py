"""PRIP: fresh products of the production services (PRIP ICD, ESA-EOPG-EOPGC-IF-3)."""

from __future__ import annotations

from rs_server.stations.interfaces.attributes import attribute
from rs_server.stations.interfaces.product_properties import PLATFORM, PROCESSING, PRODUCT
from rs_server.stations.interfaces.products import Dated, ProductInterface
from rs_server.stations.queryables import Column

PRODUCT_DATES = (
    Dated("created", "Time of processing", attribute("processingDate", "DateTimeOffset")),
    Dated("eopf:origin_datetime", "When all input was there", Column("OriginDate", "datetime")),
)


def prip_interface() -> ProductInterface:
    """The interface of fresh products."""
    return ProductInterface("prip", [*PLATFORM, *PROCESSING, *PRODUCT], PRODUCT_DATES, footprints=True, orders=False)
