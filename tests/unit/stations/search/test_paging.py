from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from rs_server.errors import BackendFailed, InvalidRequest
from rs_server.stac.pagination import decode_token, encode_token
from rs_server.stations.search.run import Bounds
from tests.unit.stations.search.doubles import ADMIN, Service, collection, profile_of, session, with_limits
from tests.unit.stations.station_double import StationDouble

START = datetime(2024, 11, 14, 12, 0, tzinfo=UTC)


def minutes(count: int, step: float = 1.0, offset: int = 0, **changes: Any) -> list[dict[str, Any]]:
    return [session(offset + n, START + timedelta(minutes=n * step), **changes) for n in range(count)]


def names(sessions: list[dict[str, Any]], *, newest_first: bool = True) -> list[str]:
    ordered = sorted(sessions, key=lambda each: each["PublicationDate"], reverse=newest_first)
    return [each["SessionId"] for each in ordered]


async def test_pages_are_newest_first_and_full() -> None:
    sessions = minutes(25)
    pages = await Service({"mti": StationDouble(sessions)}).walk(limit=10)
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [item["id"] for page in pages for item in page] == names(sessions)


async def test_a_page_is_one_request_to_the_station() -> None:
    station = StationDouble(minutes(25))
    await Service({"mti": station}).walk(limit=10)
    assert len(station.requests) == 3


async def test_a_station_without_expand_is_asked_for_files_once_a_page() -> None:
    station = StationDouble(minutes(25))
    service = Service({"mti": station}, {"mti": profile_of("mti", expand_files=False)})
    pages = await service.walk(limit=10)
    assert all(len(item["assets"]) == 2 for page in pages for item in page)
    assert [request.url.path.rsplit("/", 1)[1] for request in station.requests] == ["Sessions", "Files"] * 3


async def test_short_addresses_make_more_requests_for_files() -> None:
    station = StationDouble(minutes(30))
    profile = with_limits(profile_of("mti", expand_files=False), url_length=1000)
    (page,) = await Service({"mti": station}, {"mti": profile}).walk(limit=30)
    assert all(len(item["assets"]) == 2 for item in page)
    assert all(len(str(request.url)) < 1200 for request in station.requests)


@pytest.mark.parametrize("order", ["-published", "published"])
@pytest.mark.parametrize("max_top", [1000, 4])
@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_equal_dates_are_neither_lost_nor_doubled(order: str, max_top: int, limit: int) -> None:
    moments = [START + timedelta(seconds=n // 9) for n in range(40)]
    sessions = [session(n, moment) for n, moment in enumerate(moments)]
    profile = with_limits(profile_of("mti"), max_top=max_top)
    service = Service({"mti": StationDouble(sessions, max_top=max_top)}, {"mti": profile})
    found = await service.ids(limit=limit, sortby=[order])
    assert sorted(found) == sorted(names(sessions))
    dates = {each["SessionId"]: each["PublicationDate"] for each in sessions}
    walked = [dates[name] for name in found]
    assert walked == sorted(walked, reverse=order.startswith("-"))


async def test_many_equal_dates_fit_into_a_token() -> None:
    sessions = [session(n, START) for n in range(300)]
    assert sorted(await Service({"mti": StationDouble(sessions)}).ids(limit=37)) == sorted(names(sessions))


@pytest.mark.parametrize("order", ["-published", "published"])
async def test_more_equal_dates_than_a_station_gives_at_once(order: str) -> None:
    sessions = [session(n, START) for n in range(1100)]
    around = [session(2000, START - timedelta(hours=1)), session(2001, START + timedelta(hours=1))]
    service = Service({"mti": StationDouble(sessions + around)})
    found = await service.ids(limit=150, sortby=[order])
    assert sorted(found) == sorted(names(sessions + around))
    assert {found[0], found[-1]} == set(names(around))


async def test_dates_that_are_shown_with_fewer_digits_than_they_have() -> None:
    """The station compares microseconds and shows milliseconds."""
    sessions = [session(n, START + timedelta(microseconds=n * 100)) for n in range(60)]
    station = StationDouble(sessions)
    shown = station._answer

    def cut(entity_set: str, options: dict[str, str]) -> httpx.Response:
        rows = shown(entity_set, options).json()["value"]
        return httpx.Response(
            200, json={"value": [row | {"PublicationDate": row["PublicationDate"][:23] + "Z"} for row in rows]}
        )

    station._answer = cut  # type: ignore[method-assign]  # the double's own
    assert sorted(await Service({"mti": station}).ids(limit=7)) == sorted(names(sessions))


@pytest.mark.parametrize("order", ["-published", "published"])
async def test_rows_that_appear_in_between_lose_and_double_nothing(order: str) -> None:
    sessions = minutes(40)
    before = names(sessions)
    station = StationDouble(sessions)
    made = random.Random(1)

    def publish(number: int) -> None:
        moment = START + timedelta(minutes=made.randint(0, 40 + number))
        sessions.append(session(1000 + number, moment, DownlinkOrbit=1000 + number))

    station.before = publish
    found = await Service({"mti": station}).ids(limit=3, sortby=[order])
    assert len(set(found)) == len(found)
    assert set(before) <= set(found)


async def test_the_way_back_makes_no_token_long() -> None:
    service = Service({"mti": StationDouble(minutes(200))})
    page = await service.search.search({"limit": 1}, ADMIN)
    assert not page.previous
    for _ in range(150):
        page = await service.search.search({"token": page.token}, ADMIN)
        assert page.previous
        assert len(page.token) <= 2000
    for _ in range(5):
        page = await service.search.search({"token": page.previous}, ADMIN)
    assert page.items[0]["id"] == names(minutes(200))[145]


async def test_stations_are_merged_in_order() -> None:
    left, right = minutes(20, step=2), minutes(30, step=1.3, offset=100)
    service = Service({"mti": StationDouble(left), "sgs": StationDouble(right)})
    assert await service.ids(limit=7) == names(left + right)
    assert await service.ids(limit=7, sortby=["published"]) == names(left + right, newest_first=False)


async def test_a_collection_on_two_stations() -> None:
    left, right = minutes(5, step=2), minutes(5, step=1.3, offset=100)
    stations = {"mti": StationDouble(left), "sgs": StationDouble(right)}
    service = Service(stations, collections=(collection("s1", ("mti", "sgs"), ("S1A",)),))
    pages = await service.walk(limit=4, collections=["s1"])
    assert [item["id"] for page in pages for item in page] == names(left + right)
    assert {item["properties"]["rs:station"] for page in pages for item in page} == {"cadip:mti", "cadip:sgs"}


@pytest.mark.parametrize("key", ["datetime", "-datetime", "-sat:absolute_orbit", "id", "platform", "-cadip:antenna_id"])
async def test_any_property_can_be_sorted_by_where_there_is_little(key: str) -> None:
    sessions = minutes(20) + minutes(20, step=1.7, offset=100, satellite="S2A")
    sessions[3]["DownlinkStart"] = None
    service = Service({"mti": StationDouble(sessions)})
    pages = await service.walk(limit=7, sortby=[key, "-published"])
    items = [item for page in pages for item in page]
    assert sorted(item["id"] for item in items) == sorted(names(sessions))
    name = key.lstrip("-")
    values = [item["id"] if name == "id" else item["properties"][name] for item in items]
    assert values == sorted(values, reverse=key.startswith("-"))


async def test_several_keys() -> None:
    sessions = minutes(20) + minutes(20, step=1.7, offset=100, satellite="S2A")
    pages = await Service({"mti": StationDouble(sessions)}).walk(limit=7, sortby=["-platform", "published"])
    walked = [(item["properties"]["platform"], item["properties"]["published"]) for page in pages for item in page]
    expected = [(each["Satellite"].replace("S", "sentinel-").lower(), each["PublicationDate"]) for each in sessions]
    assert walked == sorted(sorted(expected, key=lambda each: each[1]), key=lambda each: each[0], reverse=True)


async def test_values_that_are_missing_come_last_both_ways() -> None:
    sessions = minutes(6)
    sessions[2]["AntennaId"] = None
    service = Service({"mti": StationDouble(sessions)})
    for key in ("cadip:antenna_id", "-cadip:antenna_id"):
        assert (await service.ids(limit=2, sortby=[key]))[-1] == sessions[2]["SessionId"]


async def test_a_sort_that_needs_too_much_is_refused() -> None:
    station = StationDouble([])
    row = {key: value for key, value in session(1, START).items() if key != "Files"}

    def endless(number: int) -> httpx.Response:
        moments = [(START - timedelta(minutes=n)).isoformat() for n in range(1000 * number, 1000 * (number + 1))]
        return httpx.Response(200, json={"value": [row | {"Id": each, "PublicationDate": each} for each in moments]})

    station.before = endless
    with pytest.raises(InvalidRequest, match="needs everything that matches"):
        await Service({"mti": station}).walk(sortby=["datetime"])
    assert len(station.requests) < 15


async def test_a_filter_done_here_is_found_beyond_the_first_rows() -> None:
    sessions = minutes(60)
    sessions[0]["Files"][1]["FinalBlock"] = False
    station = StationDouble(sessions, max_top=10)
    service = Service({"mti": station}, {"mti": with_limits(profile_of("mti"), max_top=10)})
    assert await service.ids(filter="rs:complete = FALSE") == [sessions[0]["SessionId"]]


async def test_few_matches_in_many_rows_give_short_pages_with_a_next() -> None:
    sessions = minutes(60)
    sessions[0]["Files"][1]["FinalBlock"] = False
    service = Service({"mti": StationDouble(sessions)}, bounds=Bounds(scanned_rows=20))
    pages = await service.walk(filter="rs:complete = FALSE")
    assert [len(page) for page in pages] == [0, 0, 1]


async def test_a_token_holds_the_whole_request_and_needs_nothing_else() -> None:
    sessions = minutes(10) + minutes(10, offset=100, satellite="S2A")
    service = Service({"mti": StationDouble(sessions)})
    request = {"limit": 4, "filter": "platform = 'sentinel-1a'", "sortby": ["published"], "collections": ["s1_mti"]}
    first = await service.search.search(request, ADMIN)
    second = await service.search.search({"token": first.token, "limit": 1, "filter": "FALSE"}, ADMIN)
    assert [item["id"] for item in second.items] == [each["SessionId"] for each in sessions[4:8]]


async def test_a_request_too_long_for_a_token_is_sent_again_with_it() -> None:
    sessions = minutes(300)
    service = Service({"mti": StationDouble(sessions)})
    request = {"limit": 100, "ids": [each["SessionId"] for each in sessions]}
    first = await service.search.search(request, ADMIN)
    with pytest.raises(InvalidRequest, match="send the same request again"):
        await service.search.search({"token": first.token}, ADMIN)
    assert await service.ids(**request) == names(sessions)


async def test_a_station_that_does_not_page_ends_in_a_failure() -> None:
    station = StationDouble(minutes(1000))
    everything = station._answer("Sessions", {"$orderby": "PublicationDate desc", "$top": "1000"})
    station.before = lambda number: everything
    with pytest.raises(BackendFailed, match="same rows again"):
        await Service({"mti": station}).walk(sortby=["datetime"])


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"c": 5},
        {"c": {"mti/0": 5}},
        {"c": {"mti/0": ["2024", ""]}},
        {"c": {"mti/0": [5, ""]}},
        {"c": {"mti/0": ["2024-11-14T14:00:00Z", 5]}},
        {"c": {"mti/0": ["2024-11-14T14:00:00Z", "", -1]}},
        {"c": {"mti/0": ["2024-11-14T14:00:00Z", "", 10**9]}},
        {"c": {"mti/0": [None, "", 3]}},
        {"h": 5},
        {"h": [5]},
        {"h": [{"c": 5}]},
        {"q": 5},
        {"d": "x"},
    ],
)
async def test_tokens_that_we_did_not_make(state: dict[str, Any]) -> None:
    service = Service({"mti": StationDouble(minutes(3))})
    token = encode_token({"v": 1, "q": {}} | state)
    try:
        page = await service.search.search({"token": token}, ADMIN)
    except InvalidRequest:
        return
    assert {item["id"] for item in page.items} <= set(names(service.stations["mti"].sessions))


@pytest.mark.parametrize("after", [5, [], ["x"], [5, "a", "b", "c"], ["soon", "a", "b", "c"], [None, 1, 2, 3], {}])
async def test_places_that_we_did_not_make(after: Any) -> None:
    service = Service({"mti": StationDouble(minutes(3))})
    token = encode_token({"v": 1, "q": {"sortby": ["datetime"]}, "a": after})
    with pytest.raises(InvalidRequest, match="not one of ours"):
        await service.search.search({"token": token}, ADMIN)


async def test_a_page_too_large_for_an_answer_is_cut_with_a_next() -> None:
    sessions = minutes(20)
    pages = await Service({"mti": StationDouble(sessions)}, bounds=Bounds(item_bytes=10_000)).walk(limit=20)
    assert len(pages) > 3
    assert [item["id"] for page in pages for item in page] == names(sessions)


async def test_how_many_there_are_is_said_where_it_is_known() -> None:
    service = Service({"mti": StationDouble(minutes(12))})
    assert (await service.search.search({"limit": 20}, ADMIN)).matched == 12
    assert (await service.search.search({"limit": 10}, ADMIN)).matched is None
    assert (await service.search.search({"limit": 10, "sortby": ["datetime"]}, ADMIN)).matched == 12


async def test_a_token_says_nothing_of_who_asked() -> None:
    page = await Service({"mti": StationDouble(minutes(12))}).search.search({"limit": 2}, ADMIN)
    assert "admin" not in str(decode_token(page.token))
