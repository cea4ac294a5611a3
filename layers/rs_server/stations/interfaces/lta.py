"""LTA: long-term archives (LTA ICD, ESA-EOPG-EOPGC-IF-2), whose products are mostly offline until ordered."""

from __future__ import annotations

from rs_server.stations.interfaces.prip import PRODUCT_DATES
from rs_server.stations.interfaces.product_properties import PLATFORM, PROCESSING, PRODUCT
from rs_server.stations.interfaces.products import Dated, ProductInterface
from rs_server.stations.queryables import Column

MODIFIED = Dated("updated", "Last change at the archive", Column("ModificationDate", "datetime"))


def lta_interface() -> ProductInterface:
    """The interface of archived products."""
    mapped = [*PLATFORM, *PROCESSING, *PRODUCT]
    return ProductInterface("lta", mapped, [*PRODUCT_DATES, MODIFIED], footprints=True, orders=True)
