"""A look at whether a part on this machine answers yet."""

from __future__ import annotations

import httpx


def look(url: str) -> httpx.Response | None:
    """The answer to a GET of a plain HTTP address; None as long as nobody listens there.

    Nothing is read of the certificates that HTTPS would need: that takes a thirtieth of a second of processor at each
    look, and parts are looked at many times while they start.
    """
    try:
        return httpx.get(url, timeout=5, verify=False)
    except httpx.TransportError:
        return None
