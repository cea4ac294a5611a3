"""Quicklooks: small grey images, real PNG files."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from simulators.payload import Body

SIDE = 64
SIGNATURE = b"\x89PNG\r\n\x1a\n"


@cache
def quicklook(seed: int) -> bytes:
    """A PNG of 64 by 64 grey pixels (ISO/IEC 15948: signature, then IHDR, IDAT and IEND chunks)."""
    pixels = b"".join(map(bytes, Body(seed, SIDE * SIDE).chunks()))
    rows = b"".join(b"\0" + pixels[start : start + SIDE] for start in range(0, len(pixels), SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
