"""What can be told of a key before a server sees it, and what to tell its user when a server refuses it."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime

KEY_PREFIX = "rss_"
KEY_FORM = re.compile(r"rss_[0-9A-Za-z]{38}")
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKSUM = 6
"""Characters at a key's end that are the CRC-32 of its random part, in base62 (docs/access.md)."""


def fault_of(key: str) -> str:
    """What is wrong with the text of an API key, or nothing. A text that is no key at all may be another credential."""
    if not key.startswith(KEY_PREFIX):
        return ""
    if KEY_FORM.fullmatch(key) is None:
        return f"it has {len(key)} characters where a key has {len(KEY_PREFIX) + 38}; it was cut off, or has more in it"
    random = key[len(KEY_PREFIX) : -CHECKSUM]
    if key[-CHECKSUM:] != _base62(binascii.crc32(random.encode())):
        return "a character of it is not right"
    return ""


def refusal_of(key: str, expires: str = "", now: datetime | None = None) -> tuple[str, str]:
    """Message and hint for a key that a server answered with 401; `expires` is when it ends, as far as is known."""
    new = "Ask an administrator for a new key, then run `rs login` or set RS_API_KEY."
    if not key:
        return (
            "You are not logged in, and this is not open to everyone.",
            "Run `rs login`, or set RS_API_KEY to your key.",
        )
    fault = fault_of(key)
    if fault:
        return f"The API key is mistyped: {fault}.", "Copy the whole key, then run `rs login` or set RS_API_KEY again."
    end = _moment(expires)
    if end is not None and end <= (now or datetime.now(UTC)):
        return f"Your API key expired on {end:%Y-%m-%d at %H:%M} UTC.", new
    return "The server does not accept this key: it expired, was revoked, or belongs to another server.", new


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits.rjust(CHECKSUM, DIGITS[0])
