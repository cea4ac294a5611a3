"""The OData client of one station: pages, entities, actions and byte streams, with its token and our patience.

Search and staging use the same one. Every address it asks is below the station's service root; a redirect leads only to
hosts of the station's profile, and keeps the token only for the same host or a trusted one, never from https to http.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, NamedTuple

import httpx

from rs_server.errors import BackendFailed, InvalidRequest, RsServerError
from rs_server.stations.odata.gate import Gate, OpenGate
from rs_server.stations.odata.http import (
    ATTEMPTS,
    RETRIED,
    Deadline,
    Retries,
    Timing,
    failure_of_status,
    failure_of_transport,
)
from rs_server.stations.odata.query import ODataQuery, entity_path
from rs_server.stations.odata.tokens import StationTokens
from rs_server.stations.profiles.model import Station

MAX_REDIRECTS = 5
MAX_BYTES = 64 * 1024 * 1024
"""The largest JSON that is read; a page of the largest sessions has some 10 MB."""
COUNT = re.compile(r"\d{1,18}", re.ASCII)
SIGNATURES = frozenset({"x-amz-credential", "x-amz-signature", "signature", "sig"})
"""Query parameters of an address that is signed: it refuses a token beside its signature."""
Decode = Callable[[bytes], Any]
"""Reads JSON; raises ValueError for what is none."""
Row = dict[str, Any]
"""An entity as the station wrote it."""


class Page(NamedTuple):
    """Rows of one answer. `total` is the station's own, where asked for; `next_link` where it gave one."""

    rows: list[Row]
    total: int | None = None
    next_link: str = ""


class ODataClient:
    """Talks to one station. `http` must not follow redirects and must not carry credentials of its own."""

    def __init__(
        self,
        station: Station,
        http: httpx.AsyncClient,
        tokens: StationTokens,
        gate: Gate | None = None,
        timing: Timing | None = None,
        decode: Decode = json.loads,
    ) -> None:
        self.station = station
        self.http = http
        self.tokens = tokens
        self.gate = gate or OpenGate()
        self.timing = timing or Timing()
        self.decode = decode

    def url_of(self, entity_set: str, key: str = "", suffix: str = "") -> str:
        """Address of an entity set, of one entity, or of what hangs on it (`/$value`, `/Files`)."""
        path = entity_path(entity_set, key, quoted=self.station.quoted_keys) if key else entity_set
        return f"{self.station.service_root}{path}{suffix}"

    def owns(self, url: str) -> bool:
        """Whether `url` is below this station's service root, as plainly as we write addresses ourselves."""
        try:
            address = httpx.URL(url)
        except httpx.InvalidURL:
            return False
        return str(address).startswith(self.station.service_root) and ".." not in address.path

    async def get_page(
        self, entity_set: str, query: ODataQuery, deadline: Deadline | None = None, *, attempts: int = ATTEMPTS
    ) -> Page:
        """One page of an entity set, such as `Sessions` or `Sessions(<id>)/Files`."""
        body = await self.get_json(f"{self.url_of(entity_set)}?{query.encode()}", deadline, attempts=attempts)
        rows = body.get("value")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BackendFailed(f"Station {self.station.id} answered without a list of entities.")
        return Page(rows, _count(body.get("@odata.count")), str(body.get("@odata.nextLink") or ""))

    async def get_json(self, url: str, deadline: Deadline | None = None, *, attempts: int = ATTEMPTS) -> dict[str, Any]:
        """The JSON object at `url`; an answer that is cut or no JSON counts as a failure that may pass."""
        deadline = deadline or self.deadline()
        retries = Retries(self.station.id, deadline, attempts)
        while True:
            request = self._request("GET", url, {"accept": "application/json"})
            async with self._open(request, retries, download=False) as answer:
                try:
                    async with asyncio.timeout(deadline.remaining):
                        body = self.decode(await self._read(answer))
                    if isinstance(body, dict):
                        return body
                    failure: RsServerError = BackendFailed(f"Station {self.station.id} answered with no JSON object.")
                except ValueError:
                    failure = BackendFailed(f"Station {self.station.id} answered with JSON that is cut or malformed.")
                except (httpx.HTTPError, TimeoutError) as error:
                    failure = failure_of_transport(self.station.id, error)
            await retries.pause_or_raise(failure)

    async def post_action(self, url: str, body: Mapping[str, Any], deadline: Deadline | None = None) -> dict[str, Any]:
        """Call an OData action; sent once, since an action may not be repeatable. An empty answer is `{}`."""
        deadline = deadline or self.deadline()
        retries = Retries(self.station.id, deadline, attempts=1)
        request = self._request("POST", url, {"accept": "application/json"}, body)
        async with self._open(request, retries, download=False) as answer:
            try:
                async with asyncio.timeout(deadline.remaining):
                    content = await self._read(answer)
                decoded = json.loads(content) if content.strip() else {}
            except (httpx.HTTPError, TimeoutError) as error:
                raise failure_of_transport(self.station.id, error) from None
            except ValueError:
                raise BackendFailed(f"Station {self.station.id} answered with JSON that is cut or malformed.") from None
        return decoded if isinstance(decoded, dict) else {}

    @asynccontextmanager
    async def stream(
        self, url: str, headers: Mapping[str, str] | None = None, *, deadline: Deadline | None = None
    ) -> AsyncIterator[httpx.Response]:
        """A download whose body is still to be read (`aiter_raw`): status 200, 202 or 206, after redirects.

        `headers` such as Range go along on every redirect. Failures before the body are retried until `deadline`;
        the body's own (httpx.HTTPError) are the reader's, who knows how far it came. Raises InvalidRequest for an
        address that is not this station's, NotFound for 404, else Backend* errors.
        """
        retries = Retries(self.station.id, deadline or self.deadline())
        async with self._open(self._request("GET", url, headers or {}), retries, download=True) as response:
            yield response

    async def _read(self, answer: httpx.Response) -> bytes:
        """The body of an answer; raises BackendFailed for one that would fill our memory."""
        chunks, size = [], 0
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            if size > MAX_BYTES:
                raise BackendFailed(f"Station {self.station.id} answers with more than {MAX_BYTES // 1024**2} MiB.")
            chunks.append(chunk)
        return b"".join(chunks)

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> httpx.Request:
        if not self.owns(url):
            raise InvalidRequest(f"{url.split('?')[0]!r} is not an address of station {self.station.id}.")
        return self.http.build_request(method, url, headers=dict(headers), json=body, timeout=self._timeout())

    @asynccontextmanager
    async def _open(self, request: httpx.Request, retries: Retries, *, download: bool) -> AsyncIterator[httpx.Response]:
        """A good answer, with one of the station's connections held until its body was read."""
        async with self.gate.hold(retries.deadline, download=download):
            response = await self._answer(request, retries)
            try:
                yield response
            finally:
                await response.aclose()

    def deadline(self) -> Deadline:
        """The deadline of a request whose caller sets none."""
        return Deadline.after(self.station.limits.timeout_seconds, self.timing)

    def _timeout(self) -> httpx.Timeout:
        seconds = self.station.limits.timeout_seconds
        return httpx.Timeout(seconds, connect=min(5.0, seconds))

    async def _answer(self, request: httpx.Request, retries: Retries) -> httpx.Response:
        """Send until a good answer: one new token after a 401, pauses after failures that may pass."""
        rejected = ""
        while True:
            token = await self.tokens.current(retries.deadline, rejected)
            try:
                async with asyncio.timeout(retries.deadline.remaining):
                    response = await self._follow(request, token)
            except (httpx.HTTPError, TimeoutError) as error:
                await retries.pause_or_raise(failure_of_transport(self.station.id, error))
                continue
            if response.status_code < HTTPStatus.MULTIPLE_CHOICES:
                return response
            await response.aclose()
            failure = failure_of_status(self.station.id, response, self.timing)
            if response.status_code == HTTPStatus.UNAUTHORIZED and not rejected:
                rejected = token
            elif response.status_code in RETRIED:
                await retries.pause_or_raise(failure)
            else:
                raise failure

    async def _follow(self, request: httpx.Request, token: str) -> httpx.Response:
        """Send one request and go where redirects lead, with the token only where it may go."""
        for _ in range(MAX_REDIRECTS):
            response = await self.http.send(self._with_token(request, token), stream=True)
            if response.next_request is None:
                return response
            await response.aclose()
            request = self._redirected(request, response)
        raise BackendFailed(f"Station {self.station.id} redirects in circles.")

    def _redirected(self, request: httpx.Request, response: httpx.Response) -> httpx.Request:
        assert response.next_request is not None
        target = response.next_request.url
        if request.method != "GET" or target.scheme not in {"http", "https"}:
            raise BackendFailed(f"Station {self.station.id} redirects to where we do not go.")
        if not self._known_host(target.host):
            raise BackendFailed(
                f"Station {self.station.id} redirects to {target.host!r}, which is no host of it. If it is, the "
                "operator adds it to the station's redirect_hosts."
            )
        headers = {name: value for name, value in request.headers.items() if name not in {"host", "authorization"}}
        return self.http.build_request("GET", target, headers=headers, timeout=self._timeout())

    def _known_host(self, host: str) -> bool:
        known = (httpx.URL(self.station.service_root).host, *self.station.trusted_hosts, *self.station.redirect_hosts)
        return host in known

    def _with_token(self, request: httpx.Request, token: str) -> httpx.Request:
        header = self.station.authentication.header
        request.headers.pop(header, None)
        if self._trusted(request.url):
            request.headers[header] = f"Bearer {token}" if header == "Authorization" else token
        return request

    def _trusted(self, target: httpx.URL) -> bool:
        root = httpx.URL(self.station.service_root)
        if SIGNATURES & {name.lower() for name in target.params}:
            return False
        if root.scheme == "https" and target.scheme != "https":
            return False
        same_origin = (target.host, target.port) == (root.host, root.port)
        return same_origin or target.host in self.station.trusted_hosts


def _count(written: object) -> int | None:
    """A count as stations write it: a number, or a text of digits."""
    text = str(written)
    return int(text) if COUNT.fullmatch(text) else None
