"""Addresses of callbacks: who may be called at all, and at which network address.

A callback is a request that we make for a user, from inside. So it goes to public addresses only: the host is resolved
once, each address that it has must be public, and the connection is made to the one that was checked. Origins that the
deployment names are called as they are.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from rs_server.errors import BackendUnavailable, InvalidRequest

LONGEST = 2000
TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""IPv6 networks whose addresses lead to IPv4 ones, which may be private."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a callback goes: the URL, and the address to connect to (empty: the one that its host has)."""

    url: str
    host: str
    netloc: str
    address: str = ""


def parse_origins(text: str) -> frozenset[str]:
    """Read the deployment's allow-list, such as `https://receiver.internal,http://10.0.0.7:8080`."""
    return frozenset(origin.strip().rstrip("/").lower() for origin in text.split(",") if origin.strip())


def check_url(url: str, origins: Collection[str], name: str) -> Target:
    """The target of a callback before its host is resolved; raises InvalidRequest with what it must be."""
    refusal = InvalidRequest(
        f"subscriber.{name}: it must be an https:// address of a host on the Internet, without a user name in it."
    )
    if len(url) > LONGEST or not url.isascii() or any(character <= " " or character in "\\\x7f" for character in url):
        raise refusal
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise refusal from error
    target = Target(url, host, parts.netloc)
    if parts.username is not None or parts.password is not None or not host:
        raise refusal
    if is_listed(target, origins):
        return target
    if parts.scheme != "https" or "." not in host.rstrip(".") or _is_literal(host):
        raise refusal
    return target


async def pinned(target: Target, origins: Collection[str], resolve: Resolve) -> Target:
    """The target with the address to connect to; raises InvalidRequest where it has one that is not public."""
    if is_listed(target, origins):
        return target
    addresses = await resolve(target.host, urlsplit(target.url).port or 443)
    if not addresses or not all(map(is_public, addresses)):
        raise InvalidRequest(f"The host {target.host!r} has an address that is not public; it is not called.")
    return Target(target.url, target.host, target.netloc, addresses[0])


def is_listed(target: Target, origins: Collection[str]) -> bool:
    """Whether the deployment allows the target's origin by name."""
    return f"{urlsplit(target.url).scheme}://{target.netloc}".lower() in origins


def is_public(text: str) -> bool:
    """Whether an address belongs to a host on the Internet, and to that alone."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system's resolver has them; raises BackendUnavailable."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BackendUnavailable(f"The host {host!r} is not found.") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _is_literal(host: str) -> bool:
    """Whether a host is a number rather than a name; `0x7f.1` and the like are numbers to some resolvers."""
    last = host.rstrip(".").rpartition(".")[2]
    return ":" in host or not last or last[0].isdigit()
