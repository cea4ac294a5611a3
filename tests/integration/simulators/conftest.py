"""Stations as processes of their own, started by the command that people use."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

CLIENT = {"client_id": "rs-client", "client_secret": "rs-client-secret"}
USER = {"username": "rs", "password": "rs-password"}


@dataclass(frozen=True)
class RunningStation:
    """A station that listens: its origin and its service root."""

    origin: str
    root: str
    scope: str
    seconds_to_start: float
    process: int

    def log_in(self, client: str = "body") -> dict[str, str]:
        form = {"grant_type": "password", **USER, "scope": self.scope}
        if client == "body":
            answer = httpx.post(f"{self.origin}/oauth2/token", data=form | CLIENT)
        else:
            answer = httpx.post(f"{self.origin}/oauth2/token", data=form, auth=tuple(CLIENT.values()))
        return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}

    def cpu_seconds(self) -> float:
        """Processor time the station has used, from the kernel's table of processes."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def fault(self, **settings: object) -> None:
        httpx.post(f"{self.origin}/_sim/faults", json=settings).raise_for_status()

    def stats(self) -> dict:
        return httpx.get(f"{self.origin}/_sim/stats").json()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def station(*arguments: str, context: str = "/odata/v1", scope: str = "") -> Iterator[RunningStation]:
    """Run `rs-sim` with these arguments until the context ends."""
    port = free_port()
    command = [sys.executable, "-m", "simulators", *arguments, "--port", str(port)]
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    origin = f"http://127.0.0.1:{port}"
    try:
        while not _healthy(origin):
            if process.poll() is not None or time.monotonic() - began > 60:
                raise AssertionError(process.stdout.read().decode() if process.stdout else "no station")
            time.sleep(0.02)
        yield RunningStation(origin, origin + context, scope, time.monotonic() - began, process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _healthy(origin: str) -> bool:
    try:
        return httpx.get(f"{origin}/_sim/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def mti() -> Iterator[RunningStation]:
    with station("cadip", "--profile", "mti", context="/cadip/1.0/odata/v1", scope="openid") as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "mti" in request.fixturenames:
        running = request.getfixturevalue("mti")
        httpx.delete(f"{running.origin}/_sim/faults")
        httpx.delete(f"{running.origin}/_sim/stats")
