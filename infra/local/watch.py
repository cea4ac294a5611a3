"""Run a command for as long as another process lives, so that nothing is left behind by one that was killed.

`python -m local.watch PID COMMAND...`
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from local import processes

POLL_SECONDS = 0.5


def run_while(pid: int, command: Sequence[str]) -> int:
    """Run `command` until it ends, or until the process `pid` has; gives its exit status."""
    began = processes.beginning(pid)
    child = subprocess.Popen(list(command))

    def pass_on(sign: int, _frame: FrameType | None) -> None:
        child.send_signal(sign)

    signal.signal(signal.SIGTERM, pass_on)
    while child.poll() is None:
        if not began or processes.beginning(pid) != began:
            child.terminate()
            return child.wait()
        time.sleep(POLL_SECONDS)
    return child.returncode


if __name__ == "__main__":
    sys.exit(run_while(int(sys.argv[1]), sys.argv[2:]))
