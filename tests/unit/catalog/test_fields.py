"""The fields extension: members by include and exclude."""

from __future__ import annotations

from typing import Any

import pytest

from rs_server.catalog.api.fields import Members, selected

DOCUMENT: dict[str, Any] = {"id": "one", "properties": {"a": 1, "b": {"c": 2, "d": 3}, "e:f": 4}, "assets": {"x": {}}}


MEMBERS = Members(always=("id",), default=("properties.a",))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"include": ["id"]}, {"id": "one"}),
        ({"include": ["properties.a", "properties.b.c"]}, {"id": "one", "properties": {"a": 1, "b": {"c": 2}}}),
        ({"include": ["properties.b.c", "properties.b.d"]}, {"id": "one", "properties": {"b": {"c": 2, "d": 3}}}),
        ({"include": ["properties.e:f", "nothing", "id.x"]}, {"id": "one", "properties": {"e:f": 4}}),
        ({"include": ["properties", "properties.a"]}, {"id": "one", "properties": DOCUMENT["properties"]}),
        ({"include": ["properties.a", "properties"]}, {"id": "one", "properties": DOCUMENT["properties"]}),
        ({"exclude": ["properties", "assets"]}, {"id": "one"}),
        ({"include": ["properties.b"], "exclude": ["properties.b.c"]}, {"id": "one", "properties": {"b": {"d": 3}}}),
        ({"exclude": ["nothing", "id.x", "properties", "assets.x"]}, {"id": "one", "assets": {}}),
        ({}, {"id": "one", "properties": {"a": 1}}),
        ({"include": [], "exclude": []}, {"id": "one", "properties": {"a": 1}}),
        ({"include": [], "exclude": ["id"]}, {"properties": {"a": 1}}),
        ({"include": ["assets"], "exclude": ["assets"]}, {"id": "one", "assets": {"x": {}}}),
        ({"include": ["properties.a"], "exclude": ["properties"]}, {"id": "one", "properties": {"a": 1}}),
        ({"include": ["properties.ab"], "exclude": ["properties.a"]}, {"id": "one"}),
    ],
)
def test_selection(fields: dict[str, list[str]], expected: dict[str, Any]) -> None:
    """The rules are those of the extension's section on include and exclude."""
    before = repr(DOCUMENT)
    assert selected(DOCUMENT, fields, MEMBERS) == expected
    assert repr(DOCUMENT) == before
