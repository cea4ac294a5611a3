"""A CADIP station in memory, with a reader of `$filter` that shares nothing with the code under test.

`refused` are operators that it answers 400 to, as a real station does; every request it gets is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

Row = dict[str, Any]
Test = Callable[[Row], bool]

TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\(|\)|,|[^\s(),]+)")
REAL_SESSION = (
    Path(__file__).parents[3] / "infra" / "simulators" / "data" / "cadip_session_S1A_20241114143038056552.json"
)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a is not None and a > b),
    "ge": lambda a, b: bool(a is not None and a >= b),
    "lt": lambda a, b: bool(a is not None and a < b),
    "le": lambda a, b: bool(a is not None and a <= b),
}
FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}


def real_session() -> Row:
    session: Row = json.loads(REAL_SESSION.read_text())["value"][0]
    return session


class Refused(Exception):
    """The station does not know this operator."""


class FilterReader:
    """Reads `$filter` by recursive descent into a test for rows."""

    def __init__(self, text: str, refused: Iterable[str] = ()) -> None:
        self.tokens = TOKEN.findall(text)
        assert "".join(self.tokens).replace(" ", "") == text.replace(" ", ""), text
        self.refused = frozenset(refused)

    def read(self) -> Test:
        test = self._or()
        assert not self.tokens, self.tokens
        return test

    def _take(self, *expected: str) -> str:
        token = str(self.tokens.pop(0))
        assert not expected or token in expected, (token, expected)
        return token

    def _use(self, operator: str) -> None:
        if operator in self.refused:
            raise Refused(operator)

    def _or(self) -> Test:
        tests = [self._and()]
        while self.tokens and self.tokens[0] == "or":
            self._use(self._take())
            tests.append(self._and())
        return tests[0] if len(tests) == 1 else lambda row: any(test(row) for test in tests)

    def _and(self) -> Test:
        tests = [self._not()]
        while self.tokens and self.tokens[0] == "and":
            self._use(self._take())
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda row: all(test(row) for test in tests)

    def _not(self) -> Test:
        if self.tokens[0] == "not":
            self._use(self._take())
            inner = self._not()
            return lambda row: not inner(row)
        return self._primary()

    def _primary(self) -> Test:
        token = self._take()
        if token == "(":
            test = self._or()
            self._take(")")
            return test
        if token in FUNCTIONS:
            return self._function(token)
        if token == "tolower":
            self._use(token)
            self._take("(")
            path = self._take()
            self._take(")")
            return self._comparison(lambda row: None if row.get(path) is None else str(row[path]).lower())
        return self._comparison(lambda row: stored(row.get(token)))

    def _function(self, name: str) -> Test:
        self._use(name)
        self._take("(")
        path = self._take()
        self._take(",")
        text = literal(self._take())
        self._take(")")
        return lambda row: row.get(path) is not None and FUNCTIONS[name](row[path], text)

    def _comparison(self, value: Callable[[Row], Any]) -> Test:
        operator = self._take()
        self._use(operator)
        if operator == "in":
            values = []
            while self._take("(", ",", ")") != ")":
                values.append(literal(self._take()))
            return lambda row: value(row) in values
        right = literal(self._take())
        if right is None:
            self._use("null")
        return lambda row: COMPARE[operator](value(row), right)


def literal(token: str) -> Any:
    if token.startswith("'"):
        return token[1:-1].replace("''", "'")
    if token in {"true", "false", "null"}:
        return {"true": True, "false": False, "null": None}[token]
    return stored(token) if "T" in token else float(token)


def stored(value: Any) -> Any:
    """A value as the station compares it: dates as dates."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return datetime.fromisoformat(value)
    return value


class StationDouble:
    """Sessions and Files over HTTP. `before` is called with the number of each request, to change things in between."""

    def __init__(self, sessions: list[Row], refused: Iterable[str] = (), max_top: int = 1000) -> None:
        self.sessions = sessions
        self.refused = tuple(refused)
        self.max_top = max_top
        self.max_result: int | None = None
        """Answer 429 to what finds more."""
        self.requests: list[httpx.Request] = []
        self.before: Callable[[int], httpx.Response | None] = lambda number: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "t", "expires_in": 600})
        self.requests.append(request)
        if response := self.before(len(self.requests)):
            return response
        options = {name: values[0] for name, values in parse_qs(urlsplit(str(request.url)).query).items()}
        try:
            return self._answer(request.url.path.rsplit("/", 1)[1], options)
        except Refused as refused:
            return httpx.Response(400, json={"error": {"code": "400", "message": f"{refused} is not supported"}})

    def _answer(self, entity_set: str, options: dict[str, str]) -> httpx.Response:
        files = [file for session in self.sessions for file in session["Files"]]
        rows = {"Sessions": self.sessions, "Products": self.sessions, "Files": files}[entity_set]
        if "$filter" in options:
            rows = list(filter(FilterReader(options["$filter"], self.refused).read(), rows))
        if self.max_result is not None and len(rows) > self.max_result:
            return httpx.Response(429)
        path, direction = options.get("$orderby", "Id asc").split(" ")
        rows = sorted(rows, key=lambda row: stored(row[path]), reverse=direction == "desc")
        skip, top = int(options.get("$skip", 0)), min(self.max_top, int(options["$top"]))
        shown = options.get("$expand", "").split(",")
        page = [
            {key: value for key, value in row.items() if key in shown or not isinstance(value, list)}
            for row in rows[skip : skip + top]
        ]
        return httpx.Response(200, json={"value": page})

    @property
    def filters(self) -> list[str]:
        """The `$filter` of each request."""
        return [parse_qs(urlsplit(str(each.url)).query).get("$filter", [""])[0] for each in self.requests]
