"""API keys as text: `rss_`, 32 random characters, 6 characters of checksum, all of them base62.

The prefix and the checksum let secret scanners find a leaked key with no false alarm (`rss_[0-9A-Za-z]{38}`), and let
the authorizer refuse a mistyped one without a look at the table. Only the SHA-256 of a key is ever stored: with 190
random bits there is nothing to guess, so a slow hash would bring nothing but delay.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib

PREFIX = "rss_"
RANDOM_LENGTH = 32
CHECKSUM_LENGTH = 6
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

KEY = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{RANDOM_LENGTH}}})([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})")


def new_key() -> str:
    """A new random API key."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return PREFIX + random + _checksum(random)


def new_id() -> str:
    """A short random id, for what has to be named in URLs and logs."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))


def is_key(text: str) -> bool:
    """Whether `text` has the form of an API key and its checksum is right."""
    match = KEY.fullmatch(text)
    return match is not None and hmac.compare_digest(_checksum(match[1]), match[2])


def digest_of(credential: str) -> str:
    """SHA-256 of a key or token in hexadecimal: the name under which the table knows it."""
    return hashlib.sha256(credential.encode()).hexdigest()


def _checksum(text: str) -> str:
    number = zlib.crc32(text.encode())
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
