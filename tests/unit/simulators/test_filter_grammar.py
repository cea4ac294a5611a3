"""The grammar of `$filter`: what must be read, what must be refused, and that nothing ends in a 500."""

from __future__ import annotations

import asyncio
import string
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.odata import syntax
from simulators.odata.errors import ODataError
from simulators.odata.parser import parse_filter
from simulators.odata.syntax import Literal
from simulators.odata.types import Edm
from tests.unit.simulators.filters import filters
from tests.unit.simulators.visitor import Visitor, is_odata_error, make_station

READ = [
    # Every operator, every literal.
    "Name eq 'x'",
    "Name ne 'it''s'",
    "PublicationDate gt 2024-11-14T14:30:00.000Z",
    "PublicationDate ge 2024-11-14T14:30:00Z",
    "PublicationDate lt 2024-11-14T14:30:00.123456789Z",
    "PublicationDate le 2024-11-14T14:30Z",
    "PublicationDate le 2024-11-14T14:30:00+02:00",
    "Id eq 2b17b57d-fff4-4645-b539-91f305c27c69",
    "Id eq 2B17B57D-FFF4-4645-B539-91F305C27C69",
    "Size eq 42",
    "Size eq -42",
    "Value eq 1.5",
    "Value eq 1.5e-3",
    "Online eq true",
    "Online eq false",
    "DownlinkStop eq null",
    # Paths with a part.
    "ContentDate/Start ge 2024-11-14T14:30:00Z and ContentDate/End le 2024-11-15T14:30:00Z",
    "Collection/Name eq 'SENTINEL-2'",
    # in, with and without a blank after the comma.
    "Channel in (1, 2)",
    "Channel in (1,2)",
    "Satellite in ('S1A')",
    # The text functions, bare.
    "startswith(Name,'S1A')",
    "endswith(Name,'.zip')",
    "contains(Name, 'GRD')",
    # not, with and without a blank; parentheses; precedence.
    "not contains(Name,'x')",
    "not (Name eq 'x')",
    "not(Name eq 'x')",
    "(Name eq 'x' or Name eq 'y') and not startswith(Name,'z')",
    # A double blank before `and`, as ESA's suite sends it.
    "Name eq 'x'  and Name ne 'y'",
    # Enumerations.
    "ProductionType eq OData.CSC.ProductionType'systematic_production'",
    "ProductionType eq OData.CSC.ProductionType'on-demand default'",
    "Status eq OData.CSC.JobStatus'completed' and CompletedDate ge 2024-11-14T14:30:00Z",
    "Status eq OData.CSC.SubscriptionStatus'running'",
    "SubscriptionEvent eq OData.CSC.SubscriptionEvent'created'",
    # Attributes: each type, any variable, in.
    "Attributes/OData.CSC.StringAttribute/any(att:att/Name eq 'a' and att/OData.CSC.StringAttribute/Value eq 'b')",
    "Attributes/OData.CSC.IntegerAttribute/any(i:i/Name eq 'a' and i/OData.CSC.IntegerAttribute/Value gt 5)",
    "Attributes/OData.CSC.DoubleAttribute/any(att:att/Name eq 'a' and att/OData.CSC.DoubleAttribute/Value le 5.5)",
    "Attributes/OData.CSC.BooleanAttribute/any(att:att/Name eq 'a' and att/OData.CSC.BooleanAttribute/Value eq true)",
    "Attributes/OData.CSC.DateTimeOffsetAttribute/any(att:att/Name eq 'a'"
    " and att/OData.CSC.DateTimeOffsetAttribute/Value lt 2024-11-14T14:30:00Z)",
    "Attributes/OData.CSC.StringAttribute/any(a:a/Name eq 'a' and a/OData.CSC.StringAttribute/Value in ('b','c'))",
    # Geometry, with and without a blank after POLYGON, and as CDSE and mocks write it.
    "OData.CSC.Intersects(area=geography'SRID=4326;POLYGON((1 2,3 4,5 2,1 2))')",
    "OData.CSC.Intersects(area=geography'SRID=4326;POLYGON ((1 2, 3 4, 5 2, 1 2))')",
    "OData.CSC.Intersects(area=geography'SRID=4326;Polygon((1.5 2,3 -4,5 2,1.5 2))')",
    "OData.CSC.Intersects(area=geography'SRID=4326;POINT(1 2)')",
    # Functions that some stations know.
    "tolower(Name) eq 'x' and length(Name) gt 3 and indexof(Name,'a') eq 0",
    "concat(Name,'x') eq 'yx' and substring(Name,1,2) eq 'ab' and trim(toupper(Name)) eq 'X'",
    "matchesPattern(Name,'^S1A')",
    # As rs-server's older configurations send it.
    "\"PublicationDate gt 2024-11-14T14:30:00Z OR PublicationDate eq 2024-11-14T14:30:00Z AND Name eq 'x'\"",
]
REFUSED = [
    "",
    " ",
    "Name",
    "Name eq",
    "eq 'x'",
    "Name eq x",
    "Name = 'x'",
    "Name == 'x'",
    "Name like 'x'",
    "Name eq 'x",
    'Name eq "x"',
    "Nameeq 'x'",
    "Name eq'x'",
    "Name eq 'x'and Name eq 'y'",
    "(Name eq 'x'",
    "Name eq 'x')",
    "Name eq 'x' and",
    "and Name eq 'x'",
    "Name eq 'x' Name eq 'y'",
    "Name in ()",
    "Name in 'x'",
    "Name in ('x',)",
    "Name in('x')",
    "contains(Name)",
    "contains(Name,'x') eq true",
    "contains 'x'",
    "substringof('x',Name)",
    "PublicationDate gt 2024-11-14",
    "PublicationDate gt 2024-13-14T00:00:00Z",
    "PublicationDate gt 2024-02-30T00:00:00Z",
    "PublicationDate gt 2024-11-14T25:00:00Z",
    "PublicationDate gt 2024-11-14T00:00:00",
    "PublicationDate gt datetime'2024-11-14T00:00:00'",
    "PublicationDate gt '2024-11-14T00:00:00Z'",
    "Size eq 99999999999999999999",
    "Size eq 0x10",
    "Size eq 1e999",
    "Attributes/any(att:att/Name eq 'a' and att/Value eq 'b')",
    "Attributes/OData.CSC.StringAttribute/all(att:att/Name eq 'a' and att/OData.CSC.StringAttribute/Value eq 'b')",
    "Attributes/OData.CSC.StringAttribute/any(att:att/Name eq 'a')",
    "Attributes/OData.CSC.IntegerAttribute/any(att:att/Name eq 'a' and att/OData.CSC.StringAttribute/Value eq 'b')",
    "Attributes/OData.CSC.StringAttribute/any(att:x/Name eq 'a' and x/OData.CSC.StringAttribute/Value eq 'b')",
    "Attributes/OData.CSC.StringAttribute/any(att:att/Name ne 'a' and att/OData.CSC.StringAttribute/Value eq 'b')",
    "Attributes/OData.CSC.FloatAttribute/any(att:att/Name eq 'a' and att/OData.CSC.FloatAttribute/Value eq 1)",
    "OData.CSC.Intersects(geography'SRID=4326;POLYGON((1 2,3 4,5 2,1 2))')",
    "OData.CSC.Touches(area=geography'SRID=4326;POLYGON((1 2,3 4,5 2,1 2))')",
    "OData.CSC.Intersects(area='SRID=4326;POLYGON((1 2,3 4,5 2,1 2))')",
    "not",
    "not Name eq",
    "(" * 60 + "Name eq 'x'" + ")" * 60,
    " or ".join(["Name eq 'x'"] * 3000),
]


@pytest.mark.parametrize("text", READ)
def test_read(text):
    parse_filter(text)


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
async def test_refused(visit, text):
    answer = await visit("prip", "s1a").ask("Products", filter=text)
    assert answer.status_code == 400, text
    assert is_odata_error(answer)


def test_precedence_is_not_then_and_then_or():
    a, b, c = (syntax.Comparison(syntax.Path(name), "eq", Literal(Edm.INT64, 1)) for name in "abc")
    assert parse_filter("a eq 1 or b eq 1 and not c eq 1") == syntax.Disjunction(
        (a, syntax.Conjunction((b, syntax.Negation(c, spaced=True))))
    )


def test_a_quote_is_written_twice():
    assert parse_filter("Name eq 'it''s'''").literal == Literal(Edm.STRING, "it's'")


@given(filters)
@settings(max_examples=200, deadline=None)
def test_every_filter_of_the_grammar_is_read(text):
    parse_filter(text)


@given(filters, st.data())
@settings(max_examples=200, deadline=None)
def test_a_mutilated_filter_is_read_or_refused(text, data):
    place = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 3))
    put = data.draw(st.text(st.sampled_from(string.printable + "é\x00'()"), max_size=3))
    with suppress(ODataError):
        parse_filter(text[:place] + put + text[place + length :])


BREAKING = [
    lambda text: text + ")",
    lambda text: "(" + text,
    lambda text: text + " and",
    lambda text: "or " + text,
    lambda text: text + " " + text,
    lambda text: f"not not ({text})",
    lambda text: f"({text}) xor ({text})",
    lambda text: f"({text})and ({text})",
    lambda text: f"({text}) eq true",
    lambda text: text + " and Name eq 'x",
    lambda text: text + " and Name eq x",
    lambda text: text + " and Name = 'x'",
    lambda text: text + " and Name eq 2024-02-30T00:00:00Z",
    lambda text: text + ";",
]


@given(filters, st.sampled_from(BREAKING))
@settings(max_examples=200, deadline=None)
def test_every_broken_filter_is_refused(text, breaking):
    with pytest.raises(ODataError) as refused:
        parse_filter(breaking(text))
    assert refused.value.status == 400
    assert refused.value.body()["error"]["message"]


@given(st.text(max_size=60) | filters)
@settings(max_examples=150, deadline=None)
def test_no_filter_ends_in_a_500(visitors, text):
    async def ask():
        if ("prip", "s3a") not in visitors:
            visitors["prip", "s3a"] = Visitor(make_station("prip", "s3a"))
        return await visitors["prip", "s3a"].ask("Products", filter=text, top="1")

    answer = asyncio.run(ask())
    assert answer.status_code in {200, 400}, answer.text
    assert answer.status_code == 200 or is_odata_error(answer)
