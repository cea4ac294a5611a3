"""The station's gate: counts requests, and lets faults strike before a request is served."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_plus

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulators.odata.errors import ODataError
from simulators.service.faults import AT_THE_GATE, Fault, FaultKind, RequestKind
from simulators.service.station import Station

ORDER_ACTIONS = ("/OData.CSC.Order", "/OData.CSC.BatchOrder")
ADMINISTRATION = "/_sim"
QUOTA_BODY = {"code": "DAT-ZIP-100", "message": "Max session number exceeded"}


class Gate:
    """ASGI middleware around the station's application."""

    def __init__(self, app: ASGIApp, station: Station, token_paths: frozenset[str]) -> None:
        self._app = app
        self._station = station
        self._token_paths = token_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, unless a fault answers it; administration is let through uncounted."""
        if scope["type"] != "http" or scope["path"].startswith(ADMINISTRATION):
            await self._app(scope, receive, send)
            return
        kind = self._kind(scope["path"])
        faults = self._station.struck(kind, request_target(scope), AT_THE_GATE)
        stats = self._station.stats
        stats.requests_by_kind[kind] += 1
        scope.setdefault("state", {})["order_fails"] = FaultKind.ORDER_FAILS in faults
        stats.requests.up()
        try:
            await self._serve(scope, receive, self._counting(send), faults)
        finally:
            stats.requests.down()

    def _kind(self, path: str) -> RequestKind:
        if path in self._token_paths:
            return "token"
        if path.endswith(ORDER_ACTIONS):
            return "order"
        return "download" if path.endswith("/$value") else "metadata"

    async def _serve(self, scope: Scope, receive: Receive, send: Send, faults: Mapping[FaultKind, Fault]) -> None:
        if (slow := faults.get(FaultKind.SLOW_ANSWER)) and await _gone(scope, receive, slow.seconds):
            return
        refusal = self._refusal(faults)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif FaultKind.MALFORMED_JSON in faults:
            await self._app(scope, receive, _Malformed(send))
        else:
            await self._app(scope, receive, send)

    def _refusal(self, faults: Mapping[FaultKind, Fault]) -> Response | None:
        if FaultKind.TOKEN_DOWN in faults:
            return error_response(ODataError(503, "The token service is down."))
        if unauthorized := faults.get(FaultKind.UNAUTHORIZED):
            if unauthorized.revoke:
                self._station.tokens.revoke_access()
            return error_response(ODataError(401, "Token is valid but is expired!", {"WWW-Authenticate": "Bearer"}))
        if limit := faults.get(FaultKind.TOO_MANY_REQUESTS):
            return quota_response(limit.retry_after, quota_body=limit.quota_body)
        if unavailable := faults.get(FaultKind.UNAVAILABLE):
            error = ODataError(503, "The station is not available.", _retry_after(unavailable.retry_after))
            return error_response(error)
        return None

    def _counting(self, send: Send) -> Send:
        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._station.stats.answers_by_status[str(message["status"])] += 1
            await send(message)

        return counting


class _Malformed:
    """Sends an answer whose JSON ends in its middle, though its length is as announced."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body") or self._start is None:
            return
        half = self._body[: len(self._body) // 2]
        headers = [(name, value) for name, value in self._start["headers"] if name.lower() != b"content-length"]
        headers.append((b"content-length", str(len(half)).encode()))
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": half})


async def _gone(scope: Scope, receive: Receive, seconds: float) -> bool:
    """Wait; True as soon as the client has hung up. One that sends a body is not listened to."""
    if scope["method"] != "GET":
        await asyncio.sleep(seconds)
        return False
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
            return True
    return False


def request_target(scope: Scope) -> str:
    """A request's path and query, decoded, as faults see it."""
    query = unquote_plus(scope["query_string"].decode("latin-1"))
    return f"{scope['path']}?{query}" if query else str(scope["path"])


def error_response(error: ODataError) -> Response:
    """An OData error as a response."""
    return JSONResponse(error.body(), error.status, error.headers)


def quota_response(retry_after: int | None, *, quota_body: bool) -> Response:
    """A 429, in OData's form or with the body that CDSE sends."""
    error = ODataError(429, "Too many requests.", _retry_after(retry_after))
    body: dict[str, Any] = QUOTA_BODY if quota_body else error.body()
    return Response(json.dumps(body), 429, error.headers, media_type="application/json")


def _retry_after(seconds: int | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(seconds)}
