"""A session under way, at a station that knows how many channels it has and its final blocks when it is over."""

from __future__ import annotations

from typing import Any

from simulators.assembly import Options, build_station
from simulators.odata.instants import read_instant
from tests.integration.stations.simulated import ADMIN, Simulated
from tests.unit.stations.interfaces.schemas import validate


async def the_item(simulated: Simulated, **search: Any) -> dict[str, Any]:
    page = await simulated.search.search({"limit": 1} | search, ADMIN)
    assert len(page.items) == 1
    return page.items[0]


async def test_null_is_written_false_and_known_later() -> None:
    station = build_station(Options(interface="cadip", profile="testmeans", count=1, speed=0.0))
    simulated = Simulated.of(station, known_as="mti")
    over = await the_item(simulated)
    final = [asset for asset in over["assets"].values() if asset["cadip:final_block"]]
    assert len(final) == over["properties"]["cadip:num_channels"]
    assert over["properties"]["rs:complete"] is True

    last = max(asset["created"] for asset in over["assets"].values())
    station.clock.set(now=read_instant(last))
    going_on = await the_item(simulated)
    validate({name: value for name, value in going_on.items() if name != "collection"} | {"links": []})
    assert going_on["assets"].keys() == over["assets"].keys()
    assert not any(asset["cadip:final_block"] for asset in going_on["assets"].values())
    assert "cadip:num_channels" not in going_on["properties"]
    assert going_on["properties"]["rs:complete"] is False
    unknown = await the_item(simulated, filter='"cadip:num_channels" IS NULL AND "rs:complete" = FALSE')
    assert unknown["id"] == over["id"]
    await simulated.http.aclose()
    station.database.close()
