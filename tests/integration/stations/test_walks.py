"""Whole walks through a station that goes on publishing: nothing lost, nothing doubled, each page as cheap."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from simulators.assembly import Options, build_station
from simulators.odata.instants import write_instant
from tests.integration.stations.simulated import ADMIN, Simulated


@pytest.mark.parametrize("order", ["-published", "published"])
async def test_three_hundred_sessions_while_new_ones_are_published(order: str) -> None:
    """Three hundred sessions before the walk begins, 30 000 files seen in it; meanwhile days pass at the station."""
    station = build_station(Options(interface="cadip", profile="mti", count=440))
    simulated = Simulated.of(station)
    ends = station.clock.now()
    begins = ends - 86_400 * 1_000_000
    station.clock.set(now=begins, speed=0)
    before = {row["Id"] for row in await simulated.rows()}
    assert 300 <= len(before) < 440
    found: list[str] = []
    files = 0
    token = ""
    simulated.requests.clear()
    while True:
        parameters = {"limit": 7, "sortby": [order]} | ({"token": token} if token else {})
        page = await simulated.search.search(parameters, ADMIN)
        found += [item["properties"]["externalIds"][0]["value"] for item in page.items]
        files += sum(len(item["assets"]) for item in page.items)
        station.clock.set(now=min(ends, station.clock.now() + 3600 * 1_000_000))
        token = page.token
        if not token:
            break
    assert len(set(found)) == len(found)
    evicted = before - {row["Id"] for row in await simulated.rows()}
    assert before - evicted <= set(found), write_instant(begins)
    assert files >= 30_000
    station.database.close()


async def test_a_page_is_one_request_however_deep() -> None:
    station = build_station(Options(interface="auxip", profile="adgs", count=1000))
    simulated = Simulated.of(station)
    pages = await simulated.walk(limit=9)
    assert len(pages) > 100
    asked = [parse_qs(urlsplit(str(each.url)).query) for each in simulated.requests if "Products" in str(each.url)]
    assert len(asked) <= len(pages) + 3
    assert all("$skip" not in each for each in asked)
    assert {each["$top"][0] for each in asked} <= {str(top) for top in range(10, 16)}
    station.database.close()


@pytest.mark.parametrize(
    ("service", "profile"), [("cadip", "mti"), ("cadip", "mps"), ("auxip", "adgs"), ("prip", "s1a"), ("lta", "acri")]
)
async def test_the_first_page_says_how_many_there_are_when_asked(service: str, profile: str) -> None:
    station = build_station(Options(interface=service, profile=profile, count=60, speed=0.0))
    simulated = Simulated.of(station)
    found = [item for page in await simulated.walk(limit=50) for item in page]
    simulated.requests.clear()
    page = await simulated.search.search({"limit": 7, "count": True}, ADMIN)
    assert page.matched == len(found)
    assert sum("%24count" in str(each.url) or "$count" in str(each.url) for each in simulated.requests) == 1
    following = await simulated.search.search({"token": page.token}, ADMIN)
    assert following.matched is None
    assert (await simulated.search.search({"limit": 7}, ADMIN)).matched is None
    moment = sorted(item["properties"]["published"] for item in found)[20]
    pushed = await simulated.search.search(
        {"limit": 7, "count": True, "filter": f"published >= TIMESTAMP('{moment}')"}, ADMIN
    )
    assert pushed.matched == sum(item["properties"]["published"] >= moment for item in found)
    here = {"limit": 7, "count": True, "filter": "CASEI(id) LIKE '%s1%'"}
    assert (await simulated.search.search(here, ADMIN)).matched in {
        None,
        sum("s1" in item["id"].lower() for item in found),
    }
    station.database.close()
