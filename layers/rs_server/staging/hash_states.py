"""Hashes whose state can be written down, so that another worker goes on where this one ends.

Python's hashlib gives no state away. OpenSSL, on which it is built, does: its contexts of MD5 and of the SHA family are
plain structs without pointers (openssl/md5.h, openssl/sha.h), of the same layout since 0.9. Where it cannot be called,
or does not do what hashlib does, there is no such hash, and a file is hashed in one go.
"""

from __future__ import annotations

import ctypes
import hashlib
from base64 import b64decode, b64encode
from functools import cache

CONTEXTS = {
    "md5": ("MD5", 92, 16),
    "sha1": ("SHA1", 96, 20),
    "sha256": ("SHA256", 112, 32),
    "sha512": ("SHA512", 216, 64),
}
"""OpenSSL's name of each algorithm, the bytes of its context, and those of its digest."""
ROOM = 1024
"""Bytes of memory for a context; more than any takes, should one have grown."""
SAMPLE = bytes(range(251))


class StatefulHash:
    """A hash of one of OpenSSL's algorithms. It is not for use by two threads at once."""

    def __init__(self, library: ctypes.CDLL, name: str) -> None:
        self.name = name
        self._prefix, self._size, self._length = CONTEXTS[name]
        self._library = library
        self._context = ctypes.create_string_buffer(ROOM)
        self._call("Init", self._context)

    def update(self, data: bytes | bytearray) -> None:
        """Hash more bytes; the interpreter's lock is not held meanwhile."""
        size = len(data)
        place = (ctypes.c_char * size).from_buffer(data) if isinstance(data, bytearray) else data
        self._call("Update", self._context, place, ctypes.c_size_t(size))

    def hexdigest(self) -> str:
        """The digest of all bytes so far, after which more may come."""
        context = ctypes.create_string_buffer(self._context.raw, ROOM)
        digest = ctypes.create_string_buffer(self._length)
        self._call("Final", digest, context)
        return digest.raw.hex()

    @property
    def state(self) -> str:
        """What `resume` goes on from, in base64."""
        return b64encode(self._context.raw[: self._size]).decode()

    def resume(self, state: str) -> None:
        """Go on from what `state` was when it was read; raises ValueError for what is no state of this algorithm."""
        raw = b64decode(state, validate=True)
        if len(raw) != self._size:
            raise ValueError(f"A state of {self.name} has {self._size} bytes, not {len(raw)}.")
        self._context = ctypes.create_string_buffer(raw, ROOM)

    def _call(self, function: str, *arguments: object) -> None:
        if getattr(self._library, f"{self._prefix}_{function}")(*arguments) != 1:
            raise ValueError(f"OpenSSL could not do {self._prefix}_{function}.")


def stateful_hash(name: str) -> StatefulHash | None:
    """A hash of algorithm `name` whose state can be written down; None where there is none of it."""
    library = _openssl()
    return StatefulHash(library, name) if library and name in CONTEXTS and _works(name) else None


@cache
def _works(name: str) -> bool:
    """Whether OpenSSL's functions do what hashlib does, with a state that went through text in between."""
    library = _openssl()
    assert library is not None
    try:
        first, second = StatefulHash(library, name), StatefulHash(library, name)
        first.update(SAMPLE)
        second.resume(first.state)
        second.update(SAMPLE)
        return second.hexdigest() == hashlib.new(name, SAMPLE * 2, usedforsecurity=False).hexdigest()
    except (AttributeError, ValueError):  # built without it, or forbidden by its configuration
        return False


@cache
def _openssl() -> ctypes.CDLL | None:
    """The libcrypto that hashlib uses; None where its functions cannot be called."""
    try:
        import _hashlib

        return ctypes.CDLL(_hashlib.__file__)
    except (ImportError, AttributeError, OSError):
        return None
