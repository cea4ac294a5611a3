"""Puts a station service together from its settings; clients of AWS and of stations are made at the first request."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import orjson
from fastapi import FastAPI

from rs_server.access.grants import GrantReader
from rs_server.settings import AccessSettings, StationSettings
from rs_server.stations.api.app import create_app
from rs_server.stations.connections import connect_stations, station_states
from rs_server.stations.interfaces.model import Interface
from rs_server.stations.profiles import load_profiles
from rs_server.stations.search.service import StationSearch

if TYPE_CHECKING:
    from collections.abc import Callable

    from rs_server.access.principals import Principal
    from rs_server.access.rights import Rights
    from rs_server.stations.orders.service import OrderService


class LazyGrants:
    """The grants of the access table, whose client is made at the first request: never in a SnapStart snapshot."""

    def __init__(self, table: str) -> None:
        self.reader = cache(lambda: GrantReader.of_table(table))

    async def rights_of(self, principal: Principal) -> Rights:
        """The rights of `principal` now."""
        return await self.reader().rights_of(principal)


def station_service(interface: Interface, stations: StationSettings, access: AccessSettings) -> FastAPI:
    """The application of the service that `interface` speaks to."""
    profile = load_profiles(stations.station_profiles, interface.service)
    search = StationSearch(profile, interface, connect_stations(stations, orjson.loads))
    return create_app(search, LazyGrants(access.access_table), _orders(search, stations))


def _orders(search: StationSearch, stations: StationSettings) -> Callable[[], OrderService] | None:
    """Makes what takes orders, for archives, when one is asked for: a cold start need not import it."""
    if not search.interface.takes_orders:
        return None

    @cache
    def orders() -> OrderService:
        from rs_server.stations.orders.records import OrderRecords
        from rs_server.stations.orders.service import OrderService

        return OrderService(search, OrderRecords(station_states(stations)))

    return orders
