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

from local.looking import look

START_SECONDS = 300
"""What a station that starts is given on a machine that does other things as well."""
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
    http: httpx.Client
    """Without a token. One for all requests: making one reads certificates, which takes longer than an answer."""

    def log_in(self, client: str = "body") -> dict[str, str]:
        form = {"grant_type": "password", **USER, "scope": self.scope}
        if client == "body":
            answer = self.http.post("/oauth2/token", data=form | CLIENT)
        else:
            answer = self.http.post("/oauth2/token", data=form, auth=tuple(CLIENT.values()))
        return {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}

    def cpu_seconds(self) -> float:
        """Processor time the station has used, from the kernel's table of processes."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def fault(self, **settings: object) -> None:
        self.http.post("/_sim/faults", json=settings).raise_for_status()

    def stats(self) -> dict:
        return self.http.get("/_sim/stats").json()


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
            if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                raise AssertionError(process.stdout.read().decode() if process.stdout else "no station")
            time.sleep(0.02)
        seconds = time.monotonic() - began
        with httpx.Client(base_url=origin, timeout=60) as http:
            yield RunningStation(origin, origin + context, scope, seconds, process.pid, http)
    finally:
        process.terminate()
        process.communicate(timeout=120)


def _healthy(origin: str) -> bool:
    answer = look(f"{origin}/_sim/health")
    return answer is not None and answer.is_success


@pytest.fixture(scope="module")
def mti() -> Iterator[RunningStation]:
    with station("cadip", "--profile", "mti", context="/cadip/1.0/odata/v1", scope="openid") as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "mti" in request.fixturenames:
        running = request.getfixturevalue("mti")
        running.http.delete("/_sim/faults")
        running.http.delete("/_sim/stats")
