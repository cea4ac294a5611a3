"""Random filters on random sessions, at stations that lack random operators, against an evaluation of their own."""

from __future__ import annotations

import asyncio
import operator
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rs_server.stations.odata.query import datetime_literal
from rs_server.stations.profiles.model import Operator
from tests.unit.stations.search.doubles import ALL_OPERATORS, Service, profile_of, session
from tests.unit.stations.station_double import StationDouble

Truth = bool | None
Predicate = Callable[[dict[str, Any]], Truth]
"""What a filter means, on the values that the item of a session ought to have."""
Case = tuple[dict[str, Any], Predicate]

START = datetime(2024, 11, 14, 12, 0, tzinfo=UTC)
SATELLITES = ("S1A", "S1B", "S2A", "S2B")
TEXTS = ("TLR1", "TLR2", "tlr1", "O'Neill", "50%", "a_b", "\\", "")
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def values_of(row: dict[str, Any]) -> dict[str, Any]:
    mission, unit = row["Satellite"][1], row["Satellite"][2].lower()
    start, stop = row["DownlinkStart"], row["DownlinkStop"]
    named = datetime.strptime(row["SessionId"].split("_")[1][:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return {
        "id": row["SessionId"] + (".r1" if row["Retransfer"] else ""),
        "collection": f"s{mission}_mti",
        "rs:station": "cadip:mti",
        "platform": f"sentinel-{mission}{unit}",
        "constellation": f"sentinel-{mission}",
        "published": datetime.fromisoformat(row["PublicationDate"]),
        "datetime": datetime.fromisoformat(start) if start else named,
        "start_datetime": datetime.fromisoformat(start) if start and stop else None,
        "sat:absolute_orbit": row["DownlinkOrbit"],
        "cadip:num_channels": row["NumChannels"],
        "cadip:antenna_id": row["AntennaId"],
        "cadip:retransfer": row["Retransfer"],
        "cadip:station_unit_id": row["StationUnitId"] if len(str(row["StationUnitId"])) == 2 else None,
    }


@st.composite
def sessions(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(0, 12))):
        moment = START + timedelta(seconds=draw(st.integers(0, 5)), milliseconds=draw(st.sampled_from((0, 500))))
        rows.append(
            session(
                number,
                moment,
                draw(st.sampled_from(SATELLITES)),
                Retransfer=draw(st.booleans()),
                AntennaId=draw(st.none() | st.sampled_from(TEXTS)),
                DownlinkOrbit=draw(st.none() | st.integers(1, 4)),
                NumChannels=draw(st.none() | st.integers(1, 2)),
                StationUnitId=draw(st.sampled_from((None, "04", "5", "123"))),
                DownlinkStart=draw(st.none() | st.just(datetime_literal(moment - timedelta(seconds=27)))),
            )
        )
    return rows


def lifted(name: str, test: Callable[[Any], bool]) -> Predicate:
    return lambda values: None if values[name] is None else test(values[name])


moments = st.integers(-30, 6).map(lambda seconds: START + timedelta(seconds=seconds))
NUMBERS = st.integers(0, 5) | st.sampled_from((1.5, -1, 2.5, 1e20))
PROPERTIES: dict[str, st.SearchStrategy[Any]] = {
    "id": st.builds(
        "{}_{:%Y%m%d%H%M%S}{:06d}{}".format,
        st.sampled_from(SATELLITES),
        moments,
        st.integers(0, 12),
        st.sampled_from(("", ".r1")),
    ),
    "collection": st.sampled_from(("s1_mti", "s2_mti", "nope")),
    "rs:station": st.sampled_from(("cadip:mti", "cadip:sgs")),
    "platform": st.sampled_from(("sentinel-1a", "sentinel-2b", "landsat-8")),
    "constellation": st.sampled_from(("sentinel-1", "sentinel-2", "sentinel-9")),
    "cadip:antenna_id": st.sampled_from(TEXTS),
    "cadip:station_unit_id": st.sampled_from(("04", "5")),
    "sat:absolute_orbit": NUMBERS,
    "cadip:num_channels": NUMBERS,
    "cadip:retransfer": st.booleans(),
    "published": moments,
    "datetime": moments,
    "start_datetime": moments,
}
TEXT_PROPERTIES = ("id", "platform", "cadip:antenna_id", "collection")


def written(value: Any) -> Any:
    return {"timestamp": datetime_literal(value)} if isinstance(value, datetime) else value


@st.composite
def comparisons(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(sorted(PROPERTIES)))
    value, op = draw(PROPERTIES[name]), draw(st.sampled_from(sorted(OPERATORS)))
    args = [{"property": name}, written(value)]
    return {"op": op, "args": args}, lifted(name, lambda held: OPERATORS[op](held, value))


@st.composite
def lists(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(sorted(PROPERTIES)))
    values = draw(st.lists(PROPERTIES[name], min_size=1, max_size=3))
    args = [{"property": name}, [written(value) for value in values]]
    return {"op": "in", "args": args}, lifted(name, lambda held: held in values)


@st.composite
def ranges(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(("sat:absolute_orbit", "published", "datetime", "start_datetime")))
    low, high = draw(PROPERTIES[name]), draw(PROPERTIES[name])
    args = [{"property": name}, written(low), written(high)]
    return {"op": "between", "args": args}, lifted(name, lambda held: low <= held <= high)


@st.composite
def patterns(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(TEXT_PROPERTIES))
    pattern = draw(st.text("ST1Ar_%.'\\", max_size=4) | st.sampled_from(("%A%", "s%", "S1A%", "%.r1", "_LR_", "50\\%")))
    return {"op": "like", "args": [{"property": name}, pattern]}, lifted(name, lambda held: like(held, pattern))


def like(text: str, pattern: str) -> bool:
    """LIKE by its definition: consume pattern and text together."""
    if not pattern:
        return not text
    head, rest = pattern[0], pattern[1:]
    if head == "%":
        return any(like(text[cut:], rest) for cut in range(len(text) + 1))
    if head == "\\":
        return like(text, "") if not rest else bool(text) and text[0] == rest[0] and like(text[1:], rest[1:])
    return bool(text) and (head == "_" or text[0] == head) and like(text[1:], rest)


@st.composite
def nulls(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(sorted(PROPERTIES)))
    return {"op": "isNull", "args": [{"property": name}]}, lambda values: values[name] is None


@st.composite
def folded(draw: st.DrawFn) -> Case:
    text = draw(st.sampled_from(TEXTS))
    args = [{"op": "casei", "args": [{"property": "cadip:antenna_id"}]}, {"op": "casei", "args": [text]}]
    return {"op": "=", "args": args}, lifted("cadip:antenna_id", lambda held: held.lower() == text.lower())


@st.composite
def temporal(draw: st.DrawFn) -> Case:
    name, moment = draw(st.sampled_from(("published", "datetime", "start_datetime"))), draw(moments)
    op, compare = draw(st.sampled_from((("t_after", ">"), ("t_before", "<"), ("t_equals", "="))))
    args = [{"property": name}, written(moment)]
    return {"op": op, "args": args}, lifted(name, lambda held: OPERATORS[compare](held, moment))


def conjunction(cases: list[Case]) -> Case:
    def predicate(values: dict[str, Any]) -> Truth:
        truths = [test(values) for _, test in cases]
        return False if False in truths else None if None in truths else True

    return {"op": "and", "args": [each for each, _ in cases]}, predicate


def disjunction(cases: list[Case]) -> Case:
    def predicate(values: dict[str, Any]) -> Truth:
        truths = [test(values) for _, test in cases]
        return True if True in truths else None if None in truths else False

    return {"op": "or", "args": [each for each, _ in cases]}, predicate


def negation(case: Case) -> Case:
    def predicate(values: dict[str, Any]) -> Truth:
        truth = case[1](values)
        return None if truth is None else not truth

    return {"op": "not", "args": [case[0]]}, predicate


leaves = st.one_of(comparisons(), lists(), ranges(), patterns(), nulls(), folded(), temporal())
cases = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(conjunction),
        st.lists(inner, min_size=2, max_size=3).map(disjunction),
        inner.map(negation),
    ),
    max_leaves=6,
)
EXAMPLES = int(os.environ.get("RS_TEST_EXAMPLES", "100"))
OPTIONAL: list[Operator] = sorted(ALL_OPERATORS | {"null"} - {"eq", "and"})
lacking = st.sets(st.sampled_from([each for each in OPTIONAL if each not in {"eq", "and"}]))


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(sessions(), cases, lacking, st.integers(1, 5), st.booleans())
def test_the_answer_is_that_of_brute_force(
    rows: list[dict[str, Any]], case: Case, lacks: set[Operator], limit: int, ascending: bool
) -> None:
    known = (ALL_OPERATORS | {"null"}) - lacks
    for pair in ({"gt", "ge"}, {"lt", "le"}):  # without either of the two no station could be paged
        known |= pair if pair <= lacks else set()
    refused = (ALL_OPERATORS | {"null"}) - known
    service = Service({"mti": StationDouble(rows, refused)}, {"mti": profile_of("mti", operators=known)})
    order = "published" if ascending else "-published"
    found = asyncio.run(service.ids(filter=case[0], limit=limit, sortby=[order]))
    expected = [values_of(row) for row in rows]
    assert sorted(found) == sorted(values["id"] for values in expected if case[1](values) is True), (
        case[0],
        known,
        service.stations["mti"].filters,
    )
