from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rs_server.stations.interfaces.authentication import BEARER
from rs_server.stations.interfaces.auxip import auxip_interface
from rs_server.stations.interfaces.lta import lta_interface
from rs_server.stations.interfaces.model import Entity
from rs_server.stations.interfaces.prip import prip_interface
from rs_server.stations.interfaces.products import ProductInterface, checksum_of
from rs_server.stations.profiles.model import Authentication
from tests.unit.stations.interfaces.schemas import validate
from tests.unit.stations.odata.doubles import ROOT, station

INTERFACES = {"auxip": auxip_interface(), "prip": prip_interface(), "lta": lta_interface()}
CATALOGUE_PAGE = Path(__file__).parents[3] / "data" / "odata_products_page.json"


def attribute(name: str, value: Any) -> dict[str, Any]:
    return {"Name": name, "Value": value}


def item_of(interface: ProductInterface, row: dict[str, Any]) -> dict[str, Any]:
    item = interface.item(Entity(row), station(service=interface.service, name="test"))
    return item | {"collection": "c", "links": [{"rel": "collection", "href": "https://api.test/c"}]}


AUXILIARY = {
    "Id": "2e25ea88-ab33-11ef-8630-fa163e75e309",
    "Name": "S1A_AUX_PP1_V20140616T133500_G20241125T133808.SAFE.zip",
    "ContentType": "application/octet-stream",
    "ContentLength": 30891,
    "OriginDate": "2024-11-25T13:40:00.000Z",
    "PublicationDate": "2024-11-25T13:42:57.763Z",
    "EvictionDate": "2027-08-22T13:42:58.405Z",
    "Checksum": [{"Algorithm": "MD5", "Value": "7866557ED8CBEAC83225459EB3BD7438", "ChecksumDate": "x"}],
    "ContentDate": {"Start": "2014-06-16T13:35:00.000Z", "End": "2014-06-16T13:35:00.000Z"},
    "Attributes": [
        attribute("productType", "AUX_PP1"),
        attribute("processingCenter", "CLS-Brest"),
        attribute("processingDate", "2024-11-25T13:38:08.000Z"),
        attribute("platformShortName", "SENTINEL-1"),
        attribute("platformSerialIdentifier", "A"),
    ],
}


def test_an_auxiliary_file() -> None:
    item = item_of(INTERFACES["auxip"], dict(AUXILIARY))
    validate(item)
    assert item["id"] == "S1A_AUX_PP1_V20140616T133500_G20241125T133808"
    assert item["geometry"] is None
    assert item["properties"] == {
        "datetime": "2014-06-16T13:35:00.000Z",
        "start_datetime": "2014-06-16T13:35:00.000Z",
        "end_datetime": "2014-06-16T13:35:00.000Z",
        "published": "2024-11-25T13:42:57.763Z",
        "created": "2024-11-25T13:42:57.763Z",
        "expires": "2027-08-22T13:42:58.405Z",
        "externalIds": [{"scheme": "auxip", "value": AUXILIARY["Id"]}],
        "auxip:id": AUXILIARY["Id"],
        "rs:station": "auxip:test",
        "platform": "sentinel-1a",
        "constellation": "sentinel-1",
        "product:type": "AUX_PP1",
        "processing:datetime": "2024-11-25T13:38:08.000Z",
        "processing:facility": "CLS-Brest",
        "auth:schemes": {"station": BEARER},
    }
    assert item["assets"] == {
        AUXILIARY["Name"]: {
            "href": f"{ROOT}Products({AUXILIARY['Id']})/$value",
            "title": AUXILIARY["Name"],
            "type": "application/octet-stream",
            "roles": ["data"],
            "auth:refs": ["station"],
            "externalIds": [{"scheme": "auxip", "value": AUXILIARY["Id"]}],
            "file:size": 30891,
            "file:checksum": "d501107866557ed8cbeac83225459eb3bd7438",
            "eviction_datetime": "2027-08-22T13:42:58.405Z",
        }
    }


@pytest.mark.parametrize(
    ("name", "item_id"),
    [
        ("S1A_OPER_AUX_RESORB_OPOD_20241114T153000_V1_V2.EOF.zip", "S1A_OPER_AUX_RESORB_OPOD_20241114T153000_V1_V2"),
        ("S1A_OPER_AUX_OBMEMC_PDMC_20210123T000000.xml", "S1A_OPER_AUX_OBMEMC_PDMC_20210123T000000"),
        ("S2__OPER_AUX_ECMWFD_PDMC_1.TGZ", "S2__OPER_AUX_ECMWFD_PDMC_1"),
        ("S1A_MP_FULL_1.kml.zip", "S1A_MP_FULL_1"),
    ],
)
def test_item_ids_have_no_container_suffix(name: str, item_id: str) -> None:
    item = item_of(INTERFACES["auxip"], AUXILIARY | {"Name": name})
    assert item["id"] == item_id
    assert list(item["assets"]) == [name]


def test_a_validity_without_an_end_is_valid() -> None:
    row = AUXILIARY | {"ContentDate": {"Start": "2014-06-16T13:35:00Z", "End": "99999999T999999"}}
    item = item_of(INTERFACES["auxip"], row)
    validate(item)
    assert item["properties"]["datetime"] == "2014-06-16T13:35:00Z"
    assert not {"start_datetime", "end_datetime"} & set(item["properties"])
    far = item_of(
        INTERFACES["auxip"],
        AUXILIARY | {"ContentDate": {"Start": "2014-06-16T13:35:00Z", "End": "9999-12-31T23:59:59Z"}},
    )
    assert far["properties"]["end_datetime"] == "2261-12-31T23:59:59.000Z"


def test_a_row_with_nothing_but_its_keys_is_valid() -> None:
    row = {"Id": AUXILIARY["Id"], "Name": "x", "PublicationDate": "2024-11-25T13:42:57.763Z"}
    for interface in INTERFACES.values():
        validate(item_of(interface, dict(row)))


def products() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(CATALOGUE_PAGE.read_text())["value"]
    return rows


def test_recorded_products_are_valid() -> None:
    for row in products():
        for name in ("prip", "lta"):
            validate(item_of(INTERFACES[name], dict(row)))


def test_a_recorded_product() -> None:
    (row,) = [each for each in products() if "T54PXA" in each["Name"]]
    item = item_of(INTERFACES["lta"], row)
    properties = item["properties"]
    assert item["id"] == "S2A_MSIL1C_20200808T010311_N0500_R045_T54PXA_20230413T212505"
    assert item["geometry"] == row["GeoFootprint"]
    assert item["bbox"] == [142.352793016856, 13.4725397858819, 142.943807935726, 14.2240507608538]
    expected = {
        "datetime": "2020-08-08T01:03:11.024000Z",
        "published": "2023-08-23T09:26:23.105134Z",
        "created": "2023-04-13T21:25:05.000000Z",
        "updated": "2024-05-08T14:55:49.434177Z",
        "expires": "2261-12-31T23:59:59.000Z",
        "eopf:origin_datetime": "2023-08-22T13:50:20.043000Z",
        "platform": "sentinel-2a",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "product:type": "S2MSI1C",
        "processing:level": "L1",
        "processing:version": "05.00",
        "sat:absolute_orbit": 26783,
        "sat:relative_orbit": 45,
        "eopf:datatake_id": "GS2A_20200808T010311_026783_N05.00",
        "eopf:instrument_mode": "INS-NOBS",
        "grid:code": "MGRS-54PXA",
        "order:status": "succeeded",
    }
    assert {name: properties[name] for name in expected} == expected
    assert properties["eo:cloud_cover"] == pytest.approx(95.136736479015)
    (asset,) = item["assets"].values()
    assert asset["file:checksum"] == "d50110923ac4992d90b57d41e7ace4d9d90757"


def test_what_radar_products_have() -> None:
    attributes = {
        "platformShortName": "SENTINEL-1",
        "platformSerialIdentifier": "C",
        "operationalMode": "IW",
        "polarisationChannels": "VV&VH",
        "orbitDirection": "DESCENDING",
        "timeliness": "Fast-24h",
        "datatakeID": 379304,
        "instrumentConfigurationID": 7,
        "cycleNumber": 338,
    }
    row = AUXILIARY | {"Attributes": [attribute(name, value) for name, value in attributes.items()]}
    item = item_of(INTERFACES["prip"], row)
    validate(item)
    properties = item["properties"]
    assert (properties["platform"], properties["sar:instrument_mode"]) == ("sentinel-1c", "IW")
    assert properties["sar:polarizations"] == ["VV", "VH"]
    assert properties["sat:orbit_state"] == "descending"
    assert (properties["product:timeliness"], properties["product:timeliness_category"]) == ("PT24H", "Fast-24h")
    assert (properties["eopf:datatake_id"], properties["eopf:instrument_configuration_id"]) == ("379304", 7)
    assert properties["sat:orbit_cycle"] == 338
    assert "eopf:instrument_mode" not in properties
    assert "order:status" not in properties


def test_values_that_are_not_as_they_should_be_are_left_out() -> None:
    attributes = {
        "platformShortName": "SENTINEL-1",
        "platformSerialIdentifier": "_",
        "timeliness": "whenever",
        "orbitNumber": "36651",
        "cloudCover": 250.0,
        "polarisationChannels": "XX",
        "orbitDirection": "SIDEWAYS",
        "acquisitionType": "ODD",
        "processingDate": "soon",
    }
    row = AUXILIARY | {"Attributes": [attribute(name, value) for name, value in attributes.items()]}
    item = item_of(INTERFACES["prip"], row)
    validate(item)
    assert item["properties"]["sat:absolute_orbit"] == 36651
    assert item["properties"]["constellation"] == "sentinel-1"
    left_out = {"platform", "product:timeliness_category", "product:timeliness", "eo:cloud_cover", "sar:polarizations"}
    left_out |= {"sat:orbit_state", "product:acquisition_type", "created", "processing:datetime"}
    assert not left_out & set(item["properties"])


@pytest.mark.parametrize(
    ("checksums", "multihash"),
    [
        ([{"Algorithm": "MD5", "Value": "7866557ed8cbeac83225459eb3bd7438"}], "d501107866557ed8cbeac83225459eb3bd7438"),
        ([{"Algorithm": "BLAKE3", "Value": "2f" * 32}], "1e20" + "2f" * 32),
        ([{"Algorithm": "SHA-256", "Value": "AB" * 32}], "1220" + "ab" * 32),
        ([{"Algorithm": "CRC32", "Value": "12345678"}, {"Algorithm": "md5", "Value": "00" * 16}], "d50110" + "00" * 16),
        ([{"Algorithm": "MD5", "Value": "7866"}], None),
        ([{"Algorithm": "MD5", "Value": None}], None),
        ([], None),
        (None, None),
    ],
)
def test_checksums_are_multihashes(checksums: Any, multihash: str | None) -> None:
    assert checksum_of(checksums) == multihash


def test_a_token_in_an_old_header_is_declared_as_such() -> None:
    old = station(service="auxip", name="test")._replace(
        authentication=Authentication(token_url="https://x.test/token", header="OAUTH2-ACCESS-TOKEN"),
    )
    item = INTERFACES["auxip"].item(Entity(dict(AUXILIARY)), old) | {"links": []}
    validate(item)
    scheme = item["properties"]["auth:schemes"]["station"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "OAUTH2-ACCESS-TOKEN")
