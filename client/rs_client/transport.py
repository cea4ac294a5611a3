"""HTTP with one server: the key goes nowhere else, and every refusal becomes an error with a hint."""

from __future__ import annotations

import re
from collections.abc import Generator
from http import HTTPStatus
from typing import Any

import httpx

from rs_client.addresses import base_url_of, is_below
from rs_client.credentials import refusal_of
from rs_client.errors import Refused, RsClientError, ServiceFailed, Unauthenticated, Unreachable
from rs_client.repeating import RepeatingTransport

TIMEOUT = httpx.Timeout(60, connect=10)
SHOWN = 300
"""Characters of an answer without a message that an error shows."""
STORAGE_MESSAGE = re.compile(r"<Error>.*<Message>([^<]+)</Message>", re.DOTALL)
"""Where the object storage says in XML what is wrong."""


class KeyAuth(httpx.Auth):
    """Send the key to addresses below `base_url` only: links in answers may lead anywhere."""

    def __init__(self, base_url: str, key: str) -> None:
        self.base_url = base_url
        self.key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add the key as a bearer token."""
        if self.key and is_below(str(request.url), self.base_url):
            request.headers["authorization"] = f"Bearer {self.key}"
        yield request


class Api:
    """One server, reached with one key. Paths are relative to its base URL; full URLs are taken as they are.

    `expires` is when the key ends, as far as the caller knows; it is told when the server refuses the key.
    """

    def __init__(
        self, url: str, key: str = "", *, expires: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        self.url = base_url_of(url)
        self._credential = (key, expires)
        self._http = httpx.Client(
            auth=KeyAuth(self.url, key),
            timeout=TIMEOUT,
            transport=transport or RepeatingTransport(httpx.HTTPTransport(retries=2)),
            headers={"user-agent": "rs-client"},
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def address(self, path: str) -> str:
        """The full URL of `path`."""
        return f"{self.url}{path}" if path.startswith("/") else path

    def request(self, method: str, path: str, *, json: Any = None, params: dict[str, Any] | None = None) -> Any:
        """Send a request and give the JSON of its answer (None for an empty one); raises RsClientError."""
        answer = self.send(self.build(method, path, json=json, params=params))
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise ServiceFailed(
                f"{answer.request.url} did not answer with JSON.", "Is this the address of an rs-server?"
            ) from error

    def build(self, method: str, path: str, **parts: Any) -> httpx.Request:
        """Make a request to `path` without sending it; empty parameters are left out, and a query of `path` stays."""
        query = {name: value for name, value in (parts.pop("params", None) or {}).items() if value not in (None, "")}
        return self._http.build_request(method, self.address(path), params=query or None, **parts)

    def send(self, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        """Send a request, never following a redirect; an answer of 400 and above is raised as RsClientError."""
        try:
            answer = self._http.send(request, stream=stream)
            if answer.is_error:
                answer.read()
        except httpx.HTTPError as error:
            raise Unreachable(
                f"{request.url.copy_with(query=None)} does not answer: {error or type(error).__name__}.",
                "Check the address and that the server runs, then try again.",
            ) from error
        if answer.is_error:
            answer.close()
            raise self._error_of(answer)
        return answer

    def _error_of(self, answer: httpx.Response) -> RsClientError:
        """The error that an answer of 400 and above stands for; one about the key tells what is wrong with it."""
        if answer.status_code == HTTPStatus.UNAUTHORIZED and is_below(str(answer.request.url), self.url):
            return Unauthenticated(*refusal_of(*self._credential))
        return error_of(answer)


def error_of(answer: httpx.Response) -> Refused | ServiceFailed:
    """The error that an answer of 400 and above stands for."""
    message = _message(answer)
    status = answer.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServiceFailed(message, f"HTTP {status}. Try again in a moment.")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Refused(message, f"Try again in {answer.headers.get('retry-after', 'a few')} seconds.", status=status)
    return Refused(message, HINTS.get(status, f"HTTP {status}."), status=status)


HINTS: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "Change the request as told and send it again.",
    HTTPStatus.FORBIDDEN: "Ask the owner for the right (`rs share`), or use a key that is not narrowed.",
    HTTPStatus.NOT_FOUND: "It does not exist, or is not yours to see: check how it is spelt.",
}


def _message(answer: httpx.Response) -> str:
    """What the server says is wrong: STAC's, OGC's or the gateway's member of an error body, else the body's start."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if isinstance(body, dict):
        for member in ("description", "detail", "title", "message", "Message"):
            if isinstance(body.get(member), str) and body[member]:
                return str(body[member])
    told = STORAGE_MESSAGE.search(answer.text)
    text = told[1] if told else answer.text.strip()[:SHOWN]
    return text or f"HTTP {answer.status_code} {answer.reason_phrase}".rstrip()
