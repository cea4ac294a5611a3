"""Which query options each CADIP station takes: the table of tests run on the real ones in February 2026."""

from __future__ import annotations

import pytest

from tests.unit.simulators.visitor import is_odata_error

STATIONS = ("mps", "mti", "nsg", "sgs", "ssc")
EVERYWHERE = [
    "Satellite eq 'S1A'",
    "Satellite ne 'S1A'",
    "PublicationDate gt 2024-11-14T14:30:00.000Z",
    "PublicationDate ge 2024-11-14T14:30:00.000Z",
    "PublicationDate lt 2024-11-14T14:30:00.000Z",
    "Satellite in ('S1A', 'S2A')",
    "Satellite eq 'S1A' and Retransfer eq false",
    "Satellite eq 'S1A' or Retransfer eq true",
    "(Satellite eq 'S1A')",
    "contains(SessionId,'2024')",
    "startswith(SessionId,'S1A')",
    "endswith(SessionId,'1')",
    "not endswith(SessionId,'1')",
    "not startswith(SessionId,'S1A')",
    "not contains(SessionId,'2024')",
    "not (Satellite eq 'S1A')",
    # What ESA's conformance suite asks of every station.
    "SessionId eq 'S1A_20241114143038056552'",
    "DownlinkOrbit eq 56552",
    "DownlinkOrbit in (56551,56552)",
    "Retransfer eq true",
    "DownlinkStatusOK eq true",
]
# Feature, filter, and the stations that take it.
DIFFERENT = [
    ("le", "PublicationDate le 2024-11-14T14:30:00.000Z", {"mti", "nsg", "sgs", "ssc"}),
    ("not without space", "not(Satellite eq 'S1A')", {"sgs"}),
    ("concat", "concat(Satellite,'x') eq 'S1Ax'", {"mti", "nsg", "sgs", "ssc"}),
    ("length", "length(Satellite) eq 3", {"mti", "nsg", "sgs", "ssc"}),
    ("substring", "substring(Satellite,1) eq '1A'", {"mti", "nsg", "sgs", "ssc"}),
    ("tolower", "tolower(Satellite) eq 's1a'", {"mti", "nsg", "sgs", "ssc"}),
    ("toupper", "toupper(Satellite) eq 'S1A'", {"mti", "nsg", "sgs", "ssc"}),
    ("trim", "trim(Satellite) eq 'S1A'", {"mti", "nsg", "sgs", "ssc"}),
    ("indexof", "indexof(Satellite,'1') eq 1", {"sgs", "ssc"}),
    ("matchesPattern", "matchesPattern(Satellite,'^S1.$')", {"ssc"}),
]
FILES = [
    "SessionId eq 'S1A_20241114143038056552'",
    "contains(Name,'_ch2_')",
    "startswith(Name,'DCS_04')",
    "endswith(Name,'.raw')",
    "PublicationDate gt 2024-11-14T14:30:00.000Z",
    "Retransfer eq false",
    "Channel eq 2",
    "Size in (314776, 104244)",
]


@pytest.mark.parametrize("station", STATIONS)
@pytest.mark.parametrize("text", EVERYWHERE)
async def test_taken_everywhere(visit, station, text):
    assert (await visit("cadip", station).ask("Sessions", filter=text)).status_code == 200


@pytest.mark.parametrize("station", STATIONS)
@pytest.mark.parametrize("text", FILES)
async def test_files_are_filtered_everywhere(visit, station, text):
    assert (await visit("cadip", station).ask("Files", filter=text)).status_code == 200


@pytest.mark.parametrize("station", STATIONS)
@pytest.mark.parametrize(("feature", "text", "taken"), DIFFERENT, ids=[row[0] for row in DIFFERENT])
async def test_taken_by_some(visit, station, feature, text, taken):
    answer = await visit("cadip", station).ask("Sessions", filter=text)
    if station in taken:
        assert answer.status_code == 200, answer.text
    else:
        assert answer.status_code == 400
        assert is_odata_error(answer)


@pytest.mark.parametrize("station", STATIONS)
async def test_other_options_everywhere(visit, station):
    visitor = visit("cadip", station)
    page = await visitor.get("Sessions", orderby="PublicationDate desc", top="2", skip="1", count="true", format="json")
    every = await visitor.names("Sessions", orderby="PublicationDate desc")
    assert [each["Id"] for each in page["value"]] == every[1:3]
    assert page["@odata.count"] == len(every)


FUNCTION_RESULTS = [
    ("concat(concat(Satellite,'_'),StationUnitId) eq 'S2C_11'", "S2C"),
    ("indexof(SessionId,'S2A') eq 0", "S2A"),
    ("indexof(SessionId,'nowhere') eq -1 and Satellite eq 'S2B'", "S2B"),
    ("substring(SessionId,0,3) eq 'S2A'", "S2A"),
    ("tolower(Satellite) eq 's2b'", "S2B"),
    ("length(trim(concat('  ',Satellite))) eq 3 and Satellite eq 'S2C'", "S2C"),
    ("matchesPattern(SessionId,'^S2A_[0-9]+$')", "S2A"),
]


@pytest.mark.parametrize(("text", "satellite"), FUNCTION_RESULTS)
async def test_functions_mean_what_odata_says(visit, text, satellite):
    assert set(await visit("cadip", "ssc").names("Sessions", "Satellite", filter=text)) == {satellite}


@pytest.mark.parametrize("station", STATIONS)
async def test_names_are_those_of_the_interface(visit, station):
    visitor = visit("cadip", station)
    for session in (await visitor.get("Sessions", expand="Files"))["value"]:
        satellite, started, orbit = session["SessionId"][:3], session["SessionId"][4:18], session["SessionId"][18:]
        assert session["SessionId"] == f"{satellite}_{started}{orbit}"
        assert (session["Satellite"], f"{session['DownlinkOrbit']:06d}") == (satellite, orbit)
        assert session["PlannedDataStart"][:19].replace("-", "").replace(":", "").replace("T", "") == started
        for file in session["Files"]:
            unit, block = session["StationUnitId"], file["BlockNumber"]
            assert file["Name"] == f"DCS_{unit}_{session['SessionId']}_ch{file['Channel']}_DSDB_{block:05d}.raw"
