"""The station's clock: where its data stand in time, and how fast that time passes.

What a station shows is a function of this clock alone: an entity appears at its PublicationDate, a session's fields
become known as the pass goes on, a copy disappears at its EvictionDate. Setting the clock back or faster therefore
replays a session, with the order and the (compressed) delays of its record.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """A clock that starts at a given instant and runs `speed` times as fast as real time; 0 stands still."""

    def __init__(self, start: int, speed: float = 1.0, real_seconds: Callable[[], float] = time.monotonic) -> None:
        self._real_seconds = real_seconds
        self._start = start
        self._started = real_seconds()
        self._speed = speed

    @property
    def speed(self) -> float:
        """Station seconds for each real second."""
        return self._speed

    def now(self) -> int:
        """The station's time, in microseconds since 1970 UTC."""
        return self._start + round((self._real_seconds() - self._started) * self._speed * 1_000_000)

    def set(self, *, now: int | None = None, speed: float | None = None) -> None:
        """Go on from `now` (default: from where the clock stands) at `speed` (default: unchanged)."""
        self._start = self.now() if now is None else now
        self._started = self._real_seconds()
        if speed is not None:
            self._speed = speed
