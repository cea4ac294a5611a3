"""PRIP: entity sets, the product's properties, attributes by mission, quicklooks and production orders."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from simulators.odata.instants import read_instant
from tests.unit.simulators.visitor import is_odata_error

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FOOTPRINT = re.compile(r"geography'SRID=4326;POLYGON\(\((-?\d+(\.\d+)? -?\d+(\.\d+)?,?)+\)\)'")
OPTIONAL = type(None)

# The product's properties and their types in JSON.
PROPERTIES = [
    ("Id", str),
    ("Name", str),
    ("ContentType", str),
    ("ContentLength", int),
    ("OriginDate", str),
    ("PublicationDate", str),
    ("EvictionDate", str),
    ("ProductionType", str),
    ("Checksum", list),
    ("ContentDate", dict),
    ("Footprint", str | OPTIONAL),
    ("GeoFootprint", dict | OPTIONAL),
]

# The attributes of each mission by type; those marked mandatory in every product of ESA's suite come first.
S1_MANDATORY = (
    "beginningDateTime endingDateTime startTimeFromAscendingNode completionTimeFromAscendingNode platformShortName"
    " platformSerialIdentifier instrumentShortName operationalMode polarisationChannels orbitDirection productType"
    " productClass productConsolidation orbitNumber relativeOrbitNumber cycleNumber instrumentConfigurationID"
    " datatakeID sliceProductFlag"
)
S2_MANDATORY = (
    "productGroupId processorVersion processingDate beginningDateTime endingDateTime orbitNumber qualityStatus"
    " productType instrumentShortName processingCenter platformSerialIdentifier platformShortName operationalMode"
    " relativeOrbitNumber"
)
S3_MANDATORY = (
    "beginningDateTime endingDateTime instrumentShortName productType timeliness orbitNumber lastOrbitNumber"
    " relativeOrbitNumber cycleNumber processorName"
)
S5P_SENT = (
    "productType processingMode processorName processorVersion acquisitionType qualityStatus doi baselineCollection"
    " processingLevel processingCenter productClass orbitNumber processingDate"
)
MANDATORY = {"s1a": S1_MANDATORY, "s2b": S2_MANDATORY, "s3a": S3_MANDATORY, "s5p": S5P_SENT}
TYPES = {
    "DateTimeOffset": "beginningDateTime endingDateTime segmentStartTime processingDate productGeneration"
    " sourceProductOriginDate",
    "Double": "startTimeFromAscendingNode completionTimeFromAscendingNode cloudCover illuminationZenithAngle landCover"
    " coastalCover snowOrIceCover brightCover salineWaterCover tidalRegionCover freshInlandWaterCover",
    "Integer": "orbitNumber relativeOrbitNumber cycleNumber instrumentConfigurationID datatakeID sliceNumber"
    " totalSlices qualityInfo lastOrbitNumber lastRelativeOrbitNumber closedSeaCover openOceanCover"
    " continentalIceCover revisionNumber slice",
    "Boolean": "sliceProductFlag",
    "String": "platformShortName platformSerialIdentifier instrumentShortName operationalMode polarisationChannels"
    " orbitDirection coordinates productType productClass productConsolidation swathIdentifier timeliness"
    " processingLevel processingCenter processorName processorVersion productComposition origin processingBaseline"
    " productGroupId qualityStatus tileId datastripId granuleIdentifier sourceProduct lastOrbitDirection"
    " baselineCollection processingMode acquisitionType parentIdentifier identifier doi",
}
# What else the missions' products have; not every kind has all of it.
FURTHER = {
    "s1a": "coordinates sliceNumber totalSlices segmentStartTime processingDate productGeneration swathIdentifier"
    " timeliness processingLevel processingCenter processorName processorVersion productComposition origin"
    " processingBaseline",
    "s2b": "coordinates tileId datastripId granuleIdentifier sourceProduct sourceProductOriginDate processingBaseline"
    " processingLevel origin cloudCover illuminationZenithAngle qualityInfo lastOrbitNumber",
    "s3a": "lastRelativeOrbitNumber orbitDirection lastOrbitDirection baselineCollection processingBaseline"
    " processorVersion processingLevel processingCenter operationalMode landCover cloudCover coastalCover"
    " snowOrIceCover brightCover salineWaterCover tidalRegionCover freshInlandWaterCover closedSeaCover openOceanCover"
    " continentalIceCover",
    "s5p": "parentIdentifier identifier revisionNumber slice",
}
TYPE_OF = {name: kind for kind, names in TYPES.items() for name in names.split()}
JSON_TYPE = {"DateTimeOffset": str, "Double": float, "Integer": int, "Boolean": bool, "String": str}

STAMP = r"\d{8}T\d{6}"
NAMES = {
    "s1a": rf"S1A_(IW|EW|S6)_(RAW__0|SLC__1|GRDH_1|GRDM_1|OCN__2|ETA__A)[SANCX]D[VH]_{STAMP}_{STAMP}_\d{{6}}"
    r"_[0-9A-F]{6}_[0-9A-F]{4}(_COG)?\.SAFE\.zip",
    "s2b": rf"S2B_OPER_MSI_L0__DS_2BPS_{STAMP}_S{STAMP}_N05\.11\.tar"
    rf"|S2B_OPER_MSI_L0__GR_2BPS_{STAMP}_S{STAMP}_D\d\d_N05\.11\.tar"
    rf"|S2B_OPER_MSI_L(1C|2A)_TL_2BPS_{STAMP}_A\d{{6}}_T\d\d[C-X][A-Z]{{2}}_N05\.11\.tar"
    rf"|S2B_MSIL(1C|2A)_{STAMP}_N0511_R\d{{3}}_T\d\d[C-X][A-Z]{{2}}_{STAMP}\.SAFE\.zip",
    "s3a": rf"S3A_[A-Z0-9_]{{11}}_{STAMP}_{STAMP}_{STAMP}_\d{{4}}_\d{{3}}_\d{{3}}_[0-9_]{{4}}_[A-Z0-9_]{{3}}"
    r"_O_[A-Z]{2}_\d{3}\.SEN3\.zip",
    "s5p": rf"S5P_(OPER|OFFL)_[A-Z0-9_]{{10}}_{STAMP}_{STAMP}_\d{{5}}_(\d\d|03_\d{{6}}_{STAMP})\.(RAW|nc)",
}


@pytest.fixture
def s1a(visit):
    return visit("prip", "s1a")


async def products(visitor):
    return (await visitor.get("Products", expand="Attributes"))["value"]


@pytest.mark.parametrize(("name", "json_type"), PROPERTIES, ids=[row[0] for row in PROPERTIES])
async def test_property(s1a, name, json_type):
    for product in await products(s1a):
        assert isinstance(product[name], json_type)
        assert not name.endswith("Date") or name == "ContentDate" or INSTANT.fullmatch(product[name])


async def test_only_the_properties_of_the_interface_are_sent(s1a, visit):
    product = (await s1a.get("Products", top="1"))["value"][0]
    assert {each for each in product if not each.startswith("@")} == {row[0] for row in PROPERTIES}
    some = (await visit("prip", "s3a").get("Products", top="1"))["value"][0]
    assert {"ModificationDate", "Online"} <= set(some)


async def test_production_type_is_text_on_the_wire_and_an_enum_in_filters(s1a):
    types = await s1a.names("Products", "ProductionType")
    assert set(types) == {"systematic_production", "on-demand default"}
    systematic = "ProductionType eq OData.CSC.ProductionType'systematic_production'"
    assert len(await s1a.names("Products", filter=systematic)) == types.count("systematic_production")


async def test_footprints_are_closed_rings_alike_in_both_forms(s1a):
    some = [each for each in await products(s1a) if each["Footprint"]]
    assert some
    for product in some:
        assert FOOTPRINT.fullmatch(product["Footprint"])
        ring = product["GeoFootprint"]["coordinates"][0]
        assert product["GeoFootprint"]["type"] == "Polygon"
        assert ring[0] == ring[-1]
        text = ",".join(f"{longitude} {latitude}" for longitude, latitude in ring)
        assert f"(({text}))" in product["Footprint"]
        coordinates = next(each["Value"] for each in product["Attributes"] if each["Name"] == "coordinates")
        assert coordinates == " ".join(f"{latitude},{longitude}" for longitude, latitude in ring), "latitude first"


async def test_some_footprints_are_null_and_some_cross_the_antimeridian(own_station):
    visitor = own_station("prip", "s1c_serco", count=2000)
    rings = [
        product["GeoFootprint"] and product["GeoFootprint"]["coordinates"][0]
        for skip in ("0", "1000")
        for product in (await visitor.get("Products", skip=skip))["value"]
    ]
    assert None in rings
    assert any(abs(a[0] - b[0]) > 180 for ring in rings if ring for a, b in pairwise(ring))


@pytest.mark.parametrize("profile", MANDATORY)
async def test_mandatory_attributes(visit, profile):
    for product in await products(visit("prip", profile)):
        assert set(MANDATORY[profile].split()) <= {each["Name"] for each in product["Attributes"]}
        assert product["Footprint"] is None or profile in {"s3a", "s5p"} or "coordinates" in str(product["Attributes"])


@pytest.mark.parametrize("profile", FURTHER)
async def test_further_attributes(visit, profile):
    sent = {each["Name"] for product in await products(visit("prip", profile)) for each in product["Attributes"]}
    assert set(FURTHER[profile].split()) <= sent


@pytest.mark.parametrize("profile", MANDATORY)
async def test_attribute_wire_form_and_types(visit, profile):
    for product in await products(visit("prip", profile)):
        for attribute in product["Attributes"]:
            name = attribute["Name"]
            kind = "String" if (profile, name) == ("s5p", "orbitNumber") else TYPE_OF[name]
            assert set(attribute) == {"@odata.type", "Name", "ValueType", "Value"}
            assert attribute["@odata.type"] == f"#OData.CSC.{kind}Attribute"
            assert attribute["ValueType"] == kind
            assert type(attribute["Value"]) is JSON_TYPE[kind], name


@pytest.mark.parametrize("profile", NAMES)
async def test_names(visit, profile):
    for name in await visit("prip", profile).names("Products", "Name"):
        assert re.fullmatch(NAMES[profile], name), name


async def test_s3_names_have_94_characters(visit):
    for name in await visit("prip", "s3a").names("Products", "Name"):
        assert len(name.removesuffix(".SEN3.zip")) == 94


def attribute(kind, name, value):
    return (
        f"Attributes/OData.CSC.{kind}Attribute/any(a:a/Name eq '{name}' and a/OData.CSC.{kind}Attribute/Value {value})"
    )


@pytest.mark.parametrize("profile", MANDATORY)
async def test_every_attribute_can_be_filtered_by_its_value(visit, profile):
    visitor = visit("prip", profile)
    for product in (await products(visitor))[:3]:
        for each in product["Attributes"]:
            kind, value = each["ValueType"], each["Value"]
            text = f"'{value}'" if kind == "String" else str(value).lower() if kind == "Boolean" else str(value)
            found = await visitor.names("Products", filter=attribute(kind, each["Name"], f"eq {text}"))
            assert product["Id"] in found, each


STATIONS = ("s1a", "s1c_serco", "s2a", "s2c", "s2b", "s3a", "s3b")
S1C, S2AC = {"s1c_serco"}, {"s2a", "s2c"}
# Feature, filter, stations that take it: the table of February 2026.
SUPPORT = [
    ("gt", "PublicationDate gt 2024-11-01T00:00:00Z", set(STATIONS)),
    ("ge", "PublicationDate ge 2024-11-01T00:00:00Z", set(STATIONS)),
    ("lt", "PublicationDate lt 2024-11-01T00:00:00Z", set(STATIONS)),
    ("le", "PublicationDate le 2024-11-01T00:00:00Z", set(STATIONS)),
    ("and or not ()", "(contains(Name,'a') or not (contains(Name,'b'))) and contains(Name,'c')", set(STATIONS)),
    ("contains", "contains(Name,'S1')", set(STATIONS)),
    ("startswith", "startswith(Name,'S1')", set(STATIONS)),
    ("endswith", "endswith(Name,'zip')", set(STATIONS)),
    (
        "ProductionType eq",
        "ProductionType eq OData.CSC.ProductionType'systematic_production'",
        {"s1a", *S2AC, "s2b", "s3a", "s3b"},
    ),
    ("ProductionType in", "ProductionType in (OData.CSC.ProductionType'systematic_production')", set()),
    ("ContentType eq", "ContentType eq 'application/octet-stream'", {"s3a"}),
    ("ContentType in", "ContentType in ('application/octet-stream')", {"s3a"}),
    ("ContentLength ne", "ContentLength ne 1", {"s1a", *S1C, *S2AC, "s3a", "s3b"}),
    ("attribute eq", attribute("String", "orbitDirection", "eq 'ASCENDING'"), {"s1a", *S1C, "s3a", "s3b"}),
    ("attribute in", attribute("String", "orbitDirection", "in ('ASCENDING')"), {"s1a", *S1C, "s3a", "s3b"}),
    ("attribute ne", attribute("String", "orbitDirection", "ne 'ASCENDING'"), {*S1C, "s3a", "s3b"}),
    ("length", "length(Name) gt 1", {"s3a"}),
    ("trim", "trim(Name) eq 'x'", {"s3a"}),
    ("concat", "concat(Name,'x') eq 'x'", set()),
    ("indexof", "indexof(Name,'x') eq 1", set()),
    ("substring", "substring(Name,1) eq 'x'", set()),
    ("tolower", "tolower(Name) eq 'x'", set()),
    ("toupper", "toupper(Name) eq 'x'", set()),
    ("matchesPattern", "matchesPattern(Name,'x')", set()),
]


@pytest.mark.parametrize("profile", STATIONS)
@pytest.mark.parametrize(("feature", "text", "taken"), SUPPORT, ids=[row[0] for row in SUPPORT])
async def test_support(visit, profile, feature, text, taken):
    answer = await visit("prip", profile).ask("Products", filter=text)
    assert answer.status_code == (200 if profile in taken else 400), answer.text
    assert profile in taken or is_odata_error(answer)


SORTABLE = "PublicationDate EvictionDate OriginDate ContentDate/Start ContentDate/End ContentLength Name ContentType Id"


@pytest.mark.parametrize("name", SORTABLE.split())
async def test_order(s1a, name):
    outer, _, inner = name.partition("/")
    for direction in ("asc", "desc"):
        page = (await s1a.get("Products", orderby=f"{name} {direction}"))["value"]
        values = [each[outer][inner] if inner else each[outer] for each in page]
        assert values == sorted(values, reverse=direction == "desc")


async def test_order_by_production_type(s1a):
    types = await s1a.names("Products", "ProductionType", orderby="ProductionType desc")
    assert types[0] == "on-demand default"
    assert types[-1] == "systematic_production"


async def test_quicklooks(s1a):
    page = (await s1a.get("Products", expand="Quicklooks"))["value"]
    assert {len(each["Quicklooks"]) for each in page} == {0, 1}
    product = next(each for each in page if each["Quicklooks"])
    image = product["Quicklooks"][0]["Image"]
    listed = await s1a.get(f"Products({product['Id']})/Quicklooks")
    assert [each["Image"] for each in listed["value"]] == [image]
    answer = await s1a.ask(f"Products({product['Id']})/Quicklooks('{image}')/$value")
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert answer.content.endswith(b"IEND\xaeB`\x82")
    without = next(each for each in page if not each["Quicklooks"])
    assert (await s1a.ask(f"Products({without['Id']})/Quicklooks('{image}')/$value")).status_code == 404


async def test_a_product_disappears_at_its_eviction_date(own_station):
    visitor = own_station("prip", "s1a", count=50)
    product = (await visitor.get("Products", orderby="EvictionDate", top="1"))["value"][0]
    visitor.station.clock.set(now=read_instant(product["EvictionDate"]))
    for path in (f"Products({product['Id']})", f"Products({product['Id']})/$value"):
        assert (await visitor.ask(path)).status_code == 404
    assert product["Id"] not in await visitor.names("Products")


async def test_equal_publication_dates_occur(s1a):
    dates = await s1a.names("Products", "PublicationDate")
    assert max(dates.count(date) for date in dates) >= 4


# Production on demand.
ORDER = {
    "InputProductReference": {
        "Reference": "",
        "ContentDate": {"Start": "2024-11-14T00:00:00.000Z", "End": "2024-11-14T00:10:00.000Z"},
    },
    "Priority": 50,
    "WorkflowName": "S1_L0_SLC",
    "WorkflowOptions": [{"Name": "OrbitSource", "Value": ["AUX_POEORB"]}],
    "NotificationEndpoint": "https://client.example/notices",
}
ORDER_PROPERTIES = (
    "Id Status StatusMessage SubmissionDate EstimatedDate CompletedDate EvictionDate OrderOutputSize Priority"
    " InputProductReference WorkflowId WorkflowName WorkflowOptions NotificationEndpoint NotificationEpUsername"
)
SECOND = 1_000_000


@pytest.fixture
def demand(own_station):
    return own_station("prip", "s1a", count=60)


async def order(visitor, **changes):
    name = (await visitor.names("Products", "Name", filter="contains(Name,'IW_RAW__0S')"))[-1]
    body = ORDER | {"InputProductReference": ORDER["InputProductReference"] | {"Reference": name}} | changes
    return await visitor.post("ProductionOrder/OData.CSC.Order", body)


def later(visitor, seconds):
    visitor.station.clock.set(now=visitor.station.clock.now() + int(seconds * SECOND))


async def test_workflows(demand):
    answer = await demand.send("GET", f"{demand.root}/Workflows?expand=WorkflowOptions", headers=await demand.log_in())
    workflows = {each["Name"]: each for each in answer.json()["value"]}
    found = workflows["S2_L1C_L2A"]
    assert {"Id", "Name", "Description", "InputProductType", "OutputProductType", "WorkflowVersion"} <= set(found)
    assert {"Name", "Description", "Type", "Default", "Value"} == set(found["WorkflowOptions"][0])


async def test_production_order_states_and_product(demand):
    placed = await order(demand)
    assert placed.status_code in {200, 201, 202}
    made = placed.json()
    assert set(ORDER_PROPERTIES.split()) <= set(made)
    assert made["Status"] in {"queued", "in_progress"}
    assert made["CompletedDate"] is made["OrderOutputSize"] is None
    key = made["Id"]
    assert (await demand.ask(f"ProductionOrder({key})/Product")).status_code == 404
    later(demand, 1.5)
    assert (await demand.get(f"ProductionOrders('{key}')"))["Status"] == "in_progress"
    later(demand, 60)
    done = await demand.get(f"ProductionOrders({key})")
    assert done["Status"] == "completed"
    assert None not in (done["CompletedDate"], done["EvictionDate"])
    product = await demand.get(f"ProductionOrder({key})/Product")
    assert product["ProductionType"] == "on-demand non-default"
    assert product["ContentLength"] == done["OrderOutputSize"]
    value = await demand.ask(f"ProductionOrder({key})/Product/$value")
    assert len(value.content) == product["ContentLength"]
    assert product["Id"] in await demand.names("Products")
    (notice,) = demand.station.root.notices(demand.station.clock.now())
    assert notice.body["ProductId"] == product["Id"]
    assert demand.station.root.notices(demand.station.clock.now()) == []


@pytest.mark.parametrize(
    "query", ["?$filter=Status eq OData.CSC.JobStatus'queued'", "?filter=WorkflowName eq 'S1_L0_SLC'", "?$count=true"]
)
async def test_production_orders_are_listed(demand, query):
    key = (await order(demand)).json()["Id"]
    answer = await demand.send("GET", f"{demand.root}/ProductionOrders{query}", headers=await demand.log_in())
    assert [each["Id"] for each in answer.json()["value"]] == [key]


async def test_cancelled_order_makes_no_product(demand):
    key = (await order(demand)).json()["Id"]
    cancelled = await demand.post(f"ProductionOrder({key})/OData.CSC.Cancel")
    assert cancelled.status_code in {200, 204}
    later(demand, 60)
    assert (await demand.get(f"ProductionOrders({key})"))["Status"] == "cancelled"
    assert (await demand.ask(f"ProductionOrder({key})/Product")).status_code == 404
    assert (await demand.post(f"ProductionOrder({key})/OData.CSC.Cancel")).status_code == 409


async def test_order_of_an_unknown_product_fails(demand):
    key = (await order(demand, InputProductReference={"Reference": "nowhere"})).json()["Id"]
    later(demand, 60)
    failed = await demand.get(f"ProductionOrders({key})")
    assert (failed["Status"], failed["OrderOutputSize"]) == ("failed", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"WorkflowName": "nothing"},
        {"WorkflowName": ""},
        {"WorkflowOptions": [{"Name": "Nothing", "Value": ["x"]}]},
        {"WorkflowOptions": [{"Name": "OrbitSource", "Value": ["x"]}]},
        {"Priority": "high"},
        {"Priority": 1000},
        {"InputProductReference": {}},
    ],
)
async def test_orders_that_are_refused(demand, changes):
    answer = await order(demand, **changes)
    assert answer.status_code == 400
    assert is_odata_error(answer)


async def test_stations_without_production_on_demand(visit):
    assert (await visit("prip", "s3b").ask("Workflows")).status_code == 404


@pytest.mark.parametrize(("profile", "form"), [("s1c_serco", "POLYGON (("), ("s1c_werum", "Polygon((")])
async def test_footprint_texts_differ(visit, profile, form):
    texts = [each for each in await visit("prip", profile).names("Products", "Footprint") if each]
    assert texts
    assert all(text.startswith(f"geography'SRID=4326;{form}") for text in texts)


async def test_quirks_of_profiles(visit):
    assert set(await visit("prip", "s1c_serco").names("Products", "EvictionDate")) == {"5721-02-10T15:32:40.768Z"}
    upper = await visit("prip", "s2b").names("Products", "Checksum")
    assert all(re.fullmatch(r"[0-9A-F]{32}", each[0]["Value"]) for each in upper)
    assert [] in await visit("prip", "s1c_werum").names("Products", "Checksum")
    six = await visit("prip", "s3a").names("Products", "PublicationDate")
    assert all(re.fullmatch(r".*\.\d{6}Z", each) for each in six)
