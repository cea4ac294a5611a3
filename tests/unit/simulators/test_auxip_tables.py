"""AUXIP: properties, mandatory attributes, queries and subscriptions, row by row."""

from __future__ import annotations

import re

import pytest

from tests.unit.simulators.visitor import is_odata_error

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MD5 = re.compile(r"[0-9a-f]{32}")

# The properties of an AUXIP product, and those of PRIP and LTA that it has not.
PROPERTIES = [
    ("Id", GUID),
    ("Name", re.compile(r"\S+\.(SAFE\.zip|EOF|EOF\.zip|xml|TGZ|SEN3\.zip|kml\.zip|txt)")),
    ("ContentType", re.compile(r"application/octet-stream")),
    ("ContentLength", int),
    ("OriginDate", INSTANT),
    ("PublicationDate", INSTANT),
    ("EvictionDate", INSTANT),
    ("Checksum", list),
    ("ContentDate", dict),
]
ABSENT = ("Footprint", "GeoFootprint", "Online", "ProductionType", "ModificationDate")

# By the beginning of the file's name, what ESA's suite wants of it.
MANDATORY = {
    "S1": "processingDate processingCenter platformShortName platformSerialIdentifier beginningDateTime",
    "S2": "platformShortName platformSerialIdentifier productType beginningDateTime endingDateTime processingCenter"
    " processorVersion processingDate",
    "S3": "productType timeliness platformShortName platformSerialIdentifier processorName beginningDateTime"
    " endingDateTime",
    "POD": "productType timeliness platformShortName platformSerialIdentifier processorName beginningDateTime"
    " endingDateTime",
}

STAMP, DATE = r"\d{8}T\d{6}", r"\d{4}-\d\d-\d\d"
# A type of file and its names.
NAMES = {
    "AUX_WND": rf"S1__AUX_WND_V{STAMP}_G{STAMP}\.SAFE\.zip",
    "AUX_WAV": rf"S1__AUX_WAV_V{STAMP}_G{STAMP}\.SAFE\.zip",
    "AUX_PP1": rf"S1[AC]_AUX_PP1_V{STAMP}_G{STAMP}\.SAFE\.zip",
    "AUX_RESORB": rf"S[12][ABC]_OPER_AUX_RESORB_OPOD_{STAMP}_V{STAMP}_{STAMP}\.EOF",
    "AUX_PREORB": rf"S[12][ABC]_OPER_AUX_PREORB_OPOD_{STAMP}_V{STAMP}_{STAMP}\.EOF",
    "AUX_POEORB": rf"S1[AC]_OPER_AUX_POEORB_OPOD_{STAMP}_V{STAMP}_{STAMP}\.EOF\.zip",
    "MPL_ORBPRE": rf"S[12][AB]_OPER_MPL_ORBPRE_{STAMP}_{STAMP}_0001\.EOF",
    "MPL_ORBSCT": rf"S[12][AB]_OPER_MPL_ORBSCT_{STAMP}_99999999T999999_0025\.EOF",
    "AUX_OBMEMC": rf"S1A_OPER_AUX_OBMEMC_PDMC_{STAMP}\.xml",
    "AUX_ECMWFD": rf"S2__OPER_AUX_ECMWFD_PDMC_{STAMP}_V{STAMP}_{STAMP}\.TGZ",
    "AUX_UT1UTC": rf"S2__OPER_AUX_UT1UTC_PDMC_{STAMP}_V{STAMP}_{STAMP}\.txt",
    "AX___OSF_AX": rf"S3[AB]_AX___OSF_AX_{STAMP}_99991231T235959_{STAMP}_{{19}}EUM_O_AL_001\.SEN3\.zip",
    "REP__MACP_": rf"S1A_OPER_REP__MACP__{STAMP}_V{STAMP}_{STAMP}\.TGZ",
    "MP_FULL": rf"S1A_MP_FULL_{STAMP}_{STAMP}\.kml\.zip",
    "AMV_ERRMAT": rf"S1[AC]_OPER_AMV_ERRMAT_MPC__{STAMP}_V20000101T000000_{STAMP}\.EOF\.zip",
}

QUERIES = [
    "contains(Name,'AUX')",
    "startswith(Name,'S1')",
    "endswith(Name,'.EOF')",
    "ContentDate/Start ge 2024-10-01T00:00:00.000Z and ContentDate/End le 2024-11-20T00:00:00.000Z",
    "PublicationDate gt 2024-11-01T00:00:00.000Z",
    "PublicationDate ge 2024-11-01T00:00:00.000Z and PublicationDate lt 2024-11-10T00:00:00.000Z",
    "OriginDate ge 2024-11-01T00:00:00.000Z",
    "EvictionDate ge 2024-12-01T00:00:00.000Z",
    "ContentLength eq 30",
    "Attributes/OData.CSC.StringAttribute/any(att:att/Name eq 'productType' and att/OData.CSC.StringAttribute/Value eq"
    " 'AUX_WND')",
    "Attributes/OData.CSC.IntegerAttribute/any(att:att/Name eq 'instrumentConfigurationID'"
    " and att/OData.CSC.IntegerAttribute/Value ge 0)",
    "Attributes/OData.CSC.DateTimeOffsetAttribute/any(att:att/Name eq 'processingDate'"
    " and att/OData.CSC.DateTimeOffsetAttribute/Value ge 2024-11-01T00:00:00.000Z)",
    "Attributes/OData.CSC.StringAttribute/any(att:att/Name eq 'productType' and att/OData.CSC.StringAttribute/Value in"
    " ('AUX_WND','AUX_WAV'))",
    "Attributes/OData.CSC.StringAttribute/any(a:a/Name eq 'productType' and a/OData.CSC.StringAttribute/Value eq"
    " 'AUX_RESORB') and Attributes/OData.CSC.StringAttribute/any(a:a/Name eq 'platformShortName'"
    " and a/OData.CSC.StringAttribute/Value eq 'SENTINEL-1')",
    "contains(Name,'AUX') and (startswith(Name,'S1') or not startswith(Name,'S2'))",
    # What ADGS was seen to support in February 2026, beyond the common grammar.
    "concat(Name,'x') eq 'y'",
    "length(Name) gt 40",
    "indexof(Name,'AUX') gt 0",
    "tolower(Name) eq 'x'",
    "toupper(Name) eq 'X'",
    "trim(Name) eq 'x'",
]
UNSUPPORTED = ["not(contains(Name,'AUX'))", "substring(Name,1) eq 'x'", "matchesPattern(Name,'^S1')"]


ORDERED_BY = (
    "Id Name ContentType ContentLength OriginDate PublicationDate EvictionDate ContentDate/Start ContentDate/End"
)


@pytest.fixture
def adgs(visit):
    return visit("auxip", "adgs")


async def products(adgs):
    return (await adgs.get("Products", expand="Attributes"))["value"]


@pytest.mark.parametrize(("name", "form"), PROPERTIES, ids=[row[0] for row in PROPERTIES])
async def test_property(adgs, name, form):
    for product in await products(adgs):
        if isinstance(form, re.Pattern):
            assert form.fullmatch(product[name]), product[name]
        else:
            assert type(product[name]) is form


@pytest.mark.parametrize("name", ABSENT)
async def test_absent_property(adgs, name):
    assert all(name not in product for product in await products(adgs))
    assert (await adgs.ask("Products", filter=f"{name} eq null")).status_code == 400


async def test_checksum_and_content_date(adgs):
    for product in await products(adgs):
        (checksum,) = product["Checksum"]
        assert checksum["Algorithm"] == "MD5"
        assert MD5.fullmatch(checksum["Value"])
        assert INSTANT.fullmatch(checksum["ChecksumDate"])
        assert set(product["ContentDate"]) == {"Start", "End"}
        assert product["ContentDate"]["Start"] < product["ContentDate"]["End"]


@pytest.mark.parametrize("group", MANDATORY)
async def test_mandatory_attributes(adgs, group):
    pod = ("AUX_RESORB", "AUX_PREORB", "AUX_POEORB")
    mine = [
        each
        for each in await products(adgs)
        if (any(kind in each["Name"] for kind in pod) if group == "POD" else each["Name"].startswith(group))
    ]
    assert mine
    for product in mine:
        names = {attribute["Name"] for attribute in product["Attributes"]}
        assert set(MANDATORY[group].split()) <= names


async def test_s1_files_of_the_instrument_name_it(adgs):
    for product in await products(adgs):
        if re.match(r"S1._AUX_(WND|WAV|PP1|CAL)", product["Name"]):
            values = {each["Name"]: each["Value"] for each in product["Attributes"]}
            assert values["instrumentShortName"] == "SAR"


@pytest.mark.parametrize("kind", NAMES)
async def test_names(adgs, kind):
    text = "Attributes/OData.CSC.StringAttribute/any(a:a/Name eq 'productType' and a/OData.CSC.StringAttribute/Value eq"
    found = await adgs.names("Products", "Name", filter=f"{text} '{kind}')")
    assert found
    assert all(re.fullmatch(NAMES[kind], name) for name in found), found[0]


async def test_open_ended_validity(adgs):
    for product in await products(adgs):
        if "_99991231T235959_" in product["Name"] or "_99999999T999999_" in product["Name"]:
            assert product["ContentDate"]["End"] == "9999-12-31T23:59:59.999Z"


async def test_origin_may_be_later_than_publication(adgs):
    waves = [each for each in await products(adgs) if "AUX_WAV" in each["Name"]]
    assert waves
    assert all(each["OriginDate"] > each["PublicationDate"] for each in waves)


@pytest.mark.parametrize("text", QUERIES)
async def test_query(adgs, text):
    assert (await adgs.ask("Products", filter=text)).status_code == 200


@pytest.mark.parametrize("text", UNSUPPORTED)
async def test_unsupported_query(adgs, text):
    answer = await adgs.ask("Products", filter=text)
    assert answer.status_code == 400
    assert is_odata_error(answer)


@pytest.mark.parametrize("name", ORDERED_BY.split())
@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_order(adgs, name, direction):
    page = await adgs.get("Products", orderby=f"{name} {direction}", top="300", count="true", format="json")
    outer, _, inner = name.partition("/")
    values = [each[outer][inner] if inner else each[outer] for each in page["value"]]
    assert values == sorted(values, reverse=direction == "desc")
    assert page["@odata.count"] == 500


@pytest.mark.parametrize("path", ["Orders", "Workflows", "Sessions", "Products(1)/Quicklooks"])
async def test_there_is_nothing_else(adgs, path):
    assert (await adgs.ask(path)).status_code in {400, 404}


async def test_filter_list(adgs):
    names = await adgs.names("Products", "Name", top="3", orderby="Name")
    answer = await adgs.post("Products/OData.CSC.FilterList", {"FilterProducts": [{"Name": each} for each in names]})
    assert answer.status_code == 200
    assert answer.json()["@odata.context"] == "$metadata#Products"
    assert sorted(each["Name"] for each in answer.json()["value"]) == names
