from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from rs_server.stations.interfaces.lta import lta_interface
from rs_server.stations.profiles.model import VirtualCollection
from tests.unit.stations.interfaces.schemas import validate
from tests.unit.stations.search.doubles import ADMIN, Service, product, user
from tests.unit.stations.station_double import StationDouble

START = datetime(2024, 11, 14, 12, 0, tzinfo=UTC)


def archives(**numbers: list[int]) -> Service:
    """Archives by name (in the order of the collection), each with the products of these numbers."""
    stations = {
        name: StationDouble(
            [
                product(number, START + timedelta(minutes=number, seconds=delay), name, online=number % 2 == 0)
                for number in listed
            ]
        )
        for delay, (name, listed) in enumerate(numbers.items())
    }
    everything = VirtualCollection(
        id="all", title="All", description="All", stations=tuple(numbers), start="2014-04-03T00:00:00Z"
    )
    return Service(stations, collections=(everything,), interface=lta_interface())


def names(pages: list[list[dict[str, Any]]]) -> list[int]:
    return [int(item["id"][-6:]) for page in pages for item in page]


async def test_a_product_at_several_archives_is_one_item() -> None:
    service = archives(acri=[1, 2, 3], werum=[2, 3, 4], dlr=[3, 5])
    pages = await service.walk(limit=2)
    assert sorted(names(pages)) == [1, 2, 3, 4, 5]
    by_number = {int(item["id"][-6:]): item for page in pages for item in page}
    assert {number: item["properties"]["rs:station"] for number, item in by_number.items()} == {
        1: "lta:acri",
        2: "lta:acri",
        3: "lta:acri",
        4: "lta:werum",
        5: "lta:dlr",
    }
    (asset,) = by_number[3]["assets"].values()
    assert set(asset["alternate"]) == {"lta:werum", "lta:dlr"}
    assert asset["alternate"]["lta:dlr"]["href"].startswith("https://dlr.test/odata/v1/Products(")
    assert asset["alternate"]["lta:dlr"]["order:status"] == "orderable"
    assert asset["alternate"]["lta:dlr"]["file:size"] == asset["file:size"]
    assert "alternate" not in next(iter(by_number[1]["assets"].values()))


async def test_an_item_with_alternates_is_valid() -> None:
    (page,) = await archives(acri=[2], werum=[2]).walk()
    validate(page[0] | {"links": [{"rel": "collection", "href": "https://api.test/c"}]})


async def test_the_copy_that_passes_the_filter_is_shown() -> None:
    service = archives(acri=[1, 2], werum=[1, 2])
    service.stations["acri"].sessions[1]["Online"] = False
    pages = await service.walk(filter="order:status = 'succeeded'")
    assert [item["properties"]["rs:station"] for page in pages for item in page] == ["lta:werum"]
    (asset,) = pages[0][0]["assets"].values()
    assert asset["alternate"]["lta:acri"]["order:status"] == "orderable"


async def test_one_request_more_for_each_other_archive() -> None:
    service = archives(acri=[1, 2], werum=[1, 2], dlr=[])
    await service.walk(limit=10)
    assert [len(station.requests) for station in service.stations.values()] == [2, 2, 2]


async def test_archives_that_may_not_be_read_are_not_asked_and_not_named() -> None:
    service = archives(acri=[1], werum=[1])
    page = await service.search.search({}, user("lta:werum"))
    (item,) = page.items
    assert item["properties"]["rs:station"] == "lta:werum"
    assert "acri" not in str(item)
    assert service.stations["acri"].requests == []


async def test_an_archive_that_is_down_hides_nothing_of_the_others() -> None:
    service = archives(acri=[1, 2], werum=[2, 3])
    service.stations["acri"].before = lambda number: httpx.Response(503)
    page = await service.search.search({}, ADMIN)
    assert names([page.items]) == [3, 2]
    assert list(page.partial) == ["lta:acri"]


async def test_an_archive_that_fails_at_the_look_up_is_named() -> None:
    service = archives(acri=[1, 2], werum=[2, 3])
    asked = service.stations["acri"].requests
    service.stations["acri"].before = lambda number: httpx.Response(500) if "Name" in str(asked[-1].url) else None
    page = await service.search.search({}, ADMIN)
    assert list(page.partial) == ["lta:acri"]
    assert set(names([page.items])) == {1, 2, 3}


async def test_how_many_there_are_is_not_said_where_copies_were_left_out() -> None:
    service = archives(acri=[1, 2], werum=[2, 3])
    assert (await service.search.search({"sortby": ["eopf:origin_datetime"], "limit": 2}, ADMIN)).matched is None
    assert (await service.search.search({"sortby": ["eopf:origin_datetime"]}, ADMIN)).matched == 3


async def test_one_item_of_several_archives() -> None:
    service = archives(acri=[1, 2], werum=[2, 3])
    item = await service.search.item("all", "S1A_IW_RAW__0SDV_000002", ADMIN)
    assert item["properties"]["rs:station"] == "lta:acri"
    only_there = await service.search.item("all", "S1A_IW_RAW__0SDV_000003", ADMIN)
    assert only_there["properties"]["rs:station"] == "lta:werum"
