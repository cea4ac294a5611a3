"""Every principal gets the answer that the matrix says, on every route and method of the deployed API."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.e2e.authorization.asking import Asking, Cell, cells, marker_of, shows, traces
from tests.e2e.authorization.cast import Cast
from tests.e2e.authorization.refusals import authorizer
from tests.e2e.authorization.table import Expected, Row, principals, rows

CELL_NAME = r"{run}-cell\d+-\w+"


@pytest.fixture(scope="module")
def before(cast: Cast) -> Mapping[str, Any]:
    """What refused requests are about, before any of them."""
    return shared_things(cast)


@pytest.fixture(scope="module")
def answers(cast: Cast, before: Mapping[str, Any]) -> Mapping[Cell, httpx.Response]:
    """The answers to all requests by all principals."""
    with authorizer(cast.stack, cast.provider.issuer) as authorize:
        return Asking(cast, authorize).ask_all(cells(rows(), cast.run))


@pytest.mark.parametrize("row", rows(), ids=str)
def test_everyone_gets_the_expected_answer(row: Row, answers: Mapping[Cell, httpx.Response], cast: Cast) -> None:
    found = {cell.column: answer for cell, answer in answers.items() if cell.row == row}
    marker = marker_of(row, cast.things)
    assert {column: seen(answer, row.answers[column], marker) for column, answer in found.items()} == row.answers


def test_every_answer_can_be_read_by_pages_of_other_origins(answers: Mapping[Cell, httpx.Response]) -> None:
    closed = {cell for cell, answer in answers.items() if answer.headers.get("access-control-allow-origin") != "*"}
    assert {f"{cell.row} for {cell.column}" for cell in closed if cell.row.method != "HEAD"} == set()


def test_what_was_refused_has_changed_nothing(
    cast: Cast, before: Mapping[str, Any], answers: Mapping[Cell, httpx.Response]
) -> None:
    assert len(answers) == len(rows()) * len(principals())
    assert shared_things(cast) == before


def test_only_what_was_allowed_was_made(cast: Cast, answers: Mapping[Cell, httpx.Response]) -> None:
    expected = {cell.name for cell in answers if cell.creates and cell.works}
    everything = " ".join(traces(cast, principals()))
    assert set(re.findall(CELL_NAME.format(run=cast.run), everything)) == expected


def seen(answer: httpx.Response, expected: Expected, marker: str) -> Expected:
    """The answer in the table's words."""
    if expected.shows is None or answer.status_code != expected.status:
        return Expected(answer.status_code)
    return Expected(answer.status_code, shows(answer, marker))


def shared_things(cast: Cast) -> dict[str, Any]:
    """The things that all refused requests of the table are about, as an administrator sees them."""
    things = cast.things
    documents = {path: cast.call("GET", path) for path in (f"/catalog/collections/{things['kept']}",)}
    for collection in ("shared", "public"):
        path = f"/catalog/collections/{things[collection]}"
        documents |= {path: cast.call("GET", path), f"{path}/items/one": cast.call("GET", f"{path}/items/one")}
    documents["job"] = cast.call("GET", f"/jobs/{things['job']}")
    keys = cast.call("GET", f"/access/keys?login={cast.owner}")["keys"]
    documents["key"] = [key for key in keys if key["id"] == things["key"]]
    grants = cast.call("GET", f"/access/grants?resource=catalog:{things['shared']}")["grants"]
    documents["grant"] = [grant for grant in grants if grant["id"] == things["grant"]]
    users = cast.call("GET", "/access/users?limit=1000")["users"]
    documents["user"] = [user for user in users if user["login"] == things["login"]]
    assert len(json.dumps(documents)) > 1000
    return documents
