"""The operators of CQL2 at every station that we know, each with the operators that it has, against its own rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from shapely import MultiPolygon, box

from simulators.assembly import Options, build_station
from simulators.service.app import create_app
from simulators.service.station import Station as SimulatedStation
from tests.integration.stations.operators_in_sql import cases_in_sql, ids_in_sql
from tests.integration.stations.operators_on_rows import begins, cases_of, cql, moment, shape
from tests.integration.stations.simulated import Simulated, stations_of

STATIONS = [(service, name) for service in ("cadip", "auxip", "prip", "lta") for name in stations_of(service)]


@pytest.fixture(scope="module", params=STATIONS, ids=lambda pair: "-".join(pair))
def station(request: pytest.FixtureRequest) -> Iterator[SimulatedStation]:
    service, name = request.param
    made = build_station(Options(interface=service, profile=name, count=24 if service == "cadip" else 80))
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def app(station: SimulatedStation) -> FastAPI:
    return create_app(station)


@pytest.fixture
def simulated(station: SimulatedStation, app: FastAPI) -> Simulated:
    return Simulated.of(station, app=app)


async def test_every_operator_answers_as_the_rows_say(simulated: Simulated) -> None:
    rows = await simulated.rows()
    for text, meaning in cases_of(simulated.service, simulated.name, rows):
        pages = await simulated.walk(filter=text, limit=70, fields={"include": ["properties.externalIds"]})
        found = sorted(item["properties"]["externalIds"][0]["value"] for page in pages for item in page)
        expected = sorted(row["Id"] for row in rows if meaning(row) is True)
        assert found == expected, (text, simulated.filters[-1])


async def test_every_operator_answers_as_sql_on_the_tables(simulated: Simulated, station: SimulatedStation) -> None:
    for text, condition in cases_in_sql(station):
        pages = await simulated.walk(filter=text, limit=70, fields={"include": ["properties.externalIds"]})
        found = sorted(item["properties"]["externalIds"][0]["value"] for page in pages for item in page)
        assert found == ids_in_sql(station, condition), (text, condition, simulated.filters[-1])


async def test_datetime_and_bbox(simulated: Simulated) -> None:
    rows = await simulated.rows()
    if simulated.service == "cadip":
        starts = [begins(row) for row in rows]
    else:
        starts = [moment(row["ContentDate"]["Start"]) for row in rows]
    low, high = sorted(starts)[len(starts) // 4], sorted(starts)[len(starts) // 2]
    pages = await simulated.walk(datetime=f"{low:%Y-%m-%dT%H:%M:%S.%fZ}/{high:%Y-%m-%dT%H:%M:%S.%fZ}", limit=70)
    assert sum(map(len, pages)) == sum(low <= start <= high for start in starts)
    near = await simulated.walk(bbox=[170, -90, -170, 90], limit=70)
    shapes = [shape(row) for row in rows] if simulated.service in {"prip", "lta"} else []
    area = MultiPolygon([box(170, -90, 180, 90), box(-180, -90, -170, 90)])
    assert sum(map(len, near)) == sum(each is not None and each.intersects(area) for each in shapes)


async def test_the_order_is_kept_and_pages_are_full(simulated: Simulated) -> None:
    rows = await simulated.rows()
    pages = await simulated.walk(limit=30)
    assert all(len(page) == 30 for page in pages[:-1])
    dates = [item["properties"]["published"] for page in pages for item in page]
    assert [moment(date) for date in dates] == sorted((moment(row["PublicationDate"]) for row in rows), reverse=True)
    later = timedelta(days=1) + max(map(moment, dates))
    assert await simulated.walk(filter=f"published > {cql(later)}") == [[]]
