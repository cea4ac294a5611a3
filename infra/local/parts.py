"""A part of the stack: a process that listens on a port. Starting one twice is starting it once."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import processes

TAIL_LINES = 25


class PartFailed(Exception):
    """A part did not come up; the message says which, why, and what its log ends with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How a part is started, and how one sees that it is ready."""

    name: str
    port: int
    command: tuple[str, ...]
    ready: Callable[[], bool]
    """Whether the part answers as it should; False as long as it does not answer at all."""
    seconds: float = 60
    """How long it may take to become ready."""


@dataclass(frozen=True, slots=True)
class Home:
    """The folder in which parts of one stack keep their records, logs and data."""

    folder: Path

    def record(self, name: str) -> Path:
        """Where the record of a part's process is."""
        return self.folder / "run" / f"{name}.json"

    def log(self, name: str) -> Path:
        """Where a part's output goes."""
        return self.folder / "logs" / f"{name}.log"

    def data(self, name: str) -> Path:
        """The folder of a part's own files."""
        return self.folder / name

    def running(self) -> dict[str, processes.Record]:
        """The parts whose processes run now, by name."""
        records = {path.stem: processes.load(path) for path in sorted((self.folder / "run").glob("*.json"))}
        return {name: record for name, record in records.items() if record is not None and record.alive()}


def is_running(part: Part, home: Home) -> bool:
    """Whether the part's process runs, started by the very command that it has now."""
    record = home.running().get(part.name)
    return record is not None and record.command == list(part.command)


def ensure(part: Part, home: Home) -> bool:
    """Have `part` running and ready; says whether it had to be started. Raises PartFailed."""
    record = home.running().get(part.name)
    if record is not None and is_running(part, home):
        wait(part, home, record)
        return False
    stop(part.name, home)
    with _alone_on(part.port):
        if is_busy(part.port):
            raise PartFailed(
                f"{part.name} needs port {part.port}, on which another program listens. "
                f"End that program, or choose another port (`make help` names the variables)."
            )
        record = processes.start(part.command, home.log(part.name), home.folder)
        record.save(home.record(part.name))
        wait(part, home, record)
    return True


@contextmanager
def _alone_on(port: int) -> Iterator[None]:
    """Let one stack of this machine start something on a port at a time.

    Else two that start together both see it free, and the one that comes late takes the other's part for its own.
    """
    lock = os.open(Path(tempfile.gettempdir()) / f"rs-server-port-{port}.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def stop(name: str, home: Home) -> bool:
    """End the part's process; says whether there was one."""
    path = home.record(name)
    record = processes.load(path)
    if record is None:
        return False
    was_alive = record.alive()
    processes.stop(record)
    path.unlink()
    return was_alive


def wait(part: Part, home: Home, record: processes.Record) -> None:
    """Wait until `part` is ready; raises PartFailed when its process ends or its time is over."""
    deadline = time.monotonic() + part.seconds
    while record.alive():
        if part.ready():
            return
        if time.monotonic() > deadline:
            raise PartFailed(f"{part.name} was not ready after {part.seconds:.0f} s.{tail(home.log(part.name))}")
        time.sleep(processes.POLL_SECONDS)
    raise PartFailed(f"{part.name} ended before it was ready.{tail(home.log(part.name))}")


def is_busy(port: int) -> bool:
    """Whether some program listens on this port of the machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def tail(log: Path) -> str:
    """The last lines of a log, for a message about what failed."""
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
    return f" Its log, {log}, ends with:\n" + "\n".join(f"    {line}" for line in lines)
