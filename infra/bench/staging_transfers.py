"""How fast a staging worker moves files, how that grows with workers, and how much memory it takes.

Workers are processes that handle messages of a real queue, with a real table behind them; the station is simulated, and
the bucket checks and drops what it is given, so that the worker is what is measured.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench import staging_parts
from bench.results import NotMeasured, Result
from bench.staging_parts import REAL_CHUNK, STATION, STATION_PORT, Backends, File
from local.parts import Home
from rs_server.access.principals import Principal
from rs_server.stac.ids import CollectionId
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.jobs import Job, timestamp, utc_now
from rs_server.staging.planning import RANGE_SIZE

MEBIBYTE = 1024 * 1024
SECONDS = 200
"""After which a transfer counts as stuck."""
POLL_SECONDS = 0.1
"""Asking more often takes a good part of a processor from what is measured; its half counts against the worker."""
PACE = {"kind": "slow_bytes", "bytes_per_second": 10_000_000}


class Places:
    """A station with so many places."""

    def __init__(self, most: int) -> None:
        self.most = most

    async def places(self, _: str) -> int:
        """How many downloads it takes at once."""
        return self.most


def one_stream(home: Home, tools: Path, say: Callable[[str], None], *, quick: bool) -> list[Result]:
    """A worker with one large file beside a plain copy of it, in turns."""
    rounds, scale = (2, 0.5) if quick else (5, 2.0)
    with staging_parts.backends(home, tools) as aws, staging_parts.station(home, scale) as files:
        file = largest(files)
        ratios = []
        for number in range(rounds):
            plain = _copied(aws, file)
            with workers(aws, 1):
                moved(aws, [smallest(files)])
                ours = moved(aws, [file])
            say(f"{file.size / 1e6:.0f} MB, round {number + 1}: copy {plain:.2f} s, worker {ours:.2f} s")
            ratios.append(plain / ours)
    return [Result("staging: one stream against a plain copy", round(median(ratios), 3), 0.9)]


def scaling(home: Home, tools: Path, say: Callable[[str], None], *, quick: bool) -> list[Result]:
    """1, 2 and 4 workers at a station that gives 10 MB/s a connection."""
    each = 1 if quick else 2
    rates = {}
    with staging_parts.backends(home, tools) as aws, staging_parts.station(home, 0.3, PACE) as files:
        chunks = [file for file in files if file.size > 0.29 * REAL_CHUNK]
        for count in (1, 2, 4):
            chosen = chunks[: each * count]
            with workers(aws, count):
                moved(aws, [smallest(files)] * 2 * count, places=count)
                rates[count] = sum(file.size for file in chosen) / moved(aws, chosen, places=count) / 1e6
            say(f"{count} workers: {rates[count]:.1f} MB/s")
    return [
        Result(f"staging: {count} workers, part of linear", round(rates[count] / count / rates[1], 3), 0.8)
        for count in (2, 4)
    ] + [Result("staging: one worker, part of the 10 MB/s that its connection gives", round(rates[1] / 10, 3), 0.8)]


def memory(home: Home, tools: Path, say: Callable[[str], None], *, quick: bool) -> list[Result]:
    """The peak memory of a worker that moves 100 MB, and of one that moves 5 GB."""
    peaks = {}
    for size in (100_000_000, 1_000_000_000 if quick else 5_000_000_000):
        with (
            staging_parts.backends(home, tools) as aws,
            staging_parts.station(home, size / REAL_CHUNK) as files,
            workers(aws, 1) as processes,
        ):
            seconds = moved(aws, [largest(files)], places=1)
            peaks[size] = _peak(processes[0])
            say(f"{size / 1e6:.0f} MB: peak {peaks[size]:.0f} MiB, {size / 1e6 / seconds:.0f} MB/s")
    small, large = peaks.values()
    return [
        Result("staging: peak memory with a large file over that with 100 MB", round(large / small, 3), 1.1, "lower")
    ]


def largest(files: list[File]) -> File:
    """The largest file of the station."""
    return max(files, key=lambda file: file.size)


def smallest(files: list[File]) -> File:
    """The smallest file, with which workers get their token and their connections before they are measured."""
    return min(files, key=lambda file: file.size)


@contextmanager
def workers(aws: Backends, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many worker processes that wait for messages, while the block lasts."""
    command = [sys.executable, "-m", "bench.worker"]
    processes = [subprocess.Popen(command, env=aws.environment, stdout=subprocess.PIPE) for _ in range(count)]
    try:
        for process in processes:
            assert process.stdout is not None
            if process.stdout.readline() != b"ready\n":
                raise NotMeasured("A worker did not start.")
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()
        aws.client("sqs").purge_queue(QueueUrl=aws.queue_url)


def moved(aws: Backends, files: list[File], places: int = 4) -> float:
    """Seconds from dispatching a job with `files` to the last byte of the last one."""
    return asyncio.run(_moved(aws, files, places))


async def _moved(aws: Backends, files: list[File], places: int) -> float:
    stores = aws.stores()
    now = timestamp(utc_now())
    total = sum(file.size for file in files)
    job = Job(
        id=str(uuid.uuid4()),
        principal=Principal(login="alice"),
        collection=CollectionId("alice", "bench"),
        created=now,
        updated=now,
        status="running",
        stage="transferring",
        files=len(files),
        files_left=len(files),
        bytes=total,
    )
    parts_per_range = RANGE_SIZE // (8 * MEBIBYTE) if files[0].size >= 2 * RANGE_SIZE else 0
    await stores.jobs.create(job)
    await stores.transfers.create_all(job.id, staging_parts.transfers_of(job, files, parts_per_range))
    began = time.monotonic()
    await Dispatcher(stores, Places(places)).enter(job)
    while time.monotonic() - began < SECONDS:
        current = await stores.jobs.get(job.id)
        assert current is not None
        if current.files_left == 0:
            return time.monotonic() - began
        if current.stage != "transferring":
            raise NotMeasured(f"The job failed: {current.message}")
        await asyncio.sleep(POLL_SECONDS)
    raise NotMeasured(f"{len(files)} files of {total} bytes were not moved within {SECONDS} s from {STATION}.")


def _copied(aws: Backends, file: File) -> float:
    authorization = staging_parts.headers(f"http://localhost:{STATION_PORT}")["authorization"]
    command = [sys.executable, "-c", COPY, file.url, "plain", authorization]
    answer = subprocess.run(command, env=aws.environment, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise NotMeasured(f"The plain copy failed: {answer.stderr[-500:]}")
    return float(answer.stdout)


COPY = """
import sys, time
from bench.worker import copy
began = time.monotonic()
copy(*sys.argv[1:])
print(time.monotonic() - began)
"""
"""Imports are not timed, as a worker's are not."""


def _peak(process: subprocess.Popen[bytes]) -> float:
    """The most memory a process had resident, in MiB (Linux)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
