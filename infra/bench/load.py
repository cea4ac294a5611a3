"""Requests a second that a server answers, measured by locust in a process and an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
LOCUST = ("uv", "run", "--quiet", "--isolated", "--frozen", "--only-group", "bench", "locust")


class LoadFailed(Exception):
    """The load could not be made, or the server failed under it; the message says how."""


@dataclass(frozen=True, slots=True)
class Request:
    """The one request that is sent again and again."""

    name: str
    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """How hard and how long."""

    users: int
    seconds: int


def requests_per_second(url: str, request: Request, load: Load) -> float:
    """Send `request` to the server at `url` as `load` says; raises LoadFailed when an answer is no success."""
    options = ("--headless", "--json", "--only-summary", "--skip-log-setup")
    amount = ("-u", str(load.users), "-r", str(load.users), "-t", f"{load.seconds}s")
    try:
        ran = subprocess.run(
            [*LOCUST, "-f", str(LOCUSTFILE), "--host", url, *options, *amount],
            cwd=LOCUSTFILE.parents[2],
            env=os.environ | {"BENCH_REQUEST": json.dumps(asdict(request))},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise LoadFailed("uv is not on PATH. `make bench` puts it there.") from error
    try:
        (stats,) = json.loads(ran.stdout)
    except ValueError as error:
        raise LoadFailed(f"locust ended with {ran.returncode}: {ran.stderr[-2000:]}") from error
    return rate(stats)


def rate(stats: dict[str, Any]) -> float:
    """Requests a second from what locust counted; raises LoadFailed if a request failed or none was answered."""
    if stats["num_failures"] or not stats["num_requests"]:
        raise LoadFailed(f"{stats['num_failures']} of {stats['num_requests']} requests to {stats['name']} failed.")
    seconds: float = stats["last_request_timestamp"] - stats["start_time"]
    return float(stats["num_requests"] / seconds)
