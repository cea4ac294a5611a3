"""Asks every request of the matrix as every principal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.e2e.authorization.cast import Cast, collection, execution, item
from tests.e2e.authorization.refusals import REFUSED, Authorize
from tests.e2e.authorization.table import THING, Row

AT_ONCE = 4
"""Requests on their way at a time. The emulator starts a process of the function for each."""
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


def cells(rows: Sequence[Row], run: str) -> Sequence[Cell]:
    """All cells of the table."""
    return [
        Cell(row, column, f"{run}-cell{number}-{column}") for number, row in enumerate(rows) for column in row.answers
    ]


def _grant(resource: str) -> Callable[[Cast, str], Any]:
    return lambda cast, name: {
        "subject": f"user:{name}",
        "resource": resource.format(owner=cast.owner, shared=cast.things["shared"]),
        "actions": ["read"],
    }


CREATING: Mapping[str, Callable[[Cast, str], Any]] = {
    "POST /access/keys": lambda _, name: {"name": name},
    "POST /access/keys#for-owner": lambda cast, name: {"name": name, "login": cast.owner},
    "PUT /access/grants#on-shared": _grant("catalog:{shared}"),
    "PUT /access/grants#on-station": _grant("cadip:mti"),
    "PUT /access/grants#on-all-of-owner": _grant("catalog:{owner}:*"),
    "POST /access/users": lambda _, name: {"login": name},
    "POST /catalog/collections": lambda cast, name: collection(f"{cast.things['kept']}-{name}"),
    "POST /catalog/collections#of-oneself": lambda _, name: collection(name),
    "POST /catalog/collections/{shared}/items": lambda _, name: item(name),
    "POST /catalog/collections/{shared}/items#many": lambda _, name: _features(name),
    "POST /catalog/collections/{shared}/bulk_items": lambda _, name: {"items": {name: item(name)}, "method": "insert"},
    "POST /catalog/collections/{public}/items": lambda _, name: item(name),
    "POST /processes/staging/execution": lambda cast, name: execution(cast.things["shared"], name),
}
"""Bodies of the requests that make something, with its name."""

BODIES: Mapping[str, Callable[[Cast, str], Any]] = {
    "PATCH /access/users/{login}": lambda *_: {"disabled": True},
    "POST /catalog/search": lambda cast, _: {"ids": ["one"], "collections": [cast.things["shared"]]},
    "POST /catalog/aggregate": lambda cast, _: {
        "collections": [cast.things["shared"]],
        "aggregations": ["collection_frequency"],
    },
    "POST /catalog/collections/{shared}/aggregate": lambda *_: {"aggregations": ["total_count"]},
    "PUT /catalog/collections/{shared}/items/{item}": lambda _, name: item(name),
    "PATCH /catalog/collections/{shared}/items/{item}": lambda *_: {"properties": {"platform": "sentinel-1a"}},
    "PUT /catalog/collections/{kept}": lambda _, name: collection(name, "that was replaced"),
    "PATCH /catalog/collections/{kept}": lambda *_: {"title": "Changed"},
    **{f"POST /{service}/search": lambda *_: {"limit": 5} for service in ("cadip", "auxip", "prip", "lta")},
    "POST /processes/nothing/execution": lambda cast, name: execution(cast.things["shared"], name),
}
"""Bodies of other requests, with the value of the thing that they change. All others send `{}`."""


def _features(*names: str) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [item(name) for name in names]}


@dataclass(frozen=True, slots=True)
class Asking:
    """Sends the requests of cells."""

    cast: Cast
    authorize: Authorize
    own: dict[Cell, str] = field(default_factory=dict)
    """The thing that is consumed by a cell that works, made for this cell alone."""

    def ask_all(self, asked: Sequence[Cell]) -> Mapping[Cell, httpx.Response]:
        """The answers to all cells."""
        refused = [cell for cell in asked if cell.column in REFUSED and cell.row.answers[cell.column].status == 401]
        by_service = {(cell.row.segments[0], cell.column): cell for cell in refused}
        direct = set(refused) - set(by_service.values())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            self._prepare(asked, pool)
            answers = pool.map(self._ask, (cell for cell in asked if cell not in direct))
            return {cell: self._refuse(cell) if cell in direct else next(answers) for cell in asked}

    def _refuse(self, cell: Cell) -> httpx.Response:
        return self.authorize(cell.row.method, self._path(cell), self.cast.credentials[cell.column])

    def _ask(self, cell: Cell) -> httpx.Response:
        headers = {**self.cast.credentials[cell.column], **ORIGIN}
        method = cell.row.method
        if method == "OPTIONS":
            headers |= PREFLIGHT
        body = self._body(cell) if method in {"POST", "PUT", "PATCH"} else None
        return self.cast.http.request(method, self._path(cell), json=body, headers=headers)

    def _path(self, cell: Cell) -> str:
        things = things_of(cell.row, self.cast.things)
        if cell in self.own:
            things = {**things, cell.row.consumed: self.own[cell]}
        return THING.sub(lambda found: things[found[1]], cell.row.path.partition("#")[0])

    def _body(self, cell: Cell) -> Any:
        if make := CREATING.get(str(cell.row)):
            return make(self.cast, cell.name)
        if make := BODIES.get(str(cell.row)):
            consumed = cell.row.consumed
            return make(self.cast, self.own.get(cell) or (self.cast.things[consumed] if consumed else ""))
        return {}

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
