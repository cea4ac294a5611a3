"""Worker processes, which can be killed at any of their calls; from then on they do nothing more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class Killed(BaseException):
    """The worker process is gone."""


@dataclass
class Process:
    """A worker process that dies at its call number `dies_at` (from 0), before that call takes effect."""

    dies_at: int | None = None
    calls: int = 0
    dead: bool = False

    def pause(self) -> None:
        """What comes before each call: nothing, while the process is not kept from its work."""

    def run(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Make a call of this process."""
        self.dead = self.dead or self.calls == self.dies_at
        self.calls += 1
        if self.dead:
            raise Killed
        return call(*arguments, **named)

    def ask(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Ask a station, which is a call as well."""
        return self.run(call, *arguments)


@dataclass
class StandingStill(Process):
    """A worker process that stands still before its call number `stands_at` and knows nothing of it when it goes on."""

    stands_at: int = 0
    standing: threading.Event = field(default_factory=threading.Event)
    going_on: threading.Event = field(default_factory=threading.Event)

    def pause(self) -> None:
        if self.calls >= self.stands_at and not self.going_on.is_set():
            self.standing.set()
            assert self.going_on.wait(300)


ONE_CALL = threading.Lock()
"""The simulated AWS is no server: two calls at once would trip over each other."""


class Mortal:
    """A client whose calls are those of a process."""

    def __init__(self, client: Any, process: Process) -> None:
        self._client = client
        self._process = process

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = getattr(self._client, name)

        def call(*arguments: Any, **named: Any) -> Any:
            if isinstance(named.get("Body"), bytearray):  # moto keeps the body itself, not what was sent
                named["Body"] = bytes(named["Body"])
            self._process.pause()
            with ONE_CALL:
                return self._process.run(operation, *arguments, **named)

        return call
