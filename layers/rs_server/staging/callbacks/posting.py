"""Posting a callback: to the pinned address, over verified TLS, without redirects, cookies, proxies or patience."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection, Mapping
from typing import Protocol

import httpx

from rs_server.errors import BackendFailed, BackendUnavailable
from rs_server.staging.callbacks.addresses import Resolve, Target, check_url, pinned, resolve

SECONDS = 15.0
"""For all of it: a receiver has nothing to do but to take it."""


class Poster(Protocol):
    """Posts callbacks."""

    async def post(self, name: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Return when the receiver has taken it; raises what stands against that."""
        ...


class HttpPoster:
    """Posts over HTTP."""

    def __init__(
        self,
        origins: Collection[str] = (),
        resolver: Resolve = resolve,
        transport: httpx.AsyncBaseTransport | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.origins = origins
        self.resolve = resolver
        self.transport = transport
        self.trust = trust
        """Whose certificates are believed; those that the system's authorities sign, if not told otherwise."""

    async def post(self, name: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Post; raises InvalidRequest for a host that must not be called, else BackendFailed or BackendUnavailable."""
        target = await pinned(check_url(url, self.origins, name), self.origins, self.resolve)
        await self.send(target, headers, body)

    async def send(self, target: Target, headers: Mapping[str, str], body: bytes) -> None:
        """Post to the address of a target, which must be whoever its host's certificate says."""
        address = httpx.URL(target.url)
        extensions: dict[str, str] = {}
        if target.address:
            address = address.copy_with(host=target.address)
            extensions["sni_hostname"] = target.host
        sent = {**headers, "host": target.netloc, "content-type": "application/json", "user-agent": "rs-server"}
        try:
            async with (
                asyncio.timeout(SECONDS),
                httpx.AsyncClient(
                    trust_env=False, transport=self.transport, timeout=SECONDS, verify=self.trust or True
                ) as client,
                client.stream("POST", address, content=body, headers=sent, extensions=extensions) as answer,
            ):
                status = answer.status_code  # its body is nothing to us
        except (httpx.HTTPError, TimeoutError) as error:
            raise BackendUnavailable(f"The receiver at {target.host!r} does not answer.") from error
        if not 200 <= status < 300:
            raise BackendFailed(f"The receiver at {target.host!r} answered with status {status}.")
