"""What filters find: OData's rules for nulls, texts, numbers and instants, against a small table."""

from __future__ import annotations

import pytest

from simulators.odata.errors import ODataError
from simulators.odata.options import QueryOptions
from simulators.odata.parser import parse_filter
from simulators.odata.query import fetch_page
from simulators.odata.types import Attribute, Edm, EntitySet, Enumeration, Property
from simulators.storage import Database

COLOURS = Enumeration("Colour", ("red", "green"))
THINGS = EntitySet(
    name="Things",
    table="things",
    properties=(
        Property("Id", Edm.GUID),
        Property("Name", Edm.STRING),
        Property("Size", Edm.INT64),
        Property("Share", Edm.DOUBLE),
        Property("Open", Edm.BOOLEAN),
        Property("Date", Edm.INSTANT),
        Property("Colour", Edm.ENUMERATION, enumeration=COLOURS),
    ),
    attributes={
        "kind": Attribute("kind", Edm.STRING),
        "orbit": Attribute("orbit", Edm.INT64),
        "cover": Attribute("cover", Edm.DOUBLE),
        "whole": Attribute("whole", Edm.BOOLEAN),
        "made": Attribute("made", Edm.INSTANT),
    },
)
A, B, C = (f"0000000{letter}-0000-4000-8000-000000000000" for letter in "abc")
ROWS = [
    (A, "S1A_one%", 1, 0.5, 1, 1_000_000, 0, "L0", 10, 1.5, 1, 1_000_000),
    (B, "S1B_two_é", 2, 1.0, 0, 2_000_000, 1, "L1", None, None, 0, 2_000_000),
    (C, None, None, None, None, None, None, None, 12, 99.0, None, None),
]


@pytest.fixture(scope="module")
def things():
    database = Database()
    with database.writing() as connection:
        connection.execute(
            "CREATE TABLE things (rowid INTEGER PRIMARY KEY, Id TEXT, Name TEXT, Size INTEGER, Share REAL,"
            " Open INTEGER, Date INTEGER, Colour INTEGER, attribute_kind TEXT, attribute_orbit INTEGER,"
            " attribute_cover REAL, attribute_whole INTEGER, attribute_made INTEGER)"
        )
    columns = ["Id", "Name", "Size", "Share", "Open", "Date", "Colour"]
    columns += [f"attribute_{name}" for name in THINGS.attributes]
    database.insert("things", columns, ROWS)
    yield database
    database.close()


def found(database, text):
    page = fetch_page(database, THINGS, QueryOptions(parse_filter(text)), now=0)
    return "".join({A: "a", B: "b", C: "c"}[row[1]] for row in page.rows)


def attribute(kind, name, value):
    return (
        f"Attributes/OData.CSC.{kind}Attribute/any(x:x/Name eq '{name}' and x/OData.CSC.{kind}Attribute/Value {value})"
    )


MEANING = [
    ("Name eq 'S1A_one%'", "a"),
    ("Name ne 'S1A_one%'", "bc"),  # null is not equal to a value
    ("not (Name eq 'S1A_one%')", "bc"),
    ("Name eq null", "c"),
    ("Name ne null", "ab"),
    ("not (Name ne null)", "c"),
    ("Size gt 1", "b"),
    ("not (Size gt 1)", "ac"),  # a comparison with null is false
    ("not (Size gt 1 or Size le 1)", "c"),
    ("not (not (Size gt 1))", "b"),
    ("Size ge 1 and Size lt 2", "a"),
    ("Size in (2,3)", "b"),
    ("not (Size in (2,3))", "ac"),
    ("Size eq 1.0", "a"),
    ("Size lt 1.5", "a"),
    ("Share eq 1", "b"),
    ("Share le 0.5", "a"),
    ("Open eq true", "a"),
    ("Open eq false", "b"),
    ("Open ne true", "bc"),
    (f"Id eq {A.upper()}", "a"),
    (f"Id eq '{B}'", "b"),
    (f"Id in ({A},{C})", "ac"),
    ("contains(Id,'000b')", "b"),
    ("Date eq 1970-01-01T00:00:01Z", "a"),
    ("Date eq 1970-01-01T00:00:01.0000001Z", ""),  # below the microsecond, yet not equal
    ("Date gt 1970-01-01T00:00:00.9999999Z", "ab"),
    ("Date lt 1970-01-01T00:00:01.0000001Z", "a"),
    ("Date ge 1970-01-01T01:00:02+01:00", "b"),
    ("Colour eq OData.CSC.Colour'green'", "b"),
    ("Colour ne OData.CSC.Colour'green'", "ac"),
    ("Colour in (OData.CSC.Colour'red',OData.CSC.Colour'green')", "ab"),
    ("startswith(Name,'S1A')", "a"),
    ("startswith(Name,'')", "ab"),
    ("endswith(Name,'é')", "b"),
    ("endswith(Name,'')", "ab"),
    ("contains(Name,'%')", "a"),  # no wildcard
    ("contains(Name,'_')", "ab"),
    ("contains(Name,'s1a')", ""),  # case matters
    ("not contains(Name,'one')", "bc"),
    ("length(Name) eq 9", "b"),
    ("substring(Name,4) eq 'one%'", "a"),
    ("substring(Name,4,3) eq 'two'", "b"),
    ("matchesPattern(Name,'^S1[AX]')", "a"),
    (attribute("String", "kind", "eq 'L0'"), "a"),
    (attribute("String", "kind", "ne 'L0'"), "b"),  # of those that have it
    (attribute("String", "kind", "in ('L0','L1')"), "ab"),
    (attribute("Integer", "orbit", "gt 10"), "c"),
    (attribute("Double", "cover", "le 1.5"), "a"),
    (attribute("Boolean", "whole", "eq false"), "b"),
    (attribute("DateTimeOffset", "made", "ge 1970-01-01T00:00:02Z"), "b"),
    (attribute("String", "orbit", "eq '10'"), ""),  # there is none of this name and type
    (attribute("String", "unknown", "eq 'x'"), ""),
    ("not " + attribute("Integer", "orbit", "eq 10"), "bc"),
    (attribute("Integer", "orbit", "ge 10") + " and " + attribute("Double", "cover", "gt 2"), "c"),
    ("Name eq 'x' or Size eq 1 and Open eq true", "a"),
]


@pytest.mark.parametrize(("text", "letters"), MEANING)
def test_meaning(things, text, letters):
    assert found(things, text) == letters


@pytest.mark.parametrize(
    "text",
    [
        "Unknown eq 1",
        "name eq 'x'",
        "Name eq 1",
        "Size eq '1'",
        "Open eq 1",
        "Open gt true",
        "Date eq 'x'",
        "Date gt 5",
        "Id gt 00000000-0000-4000-8000-000000000000",
        "Colour eq 'green'",
        "Colour eq OData.CSC.Colour'blue'",
        "Colour eq OData.CSC.JobStatus'completed'",
        "Colour gt OData.CSC.Colour'red'",
        "Name in ('x',null)",
        "Size gt null",
        "contains(Size,'1')",
        "contains(Date,'1')",
        "length(Size) eq 1",
        "length(Name,'x') eq 1",
        "concat(Name) eq 'x'",
        "substring(Name,'x') eq 'y'",
        "substring(Name,1,2,3) eq 'y'",
        "matchesPattern(Name,Name)",
        "matchesPattern(Name,'[')",
        "matchesPattern(Name,'(a+)+')",
        "matchesPattern(Name,'.*.*.*.*.*x')",
        attribute("Integer", "orbit", "eq 'x'"),
        attribute("String", "kind", "gt null"),
        "OData.CSC.Intersects(area=geography'SRID=4326;POINT(1 2)')",
        " or ".join(["Size eq 1"] * 401),
    ],
)
def test_types_that_do_not_fit_are_refused(things, text):
    with pytest.raises(ODataError) as refused:
        found(things, text)
    assert refused.value.status == 400
