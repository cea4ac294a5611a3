"""Every principal gets the answer that the matrix says, on every route and method.

All cells are asked of the authorizer and the services in processes of ours (gateway.py), and one or two of each row
of the deployed API, too (sample.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from local.stack_file import Stack
from tests.e2e.authorization.asking import Asking, Cell, cells, marker_of, shows, traces
from tests.e2e.authorization.cast import Cast
from tests.e2e.authorization.sample import sample
from tests.e2e.authorization.table import Expected, Row, principals, rows

CELL_NAME = r"{run}-(?:cell|sent)\d+-\w+"
COMPARED = ("access-control-allow-origin", "allow", "cache-control", "content-type", "www-authenticate")

Answers = Mapping[Cell, httpx.Response]


@pytest.fixture(scope="module")
def before(cast: Cast) -> Mapping[str, Any]:
    """What refused requests are about, before any of them."""
    return shared_things(cast)


@pytest.fixture(scope="module")
def answers(cast: Cast, before: Mapping[str, Any]) -> Answers:
    """The answers to all requests by all principals."""
    everyone = [(row, column) for row in rows() for column in principals()]
    return Asking(cast, cast.http).ask_all(cells(everyone, f"{cast.run}-cell"))


@pytest.fixture(scope="module")
def sent(cast: Cast, stack: Stack, answers: Answers) -> Answers:
    """The answers of the deployed gateway to a sample of the requests."""
    with httpx.Client(base_url=stack.api_url, timeout=180) as http:
        return Asking(cast, http, at_once=2).ask_all(cells(sample(rows()), f"{cast.run}-sent"))


@pytest.fixture(scope="module")
def here(answers: Answers) -> Mapping[tuple[Row, str], httpx.Response]:
    """The answers, by row and column."""
    return {(cell.row, cell.column): answer for cell, answer in answers.items()}


@pytest.mark.parametrize("row", rows(), ids=str)
def test_everyone_gets_the_expected_answer(
    row: Row, here: Mapping[tuple[Row, str], httpx.Response], cast: Cast
) -> None:
    marker = marker_of(row, cast.things)
    found = {column: seen(here[row, column], expected, marker) for column, expected in row.answers.items()}
    assert found == row.answers


def test_the_deployed_gateway_answers_as_expected_and_the_same(
    here: Mapping[tuple[Row, str], httpx.Response], sent: Answers, cast: Cast
) -> None:
    for cell, answer in sent.items():
        expected = cell.row.answers[cell.column]
        assert seen(answer, expected, marker_of(cell.row, cast.things)) == expected, f"{cell.row} for {cell.column}"
        assert form_of(answer) == form_of(here[cell.row, cell.column]), f"{cell.row} for {cell.column}"


def test_every_answer_can_be_read_by_pages_of_other_origins(answers: Answers, sent: Answers) -> None:
    everything = {**answers, **sent}
    closed = {cell for cell, answer in everything.items() if answer.headers.get("access-control-allow-origin") != "*"}
    assert {f"{cell.row} for {cell.column}" for cell in closed if cell.row.method != "HEAD"} == set()


def test_what_was_refused_has_changed_nothing(
    cast: Cast, before: Mapping[str, Any], answers: Answers, sent: Answers
) -> None:
    assert len(answers) == len(rows()) * len(principals())
    assert {cell.row for cell in sent} == set(rows())
    assert shared_things(cast) == before


def test_only_what_was_allowed_was_made(cast: Cast, answers: Answers, sent: Answers) -> None:
    expected = {cell.name for cell in (*answers, *sent) if cell.creates and cell.works}
    everything = " ".join(traces(cast, principals()))
    assert set(re.findall(CELL_NAME.format(run=cast.run), everything)) == expected


def form_of(answer: httpx.Response) -> Mapping[str, Any]:
    """What of an answer is the same for the same request of another thing at another time."""
    is_document = "json" in answer.headers.get("content-type", "") and answer.request.method != "HEAD"
    members = sorted(answer.json()) if is_document and answer.content else None
    headers = {name: answer.headers.get(name) for name in COMPARED}
    return {"status": answer.status_code, **headers, "members": members}


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
    subscription = cast.call("GET", f"/subscriptions/{things['subscription']}")
    documents["subscription"] = [subscription["status"], subscription["label"]]
    keys = cast.call("GET", f"/access/keys?login={cast.owner}")["keys"]
    documents["key"] = [key for key in keys if key["id"] == things["key"]]
    grants = cast.call("GET", f"/access/grants?resource=catalog:{things['shared']}")["grants"]
    documents["grant"] = [grant for grant in grants if grant["id"] == things["grant"]]
    users = cast.call("GET", "/access/users?limit=1000")["users"]
    documents["user"] = [user for user in users if user["login"] == things["login"]]
    assert len(json.dumps(documents)) > 1000
    return documents
