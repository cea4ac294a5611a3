"""The ASGI application of a station."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Set
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.middleware import Middleware

from simulators.odata.errors import ODataError
from simulators.payload import Payload
from simulators.service.admin import administration
from simulators.service.downloads import Downloads, PayloadResponse, plan_transfer
from simulators.service.faults import OF_BODIES, Fault, FaultKind
from simulators.service.gate import Gate, error_response, quota_response, request_target
from simulators.service.notifier import notifying
from simulators.service.redirects import ELSEWHERE, Redirects
from simulators.service.station import Station
from simulators.service.tokens import TokenRefused

TOKEN_PATH = "/oauth2/token"  # a URL path
"""Every station takes token calls here too, whatever its own path is."""


def create_app(station: Station) -> FastAPI:
    """The application that serves `station`: its OData service, its token endpoint, `/_sim`."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with notifying(station):
            yield
        station.database.close()

    token_paths = frozenset({TOKEN_PATH, station.profile.auth.token_path})
    gate = Middleware(Gate, station=station, token_paths=token_paths)
    app = FastAPI(lifespan=lifespan, middleware=[gate], openapi_url=None, redirect_slashes=False)
    app.include_router(administration(station))
    _Endpoints(station).add_to(app, token_paths)
    return app


class _Endpoints:
    """The station's own routes."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._redirects = Redirects(station.profile.redirect)
        self._downloads = Downloads(station.stats)

    def add_to(self, app: FastAPI, token_paths: frozenset[str]) -> None:
        """Register the routes and the answers to errors."""
        root = self._station.profile.context.rstrip("/")
        for path in token_paths:
            app.post(path)(self.token)
        app.get(ELSEWHERE + root + "/{path:path}")(self.elsewhere)
        app.get(root)(self.document)
        app.get(root + "/{path:path}")(self.read)
        app.post(root + "/{path:path}")(self.write)
        app.add_exception_handler(ODataError, _odata_error)
        app.add_exception_handler(404, _no_route)
        app.add_exception_handler(405, _no_method)

    async def token(self, request: Request) -> Response:
        """Issue a token."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        try:
            answer = self._station.tokens.issue(form, request.headers.get("authorization"))
        except TokenRefused as refusal:
            return JSONResponse(refusal.body, refusal.status)
        self._station.stats.tokens_by_grant[form["grant_type"]] += 1
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    async def document(self, request: Request) -> Response:
        """Serve the service document, at the service root without a slash too."""
        return await self.read(request, "")

    async def read(self, request: Request, path: str) -> Response:
        """Serve an entity, a page or a payload."""
        self._station.tokens.check(request.headers)
        self._station.stats.requests_by_resource[path.split("(")[0].split("/")[0]] += 1
        root = f"{request.url.scheme}://{request.url.netloc}{self._station.profile.context}"
        answer = await asyncio.to_thread(self._answer, path, request.url.query, root)
        if isinstance(answer, bytes):
            return Response(answer, media_type="application/json")
        faults = self._struck(request, {FaultKind.REDIRECT})
        location = self._redirects.location(request, faults.get(FaultKind.REDIRECT))
        return RedirectResponse(location, 307) if location else self._download(request, answer)

    async def write(self, request: Request, path: str) -> Response:
        """Create an entity, or do an action."""
        self._station.tokens.check(request.headers)
        body = await request.body()
        failing: bool = request.scope["state"]["order_fails"]
        reply = await asyncio.to_thread(self._station.root.post, path, body, self._station.clock.now(), failing=failing)
        content = b"" if reply.entity is None else orjson.dumps(reply.entity)
        return Response(content, reply.status, media_type="application/json")

    async def elsewhere(self, request: Request, path: str) -> Response:
        """Serve a payload at the place that a redirect named."""
        if not self._redirects.is_signed(request):
            self._station.tokens.check(request.headers)
        answer = await asyncio.to_thread(self._answer, path, "", "")
        if not isinstance(answer, Payload):
            raise ODataError(404, "Only downloads are served here.")
        return self._download(request, answer)

    def _answer(self, path: str, query: str, root: str) -> bytes | Payload:
        answer = self._station.root.get(path, query, self._station.clock.now(), root)
        return answer if isinstance(answer, Payload) else orjson.dumps(answer)

    def _struck(self, request: Request, kinds: Set[FaultKind]) -> Mapping[FaultKind, Fault]:
        return self._station.struck("download", request_target(request.scope), kinds)

    def _download(self, request: Request, payload: Payload) -> Response:
        faults = self._struck(request, OF_BODIES)
        limit = self._station.profile.max_downloads
        if fault := faults.get(FaultKind.CONNECTION_LIMIT):
            limit = fault.connections
        span = None if FaultKind.RANGE_IGNORED in faults else request.headers.get("range")
        transfer = plan_transfer(payload.body.length, span, faults)
        lease = self._downloads.enter(request.client.host if request.client else "", limit)
        if lease is None:
            return quota_response(None, quota_body=True)
        return PayloadResponse(payload, transfer, lease)


async def _odata_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ODataError)
    return error_response(error)


async def _no_route(request: Request, _: Exception) -> Response:
    return error_response(ODataError(404, f"There is no resource {request.url.path!r}."))


async def _no_method(request: Request, _: Exception) -> Response:
    return error_response(ODataError(405, f"{request.method} is not allowed here."))
