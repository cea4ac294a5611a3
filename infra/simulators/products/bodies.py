"""The bodies that products draw from: few lengths and seeds, so that a million products need few hashes."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from simulators.payload import md5_of
from simulators.products.kinds import Kind

SEEDS = (1, 2)
SPREAD = (1.0, 0.97, 1.02, 0.88, 1.05, 0.93, 1.01, 0.99)
"""Lengths around a kind's sizes; the first product of a kind has a recorded size itself."""


def lengths_of(kind: Kind, size_scale: float) -> tuple[int, ...]:
    """The lengths of a kind's bodies at a scale, at least one byte each."""
    return tuple(max(1, round(size * factor * size_scale)) for factor in SPREAD for size in kind.sizes)


@dataclass(frozen=True, slots=True)
class BodyPool:
    """The MD5 of every body, by seed and length."""

    digests: dict[tuple[int, int], str]

    @classmethod
    def of(cls, lengths: Collection[int]) -> BodyPool:
        """The pool for these lengths; hashes as many bytes as the longest body has, once for each seed."""
        return _pool(frozenset(lengths))


@cache
def _pool(lengths: frozenset[int]) -> BodyPool:
    with ThreadPoolExecutor(len(SEEDS)) as threads:
        found = threads.map(lambda seed: (seed, md5_of(seed, lengths)), SEEDS)
        return BodyPool({(seed, length): digest for seed, digests in found for length, digest in digests.items()})
