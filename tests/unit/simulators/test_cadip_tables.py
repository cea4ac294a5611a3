"""The properties of CADIP's Session, File and QualityInfo, row by row, with the values recorded at Matera."""

from __future__ import annotations

import re

import pytest

from tests.unit.simulators.visitor import Visitor, make_station

SESSION_ID = "S1A_20241114143038056552"
SESSION_KEY = "6894eb36-416e-469e-8788-9a0a2b8f3a8d"
FILE_KEY = "228b97bc-aa04-4036-8450-3106bc7684bb"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")

# Property, JSON type, literal type, recorded value.
SESSION = [
    ("Id", str, "guid", SESSION_KEY),
    ("SessionId", str, "string", SESSION_ID),
    ("NumChannels", int, "number", 2),
    ("PublicationDate", str, "instant", "2024-11-14T14:31:11.032Z"),
    ("Satellite", str, "string", "S1A"),
    ("StationUnitId", str, "string", "04"),
    ("DownlinkOrbit", int, "number", 56552),
    ("AcquisitionId", str, "string", "56552_1"),
    ("AntennaId", str, "string", "TLR3"),
    ("FrontEndId", str, "string", "DEM-KSPT-SENT-DFEP4"),
    ("Retransfer", bool, "boolean", False),
    ("AntennaStatusOK", bool, "boolean", True),
    ("FrontEndStatusOK", bool, "boolean", True),
    ("PlannedDataStart", str, "instant", "2024-11-14T14:30:38.477Z"),
    ("PlannedDataStop", str, "instant", "2024-11-14T14:33:22.662Z"),
    ("DownlinkStart", str, "instant", "2024-11-14T14:30:44.018Z"),
    ("DownlinkStop", str, "instant", "2024-11-14T14:32:52.465Z"),
    ("DownlinkStatusOK", bool, "boolean", True),
    ("DeliveryPushOK", bool, "boolean", True),
]
FILE = [
    ("Id", str, "guid", FILE_KEY),
    ("Name", str, "string", "DCS_04_S1A_20241114143038056552_ch2_DSDB_00001.raw"),
    ("SessionId", str, "string", SESSION_ID),
    ("Channel", int, "number", 2),
    ("BlockNumber", int, "number", 1),
    ("FinalBlock", bool, "boolean", False),
    ("PublicationDate", str, "instant", "2024-11-14T14:31:26.576Z"),
    ("EvictionDate", str, "instant", "2024-11-21T14:30:00Z"),
    ("Size", int, "number", 314571600),
    ("Retransfer", bool, "boolean", False),
]
# The counters recorded for channel 1; volumes are those of the files.
QUALITY = [
    ("Channel", int, 1),
    ("SessionId", str, SESSION_ID),
    ("AcquiredTFs", int, 2824763),
    ("ErrorTFs", int, 1),
    ("CorrectedTFs", int, 1),
    ("UncorrectableTFs", int, 0),
    ("DataTFs", int, 1517768),
    ("ErrorDataTFs", int, 0),
    ("CorrectedDataTFs", int, 0),
    ("UncorrectableDataTFs", int, 0),
    ("DeliveryStart", str, "2024-11-14T14:30:59Z"),
    ("DeliveryStop", str, "2024-11-14T14:33:31Z"),
    ("TotalChunks", int, 19),
    ("TotalVolume", int, 5767640648),
]


def literal(kind: str, value: object) -> str:
    return f"'{value}'" if kind == "string" else str(value).lower() if kind == "boolean" else str(value)


@pytest.fixture(scope="module")
def real_size():
    station = make_station("cadip", "mti", count=1, size_scale=1)
    yield station
    station.database.close()


@pytest.fixture
def matera(real_size):
    return Visitor(real_size)


@pytest.mark.parametrize(("name", "json_type", "kind", "value"), SESSION, ids=[row[0] for row in SESSION])
async def test_session_property(matera, name, json_type, kind, value):
    session = await matera.get(f"Sessions({SESSION_KEY})")
    assert type(session[name]) is json_type
    assert session[name] == value
    if kind == "instant":
        assert INSTANT.fullmatch(session[name])


@pytest.mark.parametrize(("name", "json_type", "kind", "value"), SESSION, ids=[row[0] for row in SESSION])
async def test_session_is_found_and_ordered_by_property(mti, name, json_type, kind, value):
    found = await mti.names("Sessions", filter=f"{name} eq {literal(kind, value)}")
    assert SESSION_KEY in found
    assert SESSION_KEY not in await mti.names("Sessions", filter=f"{name} ne {literal(kind, value)}")
    values = await mti.names("Sessions", name, orderby=f"{name} desc")
    known = [each for each in values if each is not None]
    assert known == sorted(known, reverse=True)


@pytest.mark.parametrize(("name", "json_type", "kind", "value"), FILE, ids=[row[0] for row in FILE])
async def test_file_property(matera, name, json_type, kind, value):
    file = await matera.get(f"Files({FILE_KEY})")
    assert type(file[name]) is json_type
    assert file[name] == value
    assert FILE_KEY in await matera.names("Files", filter=f"{name} eq {literal(kind, value)}")
    assert FILE_KEY not in await matera.names("Files", filter=f"{name} ne {literal(kind, value)}")
    values = await matera.names("Files", name, orderby=f"{name} asc")
    assert values == sorted(values)


@pytest.mark.parametrize(("name", "json_type", "value"), QUALITY, ids=[row[0] for row in QUALITY])
async def test_quality_info_property(matera, name, json_type, value):
    quality = (await matera.get(f"Sessions({SESSION_KEY})", expand="QualityInfo"))["QualityInfo"]
    assert [each["Channel"] for each in quality] == [2, 1], "the record has channel 2 first"
    assert type(quality[1][name]) is json_type
    assert quality[1][name] == value


async def test_only_the_properties_of_the_interface_are_sent(matera):
    session = await matera.get(f"Sessions({SESSION_KEY})")
    assert {name for name in session if not name.startswith("@")} == {row[0] for row in SESSION}
    file = await matera.get(f"Files({FILE_KEY})")
    assert {name for name in file if not name.startswith("@")} == {row[0] for row in FILE}


async def test_station_id_is_told_by_ssc_alone(visit, mti):
    sites = await visit("cadip", "ssc").names("Sessions", "StationId")
    assert set(sites) == {"PAR_", "INS_", "KSE_"}
    assert (await mti.ask("Sessions", filter="StationId eq 'PAR_'")).status_code == 400


async def test_volumes_at_ssc_are_the_frames_times_their_length(own_station):
    sessions = await own_station("cadip", "ssc", size_scale=1).get("Sessions", expand="QualityInfo")
    for quality in (each for session in sessions["value"] for each in session["QualityInfo"]):
        assert quality["TotalVolume"] == quality["DataTFs"] * 2044


async def test_volumes_are_the_files_sizes_at_any_scale(mti):
    sessions = (await mti.get("Sessions", expand="QualityInfo,Files"))["value"]
    for session in sessions:
        for quality in session["QualityInfo"]:
            sizes = [file["Size"] for file in session["Files"] if file["Channel"] == quality["Channel"]]
            assert (quality["TotalVolume"], quality["TotalChunks"]) == (sum(sizes), len(sizes))
            assert all(size % 2044 == 0 for size in sizes)


@pytest.mark.parametrize(
    ("path", "options", "context"),
    [
        ("Sessions", {}, "$metadata#Sessions"),
        ("Sessions", {"expand": "Files"}, "$metadata#Sessions(Files())"),
        ("Sessions", {"expand": "QualityInfo"}, "$metadata#Sessions(QualityInfo())"),
        (f"Sessions({SESSION_KEY})", {}, "$metadata#Sessions/$entity"),
        (f"Sessions('{SESSION_KEY}')", {"expand": "Files"}, "$metadata#Sessions(Files())/$entity"),
        (f"Sessions({SESSION_KEY.upper()})/Files", {}, "$metadata#Files"),
        (f"Sessions({SESSION_KEY})/QualityInfo", {}, "$metadata#QualityInfo"),
        ("Files", {}, "$metadata#Files"),
        (f"Files({FILE_KEY})", {}, "$metadata#Files/$entity"),
    ],
)
async def test_requests_of_the_entity_sets(mti, path, options, context):
    answer = await mti.get(path, **options)
    assert answer["@odata.context"] == context
    assert ("value" in answer) is not context.endswith("$entity")


async def test_download_is_part_of_the_entity_sets(mti):
    size = (await mti.get(f"Files({FILE_KEY})"))["Size"]
    answer = await mti.ask(f"Files({FILE_KEY})/$value")
    assert answer.status_code == 200
    assert len(answer.content) == size == int(answer.headers["content-length"])


@pytest.mark.parametrize(
    "path", ["Subscriptions", "Products", "Orders", "$metadata", "Sessions(1)/Nothing", "Files/$value"]
)
async def test_there_is_nothing_else(mti, path):
    assert (await mti.ask(path)).status_code in {400, 404}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_written(mti, method):
    answer = await mti.send(method, f"{mti.root}/Sessions", headers=await mti.log_in())
    assert answer.status_code in {404, 405}
