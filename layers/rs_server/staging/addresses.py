"""Addresses of our own services: what `items.href` may be, parsed once, and never fetched over a host.

An href is taken apart into service, path and query, and only these are used, to invoke the service's function. A host
that is not ours is refused, so there is nothing that could be reached from inside in the caller's name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from rs_server.errors import InvalidRequest

BaseUrl = Callable[[], Awaitable[str]]
"""Gives the API's public base URL, without a slash at its end."""


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """A resource of one of our services: `path` starts with the service's prefix and is decoded, as `query` is."""

    service: str
    path: str
    query: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, href: str, base_url: str, services: Collection[str]) -> ServiceAddress:
        """Read an href below `base_url`; raises InvalidRequest for any other, saying what it must be."""
        allowed = ", ".join(f"{base_url}/{service}/..." for service in sorted(services))
        refusal = InvalidRequest(f"inputs.items.href: {href[:200]!r} is no address of this API. Give one of {allowed}.")
        try:
            address, base = urlsplit(href), urlsplit(base_url)
        except ValueError as error:
            raise refusal from error
        if (address.scheme, address.netloc) != (base.scheme, base.netloc) or not address.path.startswith(base.path):
            raise refusal
        path = unquote(address.path.removeprefix(base.path))
        segments = path.split("/")
        if segments[0] or len(segments) < 2 or segments[1] not in services or {".", ".."} & set(segments):
            raise refusal
        if any(character < " " or character in "\\\x7f" for character in path):
            raise refusal
        return cls(segments[1], path, tuple(parse_qsl(address.query, keep_blank_values=True)))

    def to_document(self) -> dict[str, Any]:
        """The address as a job document keeps it."""
        return {"service": self.service, "path": self.path, "query": [list(pair) for pair in self.query]}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> ServiceAddress:
        """Read what `to_document` wrote."""
        return cls(document["service"], document["path"], tuple((name, value) for name, value in document["query"]))
