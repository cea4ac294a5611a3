"""PRIP: which services take which filters."""

from __future__ import annotations

import pytest

from tests.unit.simulators.prip.products import value_of
from tests.unit.simulators.visitor import is_odata_error

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
    ("attribute eq", value_of("String", "orbitDirection", "eq 'ASCENDING'"), {"s1a", *S1C, "s3a", "s3b"}),
    ("attribute in", value_of("String", "orbitDirection", "in ('ASCENDING')"), {"s1a", *S1C, "s3a", "s3b"}),
    ("attribute ne", value_of("String", "orbitDirection", "ne 'ASCENDING'"), {*S1C, "s3a", "s3b"}),
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
