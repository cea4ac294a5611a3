"""`python -m chaos`: a fault campaign on the running stack, and its account in `.local/chaos.json`."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from chaos.account import Account, Auditor, Stations
from chaos.campaign import Campaign
from chaos.trouble import Trouble
from local import emulator, stack_file
from local.stack_file import Stack
from local.workers import processes_of
from rs_client import Client

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run a campaign; 1 when anything was lost, corrupt, left over, or did not end."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--files", type=int, default=1000, help="at least so many (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of what is staged and what goes wrong when (default 1)")
    parser.add_argument("--minutes", type=float, default=40, help="after which a job counts as unfinished")
    options = parser.parse_args()
    stack = stack_file.read(ROOT / ".local" / "stack.json")
    if stack is None:
        print("There is no running stack: make up", file=sys.stderr)
        return 1
    account, figures = run(stack, options)
    (ROOT / ".local" / "chaos.json").write_text(json.dumps(asdict(account), indent=2) + "\n")
    print(*(f"{name:>14}: {value}" for name, value in (figures | asdict(account)).items()), sep="\n")
    return 0 if account.clean else 1


def run(stack: Stack, options: argparse.Namespace) -> tuple[Account, dict[str, Any]]:
    """Do the campaign; its account, and what else there is to tell."""
    chance = random.Random(options.seed)
    aws = emulator.session(int(stack.aws_endpoint_url.rpartition(":")[2].strip("/")))
    stations = {service: station["url"] for service, station in stack.stations.items()}
    function = stack.outputs["StagingWorkerFunctionName"]
    started = time.monotonic()
    with Client(stack.api_url, stack.keys["alice"]) as client:
        campaign = Campaign.planned(client, options.files, chance, lambda line: print(line, flush=True))
        trouble = Trouble(stations, lambda: processes_of(function, stack.aws_endpoint_url), chance)
        with trouble:
            campaign.submit_all()
            campaign.wait(options.minutes * 60)
        first = Counter(campaign.statuses.values())
        reasons = Counter(campaign.reasons())
        campaign.submit_again()
        campaign.wait(options.minutes * 60)
        auditor = Auditor(client, results_of(stack), aws.client("s3"), stack.bucket, Stations(stack.stations))
        account = auditor.account(campaign.collection, campaign.work.items, campaign.statuses)
        if account.clean:
            campaign.remove()
    figures = {
        "seed": options.seed,
        "seconds": round(time.monotonic() - started),
        "faults": dict(trouble.struck),
        "workers killed": trouble.killed,
        "stopped": len(trouble.stopped),
        "first round": dict(first),
        "why failed": dict(reasons),
    }
    return account, figures


def results_of(stack: Stack) -> Callable[[str], list[dict[str, Any]]]:
    """What jobs of alice's say of their items."""

    def read(job: str) -> list[dict[str, Any]]:
        answer = httpx.get(
            f"{stack.api_url}/jobs/{job}/results", headers={"x-api-key": stack.keys["alice"]}, timeout=60
        )
        items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
        return items

    return read


if __name__ == "__main__":
    sys.exit(main())
