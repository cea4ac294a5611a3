"""The glue between Lambda, ASGI and our services: public address, CORS, errors, the Lambda handler.

A service is an ASGI application that knows nothing of its prefix or of the gateway. `serve` puts it under its prefix
(`/catalog`) at the deployment's public address, which comes from a parameter and never from Host or X-Forwarded
headers, and lets browsers of any origin read every answer, errors included.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from mangum import Mangum
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rs_server.errors import INTERNAL_ERROR, BackendTimeout, PayloadTooLarge, RsServerError, problem_body, stac_body
from rs_server.telemetry import logger

BaseUrl = Callable[[], Awaitable[str]]
"""Gives the API's public base URL, without a slash at its end."""

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
REFUSALS = "rs.refusals"
"""Member of an ASGI scope: a list that collects what was refused for want of a right, for the audit trail."""
MOST_BODY_BYTES = 6 * 1024 * 1024
"""What Lambda takes in one invocation (Lambda quotas: 6 MB a request). Gateways take more, or have no limit."""
ANSWER_SECONDS = 26.0
"""How long a request may take: longer than what it waits for may (25 s), and shorter than the gateway waits (29 s)."""
PROXY_HEADERS = (b"host", b"forwarded", b"x-forwarded-")
EXPOSED_HEADERS = ("content-disposition", "etag", "link", "location", "preference-applied", "retry-after")


class PublicAddress:
    """ASGI wrapper that makes a service see itself at `{base_url}{prefix}`, whatever the request's headers claim."""

    def __init__(self, app: ASGIApp, base_url: BaseUrl, prefix: str) -> None:
        self.app = app
        self.base_url = base_url
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite address and path of an HTTP request; a path is passed on below the service's root path."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            address = urlsplit(await self.base_url())
        except RsServerError as error:
            await error_response(Request(scope), error)(scope, receive, send)
            return
        headers = [item for item in scope["headers"] if not item[0].lower().startswith(PROXY_HEADERS)]
        # The service itself is asked for with or without a slash; a redirect between the two would lose callers' keys.
        path = address.path + scope["path"] + ("/" if scope["path"] == self.prefix else "")
        public = {
            "scheme": address.scheme,
            "server": (address.hostname, address.port),
            "headers": [(b"host", address.netloc.encode()), *headers],
            "root_path": address.path + self.prefix,
            "path": path,
            "raw_path": path.encode(),
        }
        await self.app({**scope, **public}, receive, send)


class Unshared:
    """ASGI wrapper that keeps caches between us and the caller from showing one caller's answer to another.

    HTTP knows that of `Authorization` (RFC 9111, 3.5), and not of `x-api-key`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, and say of its answer that it is the caller's own, unless it says something itself."""

        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("cache-control", "private, no-cache")
            await send(message)

        await self.app(scope, receive, mark)


class LimitedBody:
    """ASGI wrapper that refuses a body over the limit before anything of it is parsed."""

    def __init__(self, app: ASGIApp, problems: bool, most: int = MOST_BODY_BYTES) -> None:
        self.app = app
        self.problems = problems
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its whole body, of which no more is read than the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        declared = request.headers.get("content-length", "")
        whole = None if declared.isdecimal() and int(declared) > self.most else await self._read(receive)
        if whole is None:
            mebibytes = self.most // (1024 * 1024)
            error = PayloadTooLarge(f"The body is larger than the {mebibytes} MiB that a request may have. Send less.")
            await error_response(request, error, problems=self.problems)(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        messages: list[Message] = [whole]
        await self.app(scope, replay, send)

    async def _read(self, receive: Receive) -> Message | None:
        """The body as one message, or that the caller has gone; None when it is too large."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return message
            body += message.get("body", b"")
            if len(body) > self.most:
                return None
            if not message.get("more_body", False):
                return {"type": "http.request", "body": bytes(body), "more_body": False}


class AnsweredInTime:
    """ASGI wrapper that ends a request before the gateway does, so that the caller is told what to do."""

    def __init__(self, app: ASGIApp, problems: bool, seconds: float = ANSWER_SECONDS) -> None:
        self.app = app
        self.problems = problems
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and answer 504 where nothing was answered in time."""
        begun = False

        async def note(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(self.seconds) as limit:
                await self.app(scope, receive, note)
        except TimeoutError:
            if begun or not limit.expired():
                raise
            error = BackendTimeout(
                f"It was not done after {self.seconds:g} s, and was given up. Where it was to change something, look "
                "first whether it did; else try again later."
            )
            await error_response(Request(scope), error, problems=self.problems)(scope, receive, send)


class ErrorBody(Protocol):
    """How a service writes an error: `stac_body` or `problem_body`."""

    def __call__(self, status: int, message: str, request_id: str, /) -> dict[str, Any]: ...  # noqa: D102


def request_id(request: Request) -> str:
    """The id under which this request is in the logs: Lambda's, else a new one."""
    context = request.scope.get("aws.context")
    if "request_id" not in request.scope:
        request.scope["request_id"] = getattr(context, "aws_request_id", None) or str(uuid.uuid4())
    return str(request.scope["request_id"])


def prefers(request: Request, preference: str) -> bool:
    """Whether the request's Prefer header has this preference, such as `respond-async` (RFC 7240)."""
    sent = request.headers.get("prefer", "").split(",")
    return preference in {each.partition(";")[0].strip().lower() for each in sent}


def error_response(request: Request, error: RsServerError, *, problems: bool = False) -> Response:
    """The answer to a failure of our own, in STAC's form or, with `problems`, in that of OGC API Processes."""
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", error=error.message, request_id=request_id(request))
    headers = {"retry-after": str(error.retry_after)} if error.retry_after is not None else {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    arguments = (error.status, error.message, request_id(request))
    body = problem_body(*arguments, error.problem) if problems else stac_body(*arguments)
    return JSONResponse(body, error.status, headers, PROBLEM_JSON if problems else JSON)


def add_error_handlers(app: FastAPI, *, problems: bool = False) -> None:
    """Answer every failure of `app` in one form: STAC's, or with `problems` that of OGC API Processes (RFC 7807).

    A missing right is noted in `scope["rs.refusals"]` where an audit trail listens there. A body that is too large
    for any service, and an answer that takes too long, are among these failures.
    """
    app.add_middleware(LimitedBody, problems=problems)
    app.add_middleware(AnsweredInTime, problems=problems)
    media_type = PROBLEM_JSON if problems else JSON
    plain: ErrorBody = problem_body if problems else stac_body

    def respond(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
        return JSONResponse(body, status, headers, media_type)

    async def on_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RsServerError)
        if error.refused:
            request.scope.get(REFUSALS, []).append(error.refused)
        return error_response(request, error, problems=problems)

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = dict(error.headers) if error.headers else None
        return respond(error.status_code, plain(error.status_code, str(error.detail), request_id(request)), headers)

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        message = "; ".join(_in_words(fault) for fault in error.errors())
        return respond(HTTPStatus.BAD_REQUEST, plain(HTTPStatus.BAD_REQUEST, message, request_id(request)))

    async def on_bug(request: Request, error: Exception) -> Response:
        logger.exception("unexpected failure", request_id=request_id(request), exc_info=error)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return respond(status, plain(status, INTERNAL_ERROR, request_id(request)))

    app.add_exception_handler(RsServerError, on_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_bug)


def _in_words(fault: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in fault["loc"] if part != "body")
    return f"{where}: {fault['msg']}" if where else str(fault["msg"])


def serve(app: ASGIApp, base_url: BaseUrl, prefix: str = "") -> ASGIApp:
    """Put a service under `prefix` at the public address, with CORS on every answer."""
    return CORSMiddleware(
        Unshared(PublicAddress(app, base_url, prefix)),
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=list(EXPOSED_HEADERS),
        max_age=3600,
    )


def lambda_handler(app: ASGIApp) -> Mangum:
    """The Lambda entry point of an ASGI application behind the REST API. Text of all kinds goes out unencoded."""
    return Mangum(app, lifespan="off", text_mime_types=["text/", "application/"])  # type: ignore[arg-type]  # Awaitable, not Coroutine
