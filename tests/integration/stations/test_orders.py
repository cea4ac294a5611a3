"""Orders at a simulated archive, from the first request to the download."""

from __future__ import annotations

from typing import Any

import pytest

from rs_server.stations.odata.state import StationState
from rs_server.stations.orders.model import ONLINE, UNDER_WAY
from rs_server.stations.orders.records import OrderRecords
from rs_server.stations.orders.service import OrderService
from simulators.assembly import Options, build_station
from tests.integration.stations.simulated import ADMIN, Simulated


@pytest.mark.parametrize("name", ["acri", "cloudferro", "werum", "exprivia_s1"])
async def test_an_offline_product_is_ordered_and_comes_online(stations_table: Any, name: str) -> None:
    station = build_station(Options(interface="lta", profile=name, count=60, speed=100_000))
    archive = Simulated.of(station)
    records = OrderRecords(lambda each: StationState(stations_table, "stations", each))
    orders = OrderService(archive.search, records)
    pages = await archive.walk(filter="order:status = 'orderable'")
    item = pages[0][0]
    placed = await orders.place(item["collection"], item["id"], ADMIN)
    assert placed.status in UNDER_WAY | {ONLINE, "failed"}
    for _ in range(200):
        order, ordered = await orders.get(str(placed.id), ADMIN)
        if order.status not in UNDER_WAY:
            break
    assert order.status in {ONLINE, "failed"}
    assert ordered.item == item["id"]
    if order.status == ONLINE:
        client = await archive.search.clients.of(archive.search.profile.stations[name])
        (asset,) = item["assets"].values()
        async with client.stream(asset["href"]) as response:
            assert len(await response.aread()) == asset["file:size"]
    station.database.close()
