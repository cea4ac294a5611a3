"""AUXIP: auxiliary files (AUXIP ICD, ESA-EOPG-EOPGC-IF-10). They have no footprint, and are always online."""

from __future__ import annotations

from rs_server.stations.interfaces.product_properties import PLATFORM, PROCESSING
from rs_server.stations.interfaces.products import PUBLISHED, Dated, ProductInterface


def auxip_interface() -> ProductInterface:
    """The interface of auxiliary files; `created` is their publication, as the auxip extension has it."""
    dates = [Dated("created", "Publication at the station", PUBLISHED)]
    return ProductInterface("auxip", [*PLATFORM, *PROCESSING], dates, footprints=False, orders=False)
