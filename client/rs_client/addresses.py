"""Addresses of a server: pure functions on URLs."""

from __future__ import annotations

from urllib.parse import quote

from rs_client.errors import NotConfigured


def is_below(url: str, base_url: str) -> bool:
    """Whether `url` is an address of the server at `base_url`."""
    return url == base_url or url.startswith((f"{base_url}/", f"{base_url}?"))


def in_path(text: str) -> str:
    """`text` as one segment of a URL's path."""
    return quote(text, safe=":")


def base_url_of(text: str) -> str:
    """`text` as httpx writes the URL, without a slash at its end; raises NotConfigured if it is no web address."""
    import httpx

    hint = "Run `rs login`, set RS_URL (and RS_API_KEY), or use --url."
    if not text:
        raise NotConfigured("No server address is given.", hint)
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise NotConfigured(f"{text!r} is no server address: {error}.", hint) from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise NotConfigured(f"{text!r} is no server address.", hint)
    return str(url).rstrip("/")
