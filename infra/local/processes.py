"""Processes that outlive the command which started them: started in a session of their own, ended by their pid.

A pid alone does not name a process, since the system gives it out again; a record also keeps when the process began.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept about a started process, to find and to end exactly that one later."""

    pid: int
    began: str
    """When it began, in the system's own words: compared, never read."""
    command: list[str]

    def save(self, path: Path) -> None:
        """Write the record for a later command to find."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self)))

    def alive(self) -> bool:
        """Whether this very process still runs."""
        return self.began != "" and beginning(self.pid) == self.began


def load(path: Path) -> Record | None:
    """The record at `path`, if there is one."""
    return Record(**json.loads(path.read_text())) if path.exists() else None


def beginning(pid: int) -> str:
    """When the process began, or nothing if it has ended (a zombie has ended)."""
    status = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return "" if fields[0] == "Z" else fields[19]
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def start(command: Sequence[str], log: Path, folder: Path) -> Record:
    """Start `command` in `folder`; all it prints goes to `log`, which begins anew."""
    log.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    # Through a shell that ends at once: the process is then nobody's child, and may outlive us without a word.
    script = '"$@" >"$0" 2>&1 </dev/null & echo $!'
    answer = subprocess.run(
        ["/bin/sh", "-c", script, str(log), *command],
        capture_output=True,
        check=True,
        cwd=folder,
        start_new_session=True,
    )
    pid = int(answer.stdout)
    return Record(pid, beginning(pid), list(command))


def stop(record: Record, seconds: float = 20) -> None:
    """End the process and its children: asked first, killed after `seconds`."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if not record.alive():
            return
        os.killpg(os.getpgid(record.pid), sign)
        _wait_for_end(record, seconds)


def _wait_for_end(record: Record, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while record.alive() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
