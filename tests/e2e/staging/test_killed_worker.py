"""A worker that dies in the middle of a transfer: another one goes on, and the job ends successful all the same."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

SESSION = "S1A_20241114143038056552"
CHUNK = f"DCS_04_{SESSION}_ch1_DSDB_00001.raw"


def workers_of(function: str) -> list[int]:
    """Process ids of the emulator that run this function."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:  # it has ended meanwhile, or is another user's
            continue
        if f"AWS_LAMBDA_FUNCTION_NAME={function}\0".encode() in environment:
            found.append(int(folder.name))
    return found


def test_a_job_outlives_its_worker(alice, collection, faults, ended, stack, station_bytes, tmp_path):
    (item,) = alice.search("cadip", collections=["s1_mti"], ids=[SESSION]).items()
    identifier = item.assets[CHUNK].href.partition("/Files(")[2].removesuffix(")/$value")
    faults.add("slow_bytes", path=re.escape(identifier), bytes_per_second=15_000)
    job = alice.jobs.stage(collection, [item], asset_names=[CHUNK])
    for _ in range(200):
        if faults.stats()["downloads_at_once"]["now"]:
            break
        time.sleep(0.2)
    time.sleep(3)
    killed = workers_of(stack.outputs["StagingWorkerFunctionName"])
    for process in killed:
        os.kill(process, signal.SIGKILL)
    assert killed
    assert alice.jobs.get(job.id).status == "running"
    faults.clear()

    assert ended(job.id, 120).status == "successful"
    asset = alice.catalog.item(collection, SESSION).assets[CHUNK]
    done = alice.downloads.fetch(asset, CHUNK, tmp_path)
    assert done.path.read_bytes() == station_bytes(item.assets[CHUNK].href)
