"""Checksums as STAC's file extension writes them: multihash in hexadecimal, code and length before the digest.

Codes are those of the multicodec table. Stations declare MD5 (`d5`), some BLAKE3 (`1e`), CADIP nothing; what cannot be
computed here is replaced by SHA-256 of the bytes that were read, as uploads have it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

ALGORITHMS = {
    "11": ("sha1", 20),
    "12": ("sha256", 32),
    "13": ("sha512", 64),
    "1e": ("blake3", 32),
    "d501": ("md5", 16),
}
"""Multihash code (unsigned varint in hexadecimal), the algorithm's name and the digest's length in bytes."""
BARE_MD5 = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Checksum:
    """The digest of a file, in lower-case hexadecimal."""

    algorithm: str
    digest: str

    def __str__(self) -> str:
        code, length = next((code, length) for code, (name, length) in ALGORITHMS.items() if name == self.algorithm)
        return f"{code}{length:02x}{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Checksum | None:
        """Read a multihash, or MD5 without code as some services write it; None for what cannot be computed here."""
        text = text.strip().lower()
        for code, (name, length) in ALGORITHMS.items():
            prefix = f"{code}{length:02x}"
            if re.fullmatch(rf"{prefix}[0-9a-f]{{{2 * length}}}", text):
                return cls(name, text.removeprefix(prefix))
        return cls("md5", text) if BARE_MD5.fullmatch(text) else None


def new_hash(declared: str) -> Any:
    """A hash of the algorithm that `declared` is written in, else SHA-256."""
    checksum = Checksum.parse(declared)
    if checksum and checksum.algorithm == "blake3":
        from blake3 import blake3

        return blake3()
    return hashlib.new(checksum.algorithm if checksum else "sha256", usedforsecurity=False)


def differs(declared: str, computed: str) -> bool:
    """Whether two checksums of one algorithm are not the same; those that cannot be compared do not differ."""
    before, after = Checksum.parse(declared), Checksum.parse(computed)
    return before is not None and after is not None and before.algorithm == after.algorithm and before != after
