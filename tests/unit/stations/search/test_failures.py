from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from rs_server.access.principals import ANONYMOUS
from rs_server.access.rights import Rights
from rs_server.errors import (
    BackendFailed,
    BackendTimeout,
    BackendUnavailable,
    Forbidden,
    NotFound,
    RsServerError,
    Unauthenticated,
)
from tests.unit.stations.search.doubles import ADMIN, Service, profile_of, session, user
from tests.unit.stations.station_double import StationDouble

START = datetime(2024, 11, 14, 12, 0, tzinfo=UTC)


def station(offset: int = 0, count: int = 6) -> StationDouble:
    return StationDouble([session(offset + n, START + timedelta(minutes=offset + 2 * n)) for n in range(count)])


def answering(status: int) -> StationDouble:
    double = station()
    double.before = lambda number: httpx.Response(status)
    return double


async def test_one_station_down_is_named_and_the_others_answer() -> None:
    service = Service({"mti": station(), "sgs": answering(503)})
    page = await service.search.search({}, ADMIN)
    assert len(page.items) == 6
    assert {name: error.message for name, error in page.partial.items()} == {
        "cadip:sgs": "Station cadip:sgs is not available (503)."
    }
    assert page.matched is None


async def test_a_station_without_credentials_is_named_too() -> None:
    service = Service({"mti": station(), "sgs": station(100)})
    service.secrets.missing.add("cadip:sgs")
    page = await service.search.search({}, ADMIN)
    assert len(page.items) == 6
    assert list(page.partial) == ["cadip:sgs"]


async def test_what_a_station_missed_comes_when_it_is_back() -> None:
    service = Service({"mti": station(), "sgs": station(1)})
    service.stations["sgs"].before = lambda number: httpx.Response(503)
    first = await service.search.search({"limit": 3}, ADMIN)
    service.stations["sgs"].before = lambda number: None
    found = [item["id"] for item in first.items]
    token = first.token
    while token:
        page = await service.search.search({"token": token}, ADMIN)
        found += [item["id"] for item in page.items]
        token = page.token
    expected = {each["SessionId"] for double in service.stations.values() for each in double.sessions}
    assert set(found) == expected
    assert len(found) == 12


async def test_a_station_that_fails_with_the_files_is_taken_back() -> None:
    service = Service(
        {"mti": station(), "sgs": station(1)}, {name: profile_of(name, expand_files=False) for name in ("mti", "sgs")}
    )
    double = service.stations["sgs"]
    double.before = lambda number: httpx.Response(500) if "Files" in str(double.requests[-1].url) else None
    first = await service.search.search({"limit": 6}, ADMIN)
    assert list(first.partial) == ["cadip:sgs"]
    assert {item["properties"]["rs:station"] for item in first.items} == {"cadip:mti"}
    double.before = lambda number: None
    second = await service.search.search({"token": first.token, "limit": 6}, ADMIN)
    assert {item["properties"]["rs:station"] for item in second.items} == {"cadip:mti", "cadip:sgs"}


@pytest.mark.parametrize(
    ("statuses", "error"),
    [
        ((503, 503), BackendUnavailable),
        ((503, 500), BackendUnavailable),
        ((504, 500), BackendTimeout),
        ((500, 401), BackendFailed),
        ((404, 404), BackendFailed),
        ((429, 429), BackendUnavailable),
    ],
)
async def test_when_all_stations_fail_the_search_fails(statuses: tuple[int, int], error: type[RsServerError]) -> None:
    service = Service({"mti": answering(statuses[0]), "sgs": answering(statuses[1])})
    with pytest.raises(error) as caught:
        await service.search.search({}, ADMIN)
    assert "s3cret" not in str(caught.value)


async def test_a_walk_ends_though_a_station_stays_down() -> None:
    service = Service({"mti": station(), "sgs": answering(503)})
    assert len(await service.ids(limit=2)) == 6


async def test_an_item_of_a_station_that_is_down_is_not_absent() -> None:
    service = Service({"mti": answering(503)})
    with pytest.raises(BackendUnavailable):
        await service.search.item("s1_mti", "S1A_X", ADMIN)


async def test_one_item() -> None:
    service = Service({"mti": station()})
    wanted = service.stations["mti"].sessions[2]["SessionId"]
    item = await service.search.item("s1_mti", wanted, ADMIN)
    assert (item["id"], item["collection"], len(item["assets"])) == (wanted, "s1_mti", 2)
    assert len(service.stations["mti"].requests) == 1


@pytest.mark.parametrize("item_id", ["S1A_X", "' or 1 eq 1 or 'a' eq '", "%", "*", "S2A_20241114120000000001"])
async def test_no_such_item(item_id: str) -> None:
    with pytest.raises(NotFound, match="There is no item"):
        await Service({"mti": station()}).search.item("s1_mti", item_id, ADMIN)


async def test_the_two_deliveries_of_a_session_are_two_items_with_their_own_files() -> None:
    first = session(1, START)
    second = session(2, START + timedelta(hours=1), SessionId=first["SessionId"], Retransfer=True, files=3)
    for expand in (True, False):
        service = Service({"mti": StationDouble([first, second])}, {"mti": profile_of("mti", expand_files=expand)})
        page = await service.search.search({}, ADMIN)
        assert [(item["id"], len(item["assets"])) for item in page.items] == [
            (f"{first['SessionId']}.r1", 3),
            (first["SessionId"], 2),
        ]
        assert len((await service.search.item("s1_mti", first["SessionId"], ADMIN))["assets"]) == 2
        assert len((await service.search.item("s1_mti", f"{first['SessionId']}.r1", ADMIN))["assets"]) == 3


async def test_rights_on_stations() -> None:
    service = Service({"mti": station(), "sgs": station(100)})
    alice = user("cadip:mti")
    assert [one.id for one in service.search.collections(alice)] == ["s1_mti", "s2_mti"]
    page = await service.search.search({}, alice)
    assert {item["properties"]["rs:station"] for item in page.items} == {"cadip:mti"}
    assert service.stations["sgs"].requests == []
    with pytest.raises(NotFound, match="There is no collection 's1_sgs'"):
        await service.search.search({"collections": ["s1_sgs"]}, alice)
    with pytest.raises(NotFound, match="There is no collection 'nope'"):
        await service.search.search({"collections": ["s1_mti", "nope"]}, alice)
    with pytest.raises(NotFound):
        await service.search.item("s1_sgs", "x", alice)


async def test_a_page_token_gives_no_rights() -> None:
    service = Service({"mti": station(), "sgs": station(100)})
    first = await service.search.search({"limit": 2}, ADMIN)
    page = await service.search.search({"token": first.token}, user("cadip:mti"))
    assert {item["properties"]["rs:station"] for item in page.items} == {"cadip:mti"}


async def test_a_station_that_may_be_downloaded_from_but_not_read() -> None:
    service = Service({"mti": station()})
    alice = user("cadip:mti", action="download")
    assert service.search.collections(alice) == []
    with pytest.raises(Forbidden):
        service.search.collection("s1_mti", alice)


@pytest.mark.parametrize("name", ["s1_mti", "nope"])
async def test_the_anonymous_principal_is_told_nothing(name: str) -> None:
    service = Service({"mti": station()})
    nobody = Rights(ANONYMOUS)
    with pytest.raises(Unauthenticated):
        await service.search.search({"collections": [name]}, nobody)
    assert (await service.search.search({}, nobody)).items == []
    assert service.stations["mti"].requests == []


async def test_no_right_at_all_asks_no_station() -> None:
    service = Service({"mti": station()})
    assert (await service.search.search({}, user("prip:s1a"))).items == []
    assert service.stations["mti"].requests == []
