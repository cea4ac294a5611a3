from __future__ import annotations

from typing import Any

import pytest

from rs_server.stations.interfaces.authentication import BEARER
from rs_server.stations.interfaces.cadip import CadipInterface, is_complete
from rs_server.stations.interfaces.model import Entity
from tests.unit.stations.interfaces.schemas import validate
from tests.unit.stations.odata.doubles import ROOT, station
from tests.unit.stations.station_double import real_session

CADIP = CadipInterface()


def item_of(session: dict[str, Any], **profile: Any) -> dict[str, Any]:
    return CADIP.item(Entity(session, session.get("Files", [])), station(**profile)) | {
        "collection": "s1_mti",
        "links": [{"rel": "collection", "href": "https://api.test/cadip/collections/s1_mti"}],
    }


def test_the_real_session() -> None:
    item = item_of(real_session())
    assert item["id"] == "S1A_20241114143038056552"
    assert item["geometry"] is None
    assert "bbox" not in item
    assert item["properties"] == {
        "title": "S1A orbit 56552 at Matera, 2024-11-14T14:30",
        "datetime": "2024-11-14T14:30:44.018Z",
        "start_datetime": "2024-11-14T14:30:44.018Z",
        "end_datetime": "2024-11-14T14:32:52.465Z",
        "published": "2024-11-14T14:31:11.032Z",
        "platform": "sentinel-1a",
        "constellation": "sentinel-1",
        "externalIds": [{"scheme": "cadip", "value": "6894eb36-416e-469e-8788-9a0a2b8f3a8d"}],
        "sat:acquisition_station": "MTI",
        "rs:station": "cadip:mti",
        "rs:complete": True,
        "sat:absolute_orbit": 56552,
        "cadip:num_channels": 2,
        "cadip:station_unit_id": "04",
        "cadip:acquisition_id": "56552_1",
        "cadip:antenna_id": "TLR3",
        "cadip:front_end_id": "DEM-KSPT-SENT-DFEP4",
        "cadip:retransfer": False,
        "cadip:antenna_status_ok": True,
        "cadip:front_end_status_ok": True,
        "cadip:planned_data_start": "2024-11-14T14:30:38.477Z",
        "cadip:planned_data_stop": "2024-11-14T14:33:22.662Z",
        "cadip:downlink_status_ok": True,
        "cadip:delivery_push_ok": True,
        "auth:schemes": {"station": BEARER},
    }
    assert len(item["assets"]) == 38
    assert item["assets"]["DCS_04_S1A_20241114143038056552_ch2_DSDB_00001.raw"] == {
        "href": f"{ROOT}Files(228b97bc-aa04-4036-8450-3106bc7684bb)/$value",
        "title": "DCS_04_S1A_20241114143038056552_ch2_DSDB_00001.raw",
        "type": "application/octet-stream",
        "roles": ["cadu"],
        "auth:refs": ["station"],
        "externalIds": [{"scheme": "cadip", "value": "228b97bc-aa04-4036-8450-3106bc7684bb"}],
        "created": "2024-11-14T14:31:26.576Z",
        "eviction_datetime": "2024-11-21T14:30:00Z",
        "file:size": 314571600,
        "cadip:channel": 2,
        "cadip:block_number": 1,
        "cadip:final_block": False,
        "cadip:retransfer": False,
    }


def test_the_real_session_is_valid() -> None:
    validate(item_of(real_session()))


UNKNOWN_YET = (
    *("DownlinkStart", "DownlinkStop", "DownlinkStatusOK", "DeliveryPushOK", "AntennaStatusOK", "FrontEndStatusOK"),
    *("PlannedDataStart", "PlannedDataStop", "NumChannels"),
)


@pytest.mark.parametrize("absent", [True, False])
def test_a_session_that_has_just_begun_is_valid(absent: bool) -> None:
    session = real_session() | {"Files": []}
    for name in UNKNOWN_YET:
        session[name] = None
        if absent:
            del session[name]
    item = item_of(session)
    validate(item)
    assert item["properties"]["datetime"] == "2024-11-14T14:30:38.000Z"
    assert item["properties"]["rs:complete"] is False
    assert "start_datetime" not in item["properties"]
    assert item["assets"] == {}


def test_a_downlink_under_way_has_no_interval_yet() -> None:
    item = item_of(real_session() | {"DownlinkStop": None})
    assert item["properties"]["datetime"] == "2024-11-14T14:30:44.018Z"
    assert not {"start_datetime", "end_datetime"} & set(item["properties"])


@pytest.mark.parametrize("name", ["L20191204153633245001095", "S1A_20241399999999056552", ""])
def test_without_any_time_of_its_own_the_session_has_that_of_its_publication(name: str) -> None:
    item = item_of(real_session() | {"DownlinkStart": None, "SessionId": name})
    assert item["properties"]["datetime"] == "2024-11-14T14:31:11.032Z"


def test_the_second_delivery_has_an_id_of_its_own() -> None:
    item = item_of(real_session() | {"Retransfer": True})
    assert item["id"] == "S1A_20241114143038056552.r1"
    assert item["properties"]["cadip:retransfer"] is True


def test_habits_of_stations() -> None:
    session = real_session()
    session |= {
        "NumChannels": "2",
        "Retransfer": "false",
        "Satellite": "XYZ",
        "StationId": "PAR_",
        "AcquisitionId": None,
    }
    session["Files"] = [
        session["Files"][0]
        | {
            "FinalBlock": None,
            "EvictionDate": "5721-02-10T15:32:40.768Z",
            "Size": "314571600",
            "PublicationDate": "2024-11-14T14:31:26.1234567Z",
        }
    ]
    item = item_of(session)
    validate(item)
    assert item["properties"]["sat:acquisition_station"] == item["properties"]["cadip:station_id"].rstrip("_") == "PAR"
    assert not {"platform", "constellation"} & set(item["properties"])
    (asset,) = item["assets"].values()
    assert asset["cadip:final_block"] is False
    assert asset["eviction_datetime"] == "2261-12-31T23:59:59.000Z"
    assert asset["created"] == "2024-11-14T14:31:26.123456Z"
    assert asset["file:size"] == 314571600


@pytest.mark.parametrize("eviction", [None, "99999999T999999", "soon", 5])
def test_an_eviction_that_is_no_date_is_left_out(eviction: object) -> None:
    session = real_session()
    session["Files"] = [session["Files"][0] | {"EvictionDate": eviction}]
    (asset,) = item_of(session)["assets"].values()
    assert "eviction_datetime" not in asset


def test_addresses_with_quoted_keys_where_the_station_wants_them() -> None:
    item = item_of(real_session(), quoted_keys=True)
    assert all("/Files('" in asset["href"] for asset in item["assets"].values())


def files(*blocks: tuple[int, int, bool | None]) -> list[dict[str, Any]]:
    return [{"Channel": channel, "BlockNumber": block, "FinalBlock": final} for channel, block, final in blocks]


@pytest.mark.parametrize(
    ("channels", "blocks", "complete"),
    [
        (1, [(1, 1, False), (1, 2, True)], True),
        (1, [(1, 2, True), (1, 1, False)], True),
        (1, [(1, 2, True)], False),
        (1, [(1, 1, False), (1, 2, None)], False),
        (2, [(1, 1, True)], False),
        (2, [(1, 1, True), (2, 1, False)], False),
        (2, [(1, 1, True), (2, 1, True)], True),
        (2, [(1, 1, True), (2, 3, True), (2, 1, False)], False),
        (1, [(1, 1, True), (2, 1, False)], False),
        (1, [], False),
        (None, [(1, 1, True)], False),
    ],
)
def test_complete_is_every_block_of_every_channel(
    channels: int | None, blocks: list[tuple[int, int, bool | None]], complete: bool
) -> None:
    assert is_complete(channels, files(*blocks)) is complete


@pytest.mark.parametrize(
    ("quality", "complete"),
    [
        ([{"Channel": 1, "TotalChunks": 2}, {"Channel": 2, "TotalChunks": 1}], True),
        ([{"Channel": 1, "TotalChunks": 3}, {"Channel": 2, "TotalChunks": 1}], False),
        ([{"Channel": 1, "TotalChunks": 2}], False),
        ([{"Channel": 1, "TotalChunks": 2}, {"Channel": 2}], False),
        ([], False),
        (None, False),
    ],
)
def test_where_no_block_is_marked_as_final_the_count_of_chunks_tells(quality: Any, complete: bool) -> None:
    session = real_session() | {"QualityInfo": quality}
    blocks = [(1, 1), (1, 2), (2, 1)]
    session["Files"] = [
        session["Files"][0]
        | {"Name": f"{channel}-{block}", "Channel": channel, "BlockNumber": block, "FinalBlock": None}
        for channel, block in blocks
    ]
    assert item_of(session, final_block=False)["properties"]["rs:complete"] is complete
    assert item_of(session)["properties"]["rs:complete"] is False


def test_the_quality_information_is_asked_for_where_it_is_needed() -> None:
    assert CADIP.expand(station(), whole=True) == ("Files",)
    assert CADIP.expand(station(), whole=False) == ()
    assert CADIP.expand(station(final_block=False), whole=True) == ("Files", "QualityInfo")
    assert CADIP.expand(station(final_block=False), whole=False) == ("QualityInfo",)
