from __future__ import annotations

import re
from typing import Any

import pytest

from rs_server.errors import InvalidRequest
from rs_server.stations.filters.parsing import read_json, read_text
from rs_server.stations.interfaces.cadip import CadipInterface

QUERYABLES = CadipInterface.queryables


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not CQL2 text"),
        ("platform =", "not CQL2 text"),
        ("platform ilike 'S%'", "not CQL2 text"),
        ("sat:absolute_orbit = 'x'", "of type integer and cannot be compared with"),
        ("platform = 1", "of type string and cannot be compared with"),
        ("cadip:retransfer = 1", "of type boolean and cannot be compared with"),
        ("sat:absolute_orbit IN (1, 'a')", "of type integer"),
        ("published > 5", "compare it with TIMESTAMP("),
        ("published > TIMESTAMP('soon')", "compare it with TIMESTAMP("),
        ("published > DATE('2024')", "compare it with TIMESTAMP("),
        ("platform", "is of type string and cannot stand alone"),
        ("sat:absolute_orbit LIKE 'a%'", "is of type integer and cannot be compared with a pattern"),
        ("5", "must be a condition"),
        ("'a'", "must be a condition"),
        ("drop(platform)", "'drop', which is no operator of CQL2"),
        ("drop(platform) = 1", "'drop', which is no operator that we know"),
        ("T_AFTER(platform, TIMESTAMP('2024-11-14T14:30:00Z'))", "cannot be used in a temporal function"),
        ("T_AFTER(published, 5)", "5.0 is no date and time"),
        ("T_DURING(published, INTERVAL('x', '..'))", "'x' is no date and time"),
        ("bogus > TIMESTAMP('soon')", "compare it with TIMESTAMP("),
        ("(" * 100 + "TRUE" + ")" * 100, "nested too deeply"),
        ("(" * 20000, "too long"),
        ("NOT " * 4000 + "TRUE", "nested too deeply"),
        ("platform = 'a' AND " * 1000 + "TRUE", "too long"),
    ],
)  # fmt: skip
def test_text_that_cannot_be_used_is_refused_with_a_reason(text: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_text(text, QUERYABLES)
    assert message in str(caught.value).replace('"', "'")


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        1,
        "platform = 'a'",
        {"op": "="},
        {"op": "=", "args": []},
        {"op": "=", "args": [{"property": "platform"}]},
        {"op": "=", "args": [{"property": "platform"}, None]},
        {"op": "=", "args": [{"property": 5}, "a"]},
        {"op": "and", "args": []},
        {"op": "not", "args": [True, True]},
        {"op": "in", "args": [{"property": "platform"}, "a"]},
        {"op": "like", "args": [{"property": "platform"}, 1]},
        {"op": "between", "args": [{"property": "sat:absolute_orbit"}, 1]},
        {"op": "between", "args": [{"property": "sat:absolute_orbit"}, [1]]},
        {"op": "isNull", "args": {"property": "platform"}},
        {"op": "t_after", "args": [{"property": "published"}]},
        {"op": "t_during", "args": [{"property": "published"}, {"interval": [".."]}]},
        {"op": "a_contains", "args": [{"property": "platform"}]},
        {"op": 5, "args": []},
    ],
)
def test_json_that_is_no_filter_is_refused(document: Any) -> None:
    with pytest.raises(InvalidRequest):
        read_json(document, QUERYABLES)


def test_json_nested_without_end_is_refused() -> None:
    document: Any = True
    for _ in range(5000):
        document = {"op": "not", "args": [document]}
    with pytest.raises(InvalidRequest, match=re.compile("CQL2 JSON|too long")):
        read_json(document, QUERYABLES)


def test_properties_may_be_written_with_their_place_in_the_item() -> None:
    assert read_text("properties.platform = 'a'", QUERYABLES) == read_text("platform = 'a'", QUERYABLES)
    assert read_text("\"platform\" = 'a'", QUERYABLES) == read_text("platform = 'a'", QUERYABLES)


def test_the_form_that_between_had_in_drafts() -> None:
    orbit = {"property": "sat:absolute_orbit"}
    drafted = {"op": "between", "args": [orbit, [1, 2]]}
    assert read_json(drafted, QUERYABLES) == read_json({"op": "between", "args": [orbit, 1, 2]}, QUERYABLES)
