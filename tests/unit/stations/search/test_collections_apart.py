"""Filters that mean one thing in one collection of a station and another in the next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rs_server.stations.profiles.model import Operator
from tests.unit.stations.search.doubles import ALL_OPERATORS, Service, profile_of, session
from tests.unit.stations.station_double import StationDouble

WHEN = datetime(2024, 11, 14, 12, tzinfo=UTC)
ROWS = [
    session(number, WHEN, satellite, AntennaId=antenna)
    for number, (satellite, antenna) in enumerate([("S1A", "TLR1"), ("S1A", "TLR2"), ("S2A", "TLR1"), ("S2A", "TLR2")])
]
NAMES = [row["SessionId"] for row in ROWS]


@pytest.mark.parametrize("lacks", [set(), {"or"}, {"in"}, {"or", "in"}], ids=lambda names: "-".join(sorted(names)))
@pytest.mark.parametrize(
    ("filter_text", "expected"),
    [
        ("collection = 's1_mti' or cadip:antenna_id = 'TLR1'", [0, 1, 2]),
        ("collection = 's1_mti' and cadip:antenna_id = 'TLR1'", [0]),
        (
            "(collection = 's1_mti' and cadip:antenna_id = 'TLR1')"
            " or (collection = 's2_mti' and cadip:antenna_id = 'TLR2')",
            [0, 3],
        ),
        ("not (collection = 's2_mti' and cadip:antenna_id = 'TLR2')", [0, 1, 2]),
    ],
)
async def test_each_collection_has_its_own_condition(
    filter_text: str, expected: list[int], lacks: set[Operator]
) -> None:
    known = (ALL_OPERATORS | {"null"}) - lacks
    station: Any = StationDouble(ROWS, set(lacks))
    service = Service({"mti": station}, {"mti": profile_of("mti", operators=known)})
    assert sorted(await service.ids(filter=filter_text, limit=1)) == sorted(NAMES[index] for index in expected)
