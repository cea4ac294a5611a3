"""Query options and resource paths as clients send them, in every encoding; and those that are refused."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulators.cadip.model import SESSIONS
from simulators.odata.errors import ODataError
from simulators.odata.options import Limits, read_options, read_query
from simulators.odata.paths import Segment, read_path
from tests.unit.simulators.visitor import Visitor, is_odata_error, make_station

KEY = "6894eb36-416e-469e-8788-9a0a2b8f3a8d"
SESSION_ID = "S1A_20241114143038056552"


async def raw(visitor, query, path="Sessions"):
    return await visitor.send("GET", f"{visitor.root}/{path}?{query}", headers=await visitor.log_in())


@pytest.mark.parametrize(
    "query",
    [
        f"$filter=SessionId%20eq%20%27{SESSION_ID}%27",
        f"$filter=SessionId+eq+'{SESSION_ID}'",
        f"%24filter=SessionId%20eq%20'{SESSION_ID}'",
        f"%24filter=%53essionId+eq+%27{SESSION_ID}%27",
        f"$filter=SessionId%09eq%20%20'{SESSION_ID}'&$format=json",
        f"filter=SessionId eq '{SESSION_ID}'".replace(" ", "%20"),
        f'$filter="SessionId+eq+%27{SESSION_ID}%27"',
        f"$filter=SessionId+eq+'{SESSION_ID}'&$orderby=PublicationDate%20asc&$top=10&$skip=0&custom=1",
    ],
)
async def test_any_encoding(mti, query):
    answer = await raw(mti, query)
    assert answer.status_code == 200, answer.text
    assert [each["Id"] for each in answer.json()["value"]] == [KEY]


@pytest.mark.parametrize(
    "query",
    [
        "$top=-1",
        "$top=x",
        "$top=1.5",
        "$top=",
        "$top=99999999999",
        "$skip=-1",
        "$skip=ten",
        "$count=yes",
        "$count=1",
        "$orderby=Nothing",
        "$orderby=SessionId up",
        "$orderby=SessionId asc,Id asc",
        "$orderby=",
        "$expand=Nothing",
        "$expand=Attributes",
        "$expand=Files($top=1)",
        "$format=xml",
        "$select=Id",
        "$search=x",
        "$apply=aggregate",
        "$filter=",
        "$filter=Nothing eq 1",
        "$filter=Id eq 1&$filter=Id eq 2",
        "$top=1&$top=2",
        "&".join(["a=1"] * 200),
    ],
)
async def test_refused(mti, query):
    answer = await raw(mti, query)
    assert answer.status_code == 400
    assert is_odata_error(answer)
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("value", ["true", "True", "TRUE"])
async def test_count_in_any_case(mti, value):
    assert (await mti.get("Sessions", count=value, top="0")) == {
        "@odata.context": "$metadata#Sessions",
        "@odata.count": 64,
        "value": [],
    }


async def test_no_count_unless_asked_and_no_next_link_unless_the_profile_has_it(mti, visit):
    page = await mti.get("Sessions", top="1")
    assert set(page) == {"@odata.context", "value"}
    assert "@odata.nextLink" in await visit("lta", "cloudferro").get("Products", top="1")


async def test_empty_result_is_200(mti):
    answer = await mti.ask("Sessions", filter="SessionId eq 'nowhere'")
    assert (answer.status_code, answer.json()["value"]) == (200, [])
    assert "application/json" in answer.headers["content-type"]


async def test_several_expands(mti):
    one = (await raw(mti, "$expand=Files&$expand=QualityInfo&$top=1")).json()
    assert one["@odata.context"] == "$metadata#Sessions(Files(),QualityInfo())"
    assert set(one["value"][0]) >= {"Files", "QualityInfo"}


async def test_skip_comes_before_top_whatever_their_order(mti):
    every = await mti.names("Sessions", orderby="PublicationDate")
    for query in ("$top=2&$skip=3&$orderby=PublicationDate", "$orderby=PublicationDate&$skip=3&$top=2"):
        assert [each["Id"] for each in (await raw(mti, query)).json()["value"]] == every[3:5]


async def test_pages_lose_and_repeat_nothing(visit):
    visitor = visit("prip", "s1a")
    for ordering in ("PublicationDate asc", "PublicationDate desc", "ContentType asc", "ProductionType desc"):
        found = []
        for skip in range(0, 600, 70):
            found += await visitor.names("Products", orderby=ordering, top="70", skip=str(skip))
        assert len(found) == len(set(found)) == 500


async def test_key_set_paging_over_equal_publication_dates(visit):
    """Clients re-query from the last date seen and drop what they know by Id."""
    visitor = visit("prip", "s1a")
    dates = await visitor.names("Products", "PublicationDate")
    assert len(set(dates)) < len(dates), "some share an instant"
    last, known = "1970-01-01T00:00:00Z", []
    while True:
        page = await visitor.get("Products", filter=f"PublicationDate ge {last}", orderby="PublicationDate", top="50")
        new = [each for each in page["value"] if each["Id"] not in known]
        if not new:
            break
        known += [each["Id"] for each in new]
        last = new[-1]["PublicationDate"]
    assert len(known) == len(set(known)) == 500


async def test_next_links_lead_through_everything(visit):
    visitor = visit("lta", "cloudferro")
    page = await visitor.get("Products", top="90", orderby="Name desc", filter="contains(Name,'S')")
    names = [each["Name"] for each in page["value"]]
    while "@odata.nextLink" in page:
        query = page["@odata.nextLink"].partition("?")[2]
        page = (await raw(visitor, query, "Products")).json()
        names += [each["Name"] for each in page["value"]]
    assert names == sorted(names, reverse=True)
    assert len(names) == 500


def test_limits_of_a_page(visit):
    sessions = visit("cadip", "mti").station
    assert sessions.profile.paging.max_top == 1000
    limits = Limits(default_top=20, max_top=1000, max_skip=10_000)
    assert read_options({}, SESSIONS, limits).top == 20
    assert read_options({"top": "5000"}, SESSIONS, limits).top == 1000
    assert read_options({"skip": "10000"}, SESSIONS, limits).skip == 10_000
    with pytest.raises(ODataError):
        read_options({"skip": "10001"}, SESSIONS, limits)


async def test_a_result_over_the_quota_is_429(own_station):
    visitor = own_station("prip", "s5p", count=6000)
    assert (await visitor.ask("Products")).status_code == 429
    some = await visitor.ask("Products", filter="PublicationDate gt 2024-11-15T00:00:00Z")
    assert some.status_code == 200


def test_read_query_keeps_values_as_they_are():
    assert read_query("$filter=a%2Bb&$expand=A&$expand=B&x=1") == {"filter": "a+b", "expand": "A,B"}


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("Products", [Segment("Products")]),
        ("Products(abc)", [Segment("Products", "abc")]),
        ("/Products('abc')/$value", [Segment("Products", "abc"), Segment("$value")]),
        ("Orders(1)/OData.CSC.Cancel", [Segment("Orders", "1"), Segment("OData.CSC.Cancel")]),
        ("Products(1)/Quicklooks('a-b_c.png')", [Segment("Products", "1"), Segment("Quicklooks", "a-b_c.png")]),
    ],
)
def test_paths(text, segments):
    assert list(read_path(text)) == segments


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Sessions()", 400),
        ("Sessions('')", 400),
        ("Sessions(''x'')", 400),
        ("Sessions(6894eb36)", 400),
        ("Sessions(00000000-0000-4000-8000-000000000000)", 404),
        (f"Sessions({KEY})/Files(00000000-0000-4000-8000-000000000000)", 404),
        (f"Sessions({KEY}", 404),
        (f"Sessions({KEY})({KEY})", 404),
        ("../../etc/passwd", 404),
        ("Sessions/Files", 404),
        (f"Files({KEY})/$value", 404),
        (f"Sessions({KEY})/$value", 404),
        ("QualityInfo(1)", 404),
    ],
)
async def test_paths_that_lead_nowhere(mti, path, status):
    answer = await mti.ask(path)
    assert answer.status_code == status
    assert is_odata_error(answer)


@pytest.mark.parametrize(("keys", "taken"), [("quoted", "'k'"), ("unquoted", "k")])
def test_a_profile_may_want_one_form_of_keys(keys, taken):
    assert read_path(f"Products({taken})", keys)[0].key == "k"
    other = "k" if keys == "quoted" else "'k'"
    with pytest.raises(ODataError):
        read_path(f"Products({other})", keys)


async def test_service_document(mti):
    document = await mti.get("")
    assert {"name": "Sessions", "url": "Sessions"} in document["value"]
    without_slash = await mti.send("GET", mti.root, headers=await mti.log_in())
    assert without_slash.json() == document


async def test_outside_the_service_root(mti):
    answer = await mti.send("GET", "/nowhere")
    assert answer.status_code == 404
    assert is_odata_error(answer)


def known_visitor(visitors):
    if ("cadip", "mti") not in visitors:
        visitors["cadip", "mti"] = Visitor(make_station("cadip", "mti"))
    return visitors["cadip", "mti"]


names = st.sampled_from(["filter", "orderby", "top", "skip", "count", "expand", "format", "select", "x"])
values = st.text(max_size=20) | st.sampled_from(["1", "0", "-1", "true", "Id", "Files", "Id asc", "Attributes", "json"])


@given(st.lists(st.tuples(st.sampled_from(["$", "", "%24"]), names, values), max_size=4))
@settings(max_examples=150, deadline=None)
def test_no_query_ends_in_a_500(visitors, options):
    query = "&".join(f"{mark}{name}={quote(value)}" for mark, name, value in options)
    assert asyncio.run(raw(known_visitor(visitors), query)).status_code in {200, 400}


@example("\n")
@example("a/")
@given(st.text(st.sampled_from("SesionFl()'$/%20aé.-") | st.characters(exclude_categories=("Cs",)), max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_path_ends_in_a_500(visitors, path):
    assert asyncio.run(raw(known_visitor(visitors), "", quote(path))).status_code in {200, 400, 404}
