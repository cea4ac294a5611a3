"""Trouble: faults at the stations and deaths of workers, at random moments but from a seed, until it is told to end."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

Fault = dict[str, Any]

EVERYWHERE: tuple[Fault, ...] = (
    {"kind": "unauthorized", "target": "download", "revoke": True, "count": 1},
    {"kind": "too_many_requests", "target": "download", "retry_after": 2},
    {"kind": "too_many_requests", "target": "download", "quota_body": True},
    {"kind": "unavailable", "target": "download"},
    {"kind": "unavailable", "target": "metadata", "count": 2},
    {"kind": "malformed_json", "count": 2},
    {"kind": "slow_answer", "target": "download", "seconds": 2},
    {"kind": "slow_bytes", "bytes_per_second": 60_000},
    {"kind": "cut_download"},
    {"kind": "cut_download", "at_byte": 0},
    {"kind": "wrong_length", "difference": -17},
    {"kind": "wrong_length", "difference": 17},
    {"kind": "range_ignored"},
    {"kind": "connection_limit", "connections": 1},
    {"kind": "token_down", "count": 2},
)
OF_PRODUCTS: tuple[Fault, ...] = (*EVERYWHERE, {"kind": "wrong_bytes"})
OF_ARCHIVES: tuple[Fault, ...] = (*OF_PRODUCTS, {"kind": "order_fails", "count": 1})
KINDS: Mapping[str, Sequence[Fault]] = {
    "cadip": EVERYWHERE,
    "auxip": OF_PRODUCTS,
    "prip": OF_PRODUCTS,
    "lta": OF_ARCHIVES,
}
"""Chunks of CADIP have no checksum, so nobody could tell a wrong byte in one."""


@dataclass
class Trouble:
    """A block in which things go wrong."""

    stations: Mapping[str, str]
    """Address of each station, by service."""
    workers: Callable[[], Sequence[int]]
    """Gives the process ids of the workers."""
    chance: random.Random
    struck: Counter[str] = field(default_factory=Counter)
    """How often each fault hit a request."""
    killed: int = 0
    stopped: list[int] = field(default_factory=list)
    """Workers that stand still for good."""
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Trouble:
        self._clear()
        for act, least, most in ((self._fault, 1.0, 3.0), (self._kill, 15.0, 45.0), (self._stop, 30.0, 90.0)):
            chance = random.Random(self.chance.random())
            thread = threading.Thread(target=self._now_and_then, args=(act, least, most, chance), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        """End all faults, and the workers that stand still."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        for url in self.stations.values():
            self.struck.update(httpx.get(f"{url}/_sim/stats").raise_for_status().json()["faults"])
        self._clear()
        for process in self.stopped:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def _now_and_then(
        self, act: Callable[[random.Random], None], least: float, most: float, chance: random.Random
    ) -> None:
        while not self._over.wait(chance.uniform(least, most)):
            act(chance)

    def _fault(self, chance: random.Random) -> None:
        service = chance.choice(sorted(self.stations))
        fault = chance.choice(KINDS[service]) | {"rate": chance.uniform(0.2, 0.7), "duration": chance.uniform(1, 5)}
        httpx.post(f"{self.stations[service]}/_sim/faults", json=fault, timeout=30).raise_for_status()

    def _kill(self, chance: random.Random) -> None:
        workers = [process for process in self.workers() if process not in self.stopped]
        if workers:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                self.killed += 1

    def _stop(self, chance: random.Random) -> None:
        workers = self.workers()
        if workers and not self.stopped:
            process = chance.choice(workers)
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
                self.stopped.append(process)

    def _clear(self) -> None:
        for url in self.stations.values():
            httpx.delete(f"{url}/_sim/faults", timeout=30).raise_for_status()
