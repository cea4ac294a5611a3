from __future__ import annotations

import pytest

from rs_server.stations.filters.evaluation import matcher
from rs_server.stations.filters.parsing import read_text
from rs_server.stations.queryables import Kind, Queryable

KINDS: dict[str, Kind] = {
    "id": "string",
    "text": "string",
    "none": "string",
    "number": "number",
    "flag": "boolean",
    "datetime": "datetime",
    "start_datetime": "datetime",
    "end_datetime": "datetime",
    "list": "array",
    "geometry": "geometry",
}
QUERYABLES = {name: Queryable(name, name, kind) for name, kind in KINDS.items()}
ITEM = {
    "id": "x",
    "geometry": {"type": "Point", "coordinates": [1.0, 2.0]},
    "properties": {
        "text": "a%b_c",
        "number": 5,
        "flag": False,
        "datetime": "2024-11-14T14:30:44.018Z",
        "start_datetime": "2024-11-14T14:30:44.018Z",
        "end_datetime": "2024-11-14T14:32:52Z",
        "list": ["a", "b"],
    },
}


@pytest.mark.parametrize(
    "text",
    [
        "number = 5",
        "number <> 6 AND number < 6 AND number <= 5 AND number > 4 AND number >= 5",
        "number BETWEEN 5 AND 5",
        "number IN (4, 5)",
        "number NOT IN (4, 6)",
        "5 = number",
        "id = 'x'",
        "NOT flag",
        "flag = FALSE",
        "text LIKE 'a%'",
        "text LIKE 'a_b_c'",
        "text LIKE 'a\\%b\\_c'",
        "text NOT LIKE 'A%'",
        "CASEI(text) = CASEI('A%B_C')",
        "CASEI(text) LIKE CASEI('A%')",
        "CASEI(text) IN (CASEI('A%B_C'), CASEI('z'))",
        "text > 'a' AND text < 'b'",
        "none IS NULL AND text IS NOT NULL",
        "none = 'x' OR number = 5",
        "datetime > TIMESTAMP('2024-11-14T14:30:44Z')",
        "datetime = TIMESTAMP('2024-11-14T15:30:44.0180+01:00')",
        "datetime BETWEEN TIMESTAMP('2024-11-14T14:30:44Z') AND TIMESTAMP('2024-11-14T14:30:45Z')",
        "datetime IN (TIMESTAMP('2024-11-14T14:30:44.018Z'))",
        "datetime > DATE('2024-11-14') AND datetime < DATE('2024-11-15')",
        "datetime < TIMESTAMP('9999-12-31T23:59:59.999Z')",
        "T_AFTER(datetime, TIMESTAMP('2024-11-14T14:30:44Z'))",
        "T_DURING(datetime, INTERVAL('2024-11-14T14:00:00Z', '2024-11-14T15:00:00Z'))",
        "T_DURING(datetime, INTERVAL('2024-11-14T14:00:00Z', '9999-12-31T23:59:59Z'))",
        "T_INTERSECTS(INTERVAL(start_datetime, end_datetime), INTERVAL('2024-11-14T14:32:00Z', '..'))",
        "A_CONTAINS(list, ('a'))",
        "S_INTERSECTS(geometry, POLYGON((0 0, 3 0, 3 3, 0 3, 0 0)))",
        "number + 1 = 6",
        "TRUE",
    ],
)
def test_true(text: str) -> None:
    assert matcher(read_text(text, QUERYABLES))(ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "none = 'x'",
        "none <> 'x'",
        "NOT none = 'x'",
        "NOT (none = 'x' AND number = 5)",
        "none IN ('x')",
        "none NOT IN ('x')",
        "none LIKE '%'",
        "none NOT LIKE '%'",
        "CASEI(none) = 'x'",
        "NOT CASEI(none) = 'x'",
        "none = 'x' AND number = 5",
        "none = 'x' OR number = 6",
        "NOT (none IS NULL)",
        "text = 'A%B_C'",
        "text LIKE '_'",
        "S_INTERSECTS(geometry, POINT(3 3))",
        "FALSE",
    ],
)
def test_false_or_unknown(text: str) -> None:
    assert not matcher(read_text(text, QUERYABLES))(ITEM)


def test_unknown_and_false_is_false_and_its_opposite_true() -> None:
    assert matcher(read_text("NOT (none = 'x' AND number = 6)", QUERYABLES))(ITEM)


def test_a_geometry_that_is_null_is_unknown() -> None:
    test = matcher(read_text("S_INTERSECTS(geometry, POINT(3 3))", QUERYABLES))
    opposite = matcher(read_text("NOT S_INTERSECTS(geometry, POINT(3 3))", QUERYABLES))
    nowhere = ITEM | {"geometry": None}
    assert not test(nowhere)
    assert not opposite(nowhere)
