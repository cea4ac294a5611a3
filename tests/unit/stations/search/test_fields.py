from __future__ import annotations

from typing import Any

import pytest

from rs_server.errors import InvalidRequest
from rs_server.stations.search.fields import Fields

ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "x",
    "collection": "c",
    "geometry": None,
    "properties": {"datetime": "d", "published": "p", "a.b": 1, "nested": {"c": 1, "d": 2}},
    "assets": {"f.raw": {"href": "h", "file:size": 5}},
    "links": [],
}
IDENTITY = {"type", "stac_version", "id", "collection"}


def shown(fields: Any) -> dict[str, Any]:
    return Fields.read(fields).apply(ITEM)


def test_without_fields_everything_is_sent() -> None:
    assert shown(None) == shown([]) == ITEM


@pytest.mark.parametrize("fields", [{}, {"include": [], "exclude": []}, {"include": None, "exclude": None}])
def test_empty_fields_are_the_default_set(fields: Any) -> None:
    assert shown(fields) == ITEM | {"properties": {"datetime": "d"}}


@pytest.mark.parametrize(
    ("fields", "members"),
    [
        (["geometry"], IDENTITY | {"geometry"}),
        (["+geometry", "links"], IDENTITY | {"geometry", "links"}),
        ({"include": ["geometry"]}, IDENTITY | {"geometry"}),
        (["-geometry"], set(ITEM) - {"geometry"}),
        ({"exclude": ["geometry"]}, set(ITEM) - {"geometry"}),
        ({"exclude": ["geometry"], "include": []}, set(ITEM) - {"geometry"}),
        (["-id", "-type"], set(ITEM)),
        (["+geometry", "-geometry"], IDENTITY | {"geometry"}),
        (["nope"], IDENTITY),
        (["-nope.nope"], set(ITEM)),
    ],
)
def test_members(fields: Any, members: set[str]) -> None:
    assert set(shown(fields)) == members


@pytest.mark.parametrize(
    ("fields", "properties"),
    [
        (["properties.published"], {"published": "p"}),
        (["-properties", "properties.published"], {"published": "p"}),
        (["properties", "-properties.published", "-properties.nested", "-properties.a.b"], {"datetime": "d"}),
        (["-properties.nested.c"], ITEM["properties"] | {"nested": {"d": 2}}),  # type: ignore[operator]  # a dict
        (["properties.a.b"], {"a.b": 1}),
        (["properties.nested.d"], {"nested": {"d": 2}}),
        ({"exclude": ["geometry"]}, ITEM["properties"]),
        ({"exclude": ["geometry"], "include": None}, {"datetime": "d"}),
    ],
)
def test_properties(fields: Any, properties: dict[str, Any]) -> None:
    assert shown(fields)["properties"] == properties


def test_names_with_dots_are_found() -> None:
    assert shown(["assets.f.raw.href"])["assets"] == {"f.raw": {"href": "h"}}
    assert shown(["-assets.f.raw.href"])["assets"] == {"f.raw": {"file:size": 5}}


def test_the_item_stays_as_it_is() -> None:
    before = repr(ITEM)
    shown(["-properties.nested.c", "-assets.f.raw.href", "-links"])
    shown(["properties.nested", "properties.nested.c"])
    assert repr(ITEM) == before


@pytest.mark.parametrize("fields", [5, "a", [5], {"include": 5}, {"exclude": [5]}])
def test_what_is_no_list_of_names(fields: Any) -> None:
    with pytest.raises(InvalidRequest):
        Fields.read(fields)
