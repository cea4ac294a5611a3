"""Parts are started once, ended by their own pid, and say what went wrong. The processes are real, and short."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local import parts, processes, watch
from local.parts import Home, Part, PartFailed
from local.processes import Record

SLEEP = ("/bin/sh", "-c", "echo started; exec sleep 60")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    yield home
    for name in home.running():
        parts.stop(name, home)


def part(*command: str, ready: bool = True, seconds: float = 60) -> Part:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return Part(name="thing", port=port, command=command or SLEEP, ready=lambda: ready, seconds=seconds)


def test_starting_twice_is_starting_once(home: Home) -> None:
    thing = part()
    assert parts.ensure(thing, home) is True
    first = home.running()["thing"]
    assert parts.ensure(thing, home) is False
    assert home.running()["thing"] == first


def test_another_command_replaces_the_process(home: Home) -> None:
    parts.ensure(part(), home)
    first = home.running()["thing"]
    parts.ensure(part("/bin/sh", "-c", "exec sleep 61"), home)
    assert not first.alive()
    assert home.running()["thing"].command == ["/bin/sh", "-c", "exec sleep 61"]


def test_stopping_ends_the_process_with_its_children(home: Home) -> None:
    parts.ensure(part("/bin/sh", "-c", "sleep 600 & echo $!; wait"), home)
    child = Record(pid := _printed_pid(home), processes.beginning(pid), [])
    assert child.alive()
    assert parts.stop("thing", home) is True
    assert ended(child)
    assert home.running() == {}
    assert parts.stop("thing", home) is False


def ended(process: Record, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while process.alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not process.alive()


def _printed_pid(home: Home) -> int:
    while not (text := home.log("thing").read_text().strip()):
        pass
    return int(text)


def test_one_that_does_not_listen_to_reason_is_killed(home: Home) -> None:
    parts.ensure(part(sys.executable, "-c", "import signal; signal.signal(15, signal.SIG_IGN); signal.pause()"), home)
    record = home.running()["thing"]
    processes.stop(record, seconds=0.3)
    assert not record.alive()


def test_a_busy_port_is_told_by_part_and_port(home: Home) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        busy = Part(name="engine", port=port, command=SLEEP, ready=lambda: True)
        with pytest.raises(PartFailed, match=f"engine needs port {port}, on which another program listens"):
            parts.ensure(busy, home)
    assert home.running() == {}


def test_of_two_stacks_that_start_together_one_is_told_that_the_port_is_busy(tmp_path: Path) -> None:
    first, second = Home(tmp_path / "first"), Home(tmp_path / "second")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listen = (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1")
    thing = Part(name="thing", port=port, command=listen, ready=lambda: parts.is_busy(port))

    def start(home: Home) -> bool:
        try:
            return parts.ensure(thing, home)
        except PartFailed as failure:
            assert f"thing needs port {port}" in str(failure)  # noqa: PT017  # the other one succeeds
            return False

    with ThreadPoolExecutor(2) as both:
        started = list(both.map(start, (first, second)))
    try:
        assert sorted(started) == [False, True]
        assert len(first.running()) + len(second.running()) == 1
    finally:
        parts.stop("thing", first)
        parts.stop("thing", second)


def test_a_part_that_ends_early_shows_the_end_of_its_log(home: Home) -> None:
    with pytest.raises(PartFailed, match=r"(?s)thing ended before it was ready.*no memory left"):
        parts.ensure(part("/bin/sh", "-c", "echo no memory left; exit 3", ready=False), home)


def test_a_part_that_does_not_become_ready_is_told_with_its_log(home: Home) -> None:
    with pytest.raises(PartFailed, match=r"(?s)thing was not ready after 0 s.*started"):
        parts.ensure(part(ready=False, seconds=0.4), home)


def test_a_pid_given_out_again_is_another_process() -> None:
    mine = Record(os.getpid(), "before my time", [])
    assert not mine.alive()
    processes.stop(mine)


def test_a_watched_command_ends_with_the_process_it_is_for() -> None:
    with subprocess.Popen(["/bin/sleep", "60"]) as user:
        command = [sys.executable, "-m", "local.watch", str(user.pid), "/bin/sleep", "60"]
        with subprocess.Popen(command) as watcher:
            user.send_signal(signal.SIGKILL)
            user.wait()
            assert watcher.wait(10) == 256 - signal.SIGTERM


def test_a_watched_command_for_a_process_that_is_gone_ends_at_once() -> None:
    assert watch.run_while(2**22 + 1, ["/bin/sleep", "60"]) == -signal.SIGTERM
