"""A worker that dies in the middle of a transfer: another one goes on, and the job ends successful all the same."""

from __future__ import annotations

import os
import signal
import time
from urllib.parse import urlsplit

from local.workers import connected, processes_of


def test_a_job_outlives_its_worker(
    alice, collection, products, path_of, prip_faults, ended, stack, station_bytes, tmp_path
):
    item = products[-1]
    (name,) = item.assets
    slow = prip_faults.add("slow_bytes", path=path_of(item), bytes_per_second=15_000)
    job = alice.jobs.stage(collection, [item])
    until = time.monotonic() + 60
    while not prip_faults.struck(slow):
        assert time.monotonic() < until, alice.jobs.get(job.id)
        time.sleep(0.1)
    time.sleep(2)
    workers = processes_of(stack.outputs["StagingWorkerFunctionName"], stack.aws_endpoint_url)
    killed = connected(workers, urlsplit(stack.stations["prip"]["url"]).port)
    for process in killed:
        os.kill(process, signal.SIGKILL)
    assert killed
    assert alice.jobs.get(job.id).status == "running"
    prip_faults.clear()

    assert ended(job.id, 120).status == "successful"
    asset = alice.catalog.item(collection, item.id).assets[name]
    done = alice.downloads.fetch(asset, name, tmp_path)
    assert done.path.read_bytes() == station_bytes(item.assets[name].href)
