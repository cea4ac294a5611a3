"""CQL2 JSON as queries of the engine (OGC 21-065r2)."""

from __future__ import annotations

from typing import Any

import pytest

from rs_server.catalog.cql2 import MAX_DEPTH, Translation
from rs_server.catalog.properties import collection_field, item_field
from rs_server.errors import InvalidRequest

translation = Translation(item_field)

CLOUDS = {"property": "eo:cloud_cover"}
BOX = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


def words(query: str) -> dict[str, Any]:
    return {"query_string": {"fields": ["properties.x"], "query": query, "lenient": True}}


@pytest.mark.parametrize(
    ("expression", "query"),
    [
        (
            {"op": "=", "args": [{"property": "platform"}, "sentinel-1a"]},
            {"term": {"properties.platform": "sentinel-1a"}},
        ),
        ({"op": "=", "args": [{"property": "properties.x"}, 1]}, {"term": {"properties.x": 1}}),
        ({"op": "=", "args": [{"property": "id"}, "x"]}, {"term": {"id": "x"}}),
        ({"op": "<", "args": [CLOUDS, 10]}, {"range": {"properties.eo:cloud_cover": {"lt": 10}}}),
        ({"op": "<", "args": [CLOUDS, "1e1"]}, {"range": {"properties.eo:cloud_cover": {"lt": 10.0}}}),
        ({"op": "<", "args": [10, CLOUDS]}, {"range": {"properties.eo:cloud_cover": {"gt": 10}}}),
        (
            {"op": "<>", "args": [CLOUDS, 10]},
            {
                "bool": {
                    "filter": [{"exists": {"field": "properties.eo:cloud_cover"}}],
                    "must_not": [{"term": {"properties.eo:cloud_cover": 10}}],
                }
            },
        ),
        (
            {"op": "isNull", "args": [CLOUDS]},
            {"bool": {"must_not": [{"exists": {"field": "properties.eo:cloud_cover"}}]}},
        ),
        (
            {"op": "between", "args": [CLOUDS, 1, 2]},
            {"range": {"properties.eo:cloud_cover": {"gte": 1, "lte": 2}}},
        ),
        ({"op": "in", "args": [{"property": "platform"}, ["a", "b"]]}, {"terms": {"properties.platform": ["a", "b"]}}),
        ({"op": "in", "args": [{"property": "x"}, [1, 2]]}, {"terms": {"properties.x": [1, 2]}}),
        (
            {"op": "like", "args": [{"property": "title"}, "50\\%_a*%"]},
            {"wildcard": {"properties.title": {"value": "50%?a\\**"}}},
        ),
        ({"op": "=", "args": [{"property": "x"}, "a"]}, {"match": {"properties.x": {"query": "a", "lenient": True}}}),
        ({"op": "like", "args": [{"property": "x"}, "50\\%_a*%-:"]}, words("50\\%?a\\**\\-\\:")),
        ({"op": "<", "args": [{"property": "x"}, 'say "a"']}, words('{* TO "say \\"a\\""}')),
        ({"op": "between", "args": [{"property": "x"}, "a", "*"]}, words('["a" TO "*"]')),
        (
            {"op": ">=", "args": [{"property": "datetime"}, {"timestamp": "9999-01-01T00:00:00Z"}]},
            {"range": {"properties.datetime": {"gte": "2262-04-11T23:47:16.000000000Z"}}},
        ),
        (
            {"op": "<=", "args": [{"property": "created"}, {"date": "2024-01-02"}]},
            {"range": {"properties.created": {"lte": "2024-01-02T00:00:00.000000000Z"}}},
        ),
        (
            {"op": "s_intersects", "args": [{"property": "geometry"}, BOX]},
            {"geo_shape": {"geometry": {"shape": BOX, "relation": "intersects"}}},
        ),
        (
            {"op": "not", "args": [{"op": "=", "args": [CLOUDS, 1]}]},
            {"bool": {"must_not": [{"term": {"properties.eo:cloud_cover": 1}}]}},
        ),
        (True, {"match_all": {}}),
        (False, {"match_none": {}}),
    ],
)
def test_translation(expression: Any, query: dict[str, Any]) -> None:
    assert translation.query(expression) == query


def test_and_and_or() -> None:
    one, two = ({"op": "=", "args": [{"property": name}, 1]} for name in "ab")
    terms = [{"term": {f"properties.{name}": 1}} for name in "ab"]
    assert translation.query({"op": "and", "args": [one, two]}) == {"bool": {"filter": terms}}
    assert translation.query({"op": "or", "args": [one, two]}) == {"bool": {"should": terms, "minimum_should_match": 1}}


@pytest.mark.parametrize(
    "expression",
    [
        "x = 1",
        [],
        {},
        {"op": "="},
        {"op": "=", "args": []},
        {"op": "=", "args": ["a", "b"]},
        {"op": "=", "args": [{"property": "a"}, {"property": "b"}]},
        {"op": "=", "args": [{"property": "a"}, None]},
        {"op": "=", "args": [{"property": "a"}, {"op": "+", "args": [1, 2]}]},
        {"op": "a_contains", "args": [{"property": "a"}, ["b"]]},
        {"op": "t_after", "args": [{"property": "datetime"}, {"timestamp": "2024-01-01T00:00:00Z"}]},
        {"op": "not", "args": [{"op": "=", "args": [CLOUDS, 1]}, {"op": "=", "args": [CLOUDS, 2]}]},
        {"op": "between", "args": [{"property": "a"}, 1]},
        {"op": "in", "args": [{"property": "a"}, "b"]},
        {"op": "like", "args": [{"property": "a"}, 5]},
        {"op": "like", "args": [{"op": "casei", "args": [{"property": "a"}]}, "b"]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, "POINT(0 0)"]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point"}]},
        {"op": ">", "args": [{"property": "datetime"}, "soon"]},
        {"op": ">", "args": [{"property": "datetime"}, {"timestamp": "2024-13-01T00:00:00Z"}]},
        {"op": "=", "args": [{"property": ""}, 1]},
        {"op": "isNull", "args": [{"property": "x*"}]},
        {"op": "=", "args": [CLOUDS, "text"]},
        {"op": "=", "args": [CLOUDS, True]},
        {"op": "=", "args": [CLOUDS, "nan"]},
        {"op": "like", "args": [CLOUDS, "1%"]},
        {"op": "like", "args": [{"property": "x:datetime"}, "2%"]},
        {"op": ">", "args": [{"property": "x:datetime"}, 5]},
        {"op": ">", "args": [{"property": "a"}, True]},
        {"op": ">", "args": [{"property": "a"}, {"timestamp": "2024-01-01T00:00:00Z"}]},
        {"op": "=", "args": [{"property": "geometry"}, "a"]},
        {"op": "s_intersects", "args": [{"property": "a"}, BOX]},
    ],
)
def test_what_is_not_understood_is_refused(expression: Any) -> None:
    with pytest.raises(InvalidRequest):
        translation.query(expression)


def test_depth_has_a_limit() -> None:
    expression: dict[str, Any] = {"op": "=", "args": [CLOUDS, 1]}
    for _ in range(MAX_DEPTH + 1):
        expression = {"op": "not", "args": [expression]}
    with pytest.raises(InvalidRequest, match="nested"):
        translation.query(expression)


def test_collections_have_few_properties() -> None:
    query = Translation(collection_field).query({"op": "=", "args": [{"property": "owner"}, "alice"]})
    assert query == {"term": {"owner": "alice"}}
    with pytest.raises(InvalidRequest, match="title"):
        Translation(collection_field).query({"op": "=", "args": [{"property": "summaries"}, "x"]})
