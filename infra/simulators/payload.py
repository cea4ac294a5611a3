"""The bytes of files and products: made on the fly, the same at every call, never stored.

A body is a block of pseudo-random bytes, repeated. The block's length is a prime number, so two parts of a body that
begin at different multiples of a power of two never hold the same bytes, and a part in the wrong place is noticed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from simulators.odata.errors import ODataError

PERIOD = 1_048_583
"""Length of the repeated block: the first prime above 1 MiB."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Body:
    """`length` bytes that follow from `seed`."""

    seed: int
    length: int

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[memoryview]:
        """The bytes from `start` up to `stop` (default: the end), in pieces of about 1 MiB."""
        block = _doubled_block(self.seed)
        end = self.length if stop is None else min(stop, self.length)
        while start < end:
            size = min(PERIOD, end - start)
            place = start % PERIOD
            yield block[place : place + size]
            start += size


@lru_cache(maxsize=32)
def _doubled_block(seed: int) -> memoryview:
    """The block twice in a row: a slice of one period can begin anywhere."""
    return memoryview(hashlib.shake_128(seed.to_bytes(16, "big")).digest(PERIOD) * 2)


def md5_of(seed: int, lengths: Iterable[int]) -> dict[int, str]:
    """The MD5 of the bodies of one seed at each of `lengths`, in one pass over the longest."""
    digest, done, found = hashlib.md5(usedforsecurity=False), 0, {}
    for length in sorted(set(lengths)):
        for chunk in Body(seed, length).chunks(done):
            digest.update(chunk)
        done = length
        found[length] = digest.hexdigest()
    return found


@dataclass(frozen=True, slots=True)
class FixedBody:
    """Bytes that are at hand."""

    data: bytes

    @property
    def length(self) -> int:
        """How many there are."""
        return len(self.data)

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[memoryview]:
        """The bytes from `start` up to `stop` (default: the end)."""
        yield memoryview(self.data)[start:stop]


@dataclass(frozen=True, slots=True)
class Payload:
    """What `$value` serves: a body with a file name and a content type."""

    body: Body | FixedBody
    name: str
    media_type: str = "application/octet-stream"


def read_range(header: str | None, length: int) -> tuple[int, int] | None:
    """The bytes [start, stop) that a Range header asks for, or None for all of them (RFC 9110, section 14.2).

    Headers in another unit, malformed or with several ranges are ignored, as the RFC allows; raises 416 for a range
    that lies outside.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, stop = max(length - int(last), 0), length
    else:
        start, stop = int(first), min(int(last) + 1, length) if last else length
        if last and int(last) < start:
            return None
    if start >= stop:
        raise ODataError(416, f"The file has {length} bytes.", {"Content-Range": f"bytes */{length}"})
    return start, stop
