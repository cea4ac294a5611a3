"""Asks requests of the matrix as principals of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx

from rs_server.portal.readiness import REMEMBERED
from tests.e2e.authorization.bodies import CREATING, body_of
from tests.e2e.authorization.cast import Cast
from tests.e2e.authorization.table import THING, Row, rows

FINDINGS = 3
"""How often /ready may find that a service does not answer yet: it starts slowly on a busy machine."""
ORIGIN = {"origin": "https://pages.example"}
PREFLIGHT = {"access-control-request-method": "PUT", "access-control-request-headers": "x-api-key"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One request by one principal."""

    row: Row
    column: str
    name: str
    """What the request makes, if it makes something, has this in its name."""

    @property
    def creates(self) -> bool:
        """Whether something with the cell's name exists after the request, if it worked."""
        return str(self.row) in CREATING

    @property
    def works(self) -> bool:
        """Whether the table says that the request does what it asks for."""
        return self.row.answers[self.column].works


def cells(asked: Iterable[tuple[Row, str]], word: str) -> Sequence[Cell]:
    """Cells for these principals' requests of rows, with names that begin with `word`."""
    numbers = {row: number for number, row in enumerate(rows())}
    return [Cell(row, column, f"{word}{numbers[row]}-{column}") for row, column in asked]


@dataclass(frozen=True, slots=True)
class Asking:
    """Sends the requests of cells by a client of the API."""

    cast: Cast
    http: httpx.Client
    at_once: int = 4
    """Requests on their way at a time. The emulator starts a process of each function for each."""
    own: dict[Cell, str] = field(default_factory=dict)
    """The thing that is consumed by a cell that works, made for this cell alone."""

    def ask_all(self, asked: Sequence[Cell]) -> Mapping[Cell, httpx.Response]:
        """The answers to all cells."""
        with ThreadPoolExecutor(self.at_once) as pool:
            self._prepare(asked, pool)
            return dict(zip(asked, pool.map(self._ask, asked), strict=True))

    def _ask(self, cell: Cell) -> httpx.Response:
        request = self._request(cell)
        answer = self.http.send(request)
        findings = FINDINGS if cell.row.path == "/ready" else 0
        while answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE and findings:
            time.sleep(REMEMBERED)
            answer = self.http.send(request)
            findings -= 1
        return answer

    def _request(self, cell: Cell) -> httpx.Request:
        method = cell.row.method
        headers = {**self.cast.credentials[cell.column], **ORIGIN}
        if method == "OPTIONS":
            headers |= PREFLIGHT
        body = self._body(cell) if method in {"POST", "PUT", "PATCH"} else None
        return self.http.build_request(method, self._path(cell), json=body, headers=headers)

    def _path(self, cell: Cell) -> str:
        things = things_of(cell.row, self.cast.things)
        if cell in self.own:
            things = {**things, cell.row.consumed: self.own[cell]}
        return THING.sub(lambda found: things[found[1]], cell.row.path.partition("#")[0])

    def _body(self, cell: Cell) -> Any:
        changed = self.own.get(cell) or things_of(cell.row, self.cast.things).get(cell.row.consumed, "")
        return body_of(cell.row, self.cast, cell.name, changed)

    def _prepare(self, asked: Sequence[Cell], pool: ThreadPoolExecutor) -> None:
        """Make what cells that work will consume."""
        consuming = [cell for cell in asked if cell.row.consumed and cell.works]
        by_collection: dict[str, list[Cell]] = {}
        for cell in consuming:
            if cell.row.consumed == "item":
                by_collection.setdefault(self.cast.things[_collection_in(cell.row)], []).append(cell)
        for collection_id, found in by_collection.items():
            self.cast.make_items(collection_id, *(_copy(cell) for cell in found))
        self.own.update(zip(consuming, pool.map(self._make, consuming), strict=True))

    def _make(self, cell: Cell) -> str:
        name = _copy(cell)
        match cell.row.consumed:
            case "item":
                return name
            case "kept" | "public":
                return self.cast.make_collection(f"{self.cast.run}-kept-{name}")
            case "key":
                return self.cast.make_key(name)
            case "grant":
                return self.cast.make_grant(name)
            case "login":
                groups = [self.cast.things["group"]] if cell.row.method == "DELETE" else []
                return self.cast.make_user(name, *groups)
            case "subscription":
                return self.cast.make_subscription(name)
            case _:
                assert cell.row.consumed == "job"
                return self.cast.make_job(name)


def _copy(cell: Cell) -> str:
    return f"copy-for-{cell.name.partition('-')[2]}"


def _collection_in(row: Row) -> str:
    found = THING.fullmatch(row.segments[2])
    assert found
    return found[1]


def shows(answer: httpx.Response, marker: str) -> bool:
    """Whether `marker` is in the answer, but for the links that repeat what was asked."""
    document = answer.json()
    document["links"] = [link for link in document.get("links", ()) if link["rel"] not in {"self", "next"}]
    document.pop("$id", None)
    return marker in json.dumps(document)


def things_of(row: Row, things: Mapping[str, str]) -> Mapping[str, str]:
    """What the row's `{things}` stand for; some are another one for each service."""
    mine = f"{row.segments[0]}/"
    return {name.removeprefix(mine): value for name, value in things.items()}


def marker_of(row: Row, things: Mapping[str, str]) -> str:
    """What is in the answers of a list or search that show the thing in question."""
    match row.segments[0]:
        case "processes":
            return "staging"
        case "jobs":
            return things["job"]
        case "subscriptions":
            return things["subscription"]
        case service if f"{service}/stock" in things:
            return f'"{service}:' if row.segments[-1] == "search" else things[f"{service}/stock"]
    if row.path.startswith("/access/keys"):
        return things["key"]
    return things[next((thing for thing in ("public", "members") if f"{{{thing}}}" in row.path), "shared")]


def traces(cast: Cast, columns: Sequence[str]) -> Iterator[str]:
    """Everything that requests can have made, as text."""
    for thing in ("shared", "public"):
        yield json.dumps(cast.call("GET", f"/catalog/collections/{cast.things[thing]}/items?limit=1000"))
    for login in map(cast.login, columns):
        yield json.dumps(cast.call("GET", f"/catalog/collections?limit=1000&filter=owner='{login}'"))
        yield json.dumps(cast.call("GET", f"/access/keys?login={login}"))
    for resource in (f"catalog:{cast.things['shared']}", f"catalog:{cast.owner}:*", "cadip:mti"):
        yield json.dumps(cast.call("GET", f"/access/grants?resource={resource}"))
    yield json.dumps(cast.call("GET", "/access/users?limit=1000"))
    yield json.dumps(cast.call("GET", "/jobs?limit=1000"))
    yield json.dumps(cast.call("GET", "/subscriptions?limit=1000"))
