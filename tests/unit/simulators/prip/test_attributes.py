"""PRIP: attributes and names by mission, their wire form, and filters on their values."""

from __future__ import annotations

import re

import pytest

from tests.unit.simulators.prip.mission_attributes import FURTHER, JSON_TYPE, MANDATORY, NAMES, TYPE_OF
from tests.unit.simulators.prip.products import products, value_of


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


@pytest.mark.parametrize("profile", MANDATORY)
async def test_every_attribute_can_be_filtered_by_its_value(visit, profile):
    visitor = visit("prip", profile)
    for product in (await products(visitor))[:3]:
        for each in product["Attributes"]:
            kind, value = each["ValueType"], each["Value"]
            text = f"'{value}'" if kind == "String" else str(value).lower() if kind == "Boolean" else str(value)
            alone = f"Id eq {product['Id']} and {value_of(kind, each['Name'], f'eq {text}')}"
            assert await visitor.names("Products", filter=alone) == [product["Id"]], each
