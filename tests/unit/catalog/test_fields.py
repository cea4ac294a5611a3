"""The fields extension: members by include and exclude."""

from __future__ import annotations

from typing import Any

import pytest

from rs_server.catalog.api.fields import selected

DOCUMENT: dict[str, Any] = {"id": "one", "properties": {"a": 1, "b": {"c": 2, "d": 3}, "e:f": 4}, "assets": {"x": {}}}


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ([], [], DOCUMENT),
        (["id"], [], {"id": "one"}),
        (["properties.a", "properties.b.c"], [], {"properties": {"a": 1, "b": {"c": 2}}}),
        (["properties.b.c", "properties.b.d"], [], {"properties": {"b": {"c": 2, "d": 3}}}),
        (["properties.e:f", "nothing", "properties.nothing", "id.x"], [], {"properties": {"e:f": 4}}),
        (["properties", "properties.a"], [], {"properties": DOCUMENT["properties"]}),
        (["properties.a", "properties"], [], {"properties": DOCUMENT["properties"]}),
        ([], ["properties", "assets"], {"id": "one"}),
        (["id", "properties.b"], ["properties.b.c"], {"id": "one", "properties": {"b": {"d": 3}}}),
        ([], ["nothing", "id.x", "properties.nothing.x", "properties", "assets.x"], {"id": "one", "assets": {}}),
    ],
)
def test_selection(include: list[str], exclude: list[str], expected: dict[str, Any]) -> None:
    before = repr(DOCUMENT)
    assert selected(DOCUMENT, include, exclude) == expected
    assert repr(DOCUMENT) == before
