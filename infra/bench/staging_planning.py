"""How long it takes to accept and to plan a job of 10 000 files, each an item of its own: the most claims there can be.

Table, bucket and queue are the emulator's, over HTTP. The station's and the catalog's answers are made here: what they
cost is measured elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bench import staging_parts
from bench.results import NotMeasured, Result
from bench.staging_parts import ACCESS, STATION
from local import emulator
from local.parts import Home
from rs_server.access.principals import Principal
from rs_server.access.rights import Rights
from rs_server.staging.authority import Authority
from rs_server.staging.catalog import CatalogReader
from rs_server.staging.documents import JobDocuments
from rs_server.staging.gathering import Gatherer
from rs_server.staging.leases import Lease
from rs_server.staging.planning import Planner
from rs_server.staging.process import Execute
from rs_server.staging.services import Services
from rs_server.staging.sources import Source
from rs_server.staging.submission import Submissions

BASE_URL = "https://bench.test"
ROOT = "https://station.test/odata/v1/"
PAGE = 500
BUCKET = "bench-planning"
ALICE = Principal(login="alice", admin=True)


class Function:
    """Answers for the station's service, page by page, and for the catalog, which has none of the items."""

    def __init__(self, files: int) -> None:
        self.items = [item(number) for number in range(files)]

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803  # Lambda's own names
        """The answer of a function."""
        event = json.loads(Payload)
        body: dict[str, Any] = {"type": "FeatureCollection", "features": [], "links": []}
        if FunctionName == "station":
            start = int((event["queryStringParameters"] or {}).get("token", "0"))
            body["features"] = self.items[start : start + PAGE]
            if start + PAGE < len(self.items):
                body["links"] = [{"rel": "next", "href": f"{BASE_URL}/prip/search?token={start + PAGE}"}]
        answer = {"statusCode": 200, "body": json.dumps(body), "isBase64Encoded": False}
        return {"Payload": Body(json.dumps(answer).encode())}


@dataclass(frozen=True, slots=True)
class Body:
    """What Lambda's answer has."""

    content: bytes

    def read(self) -> bytes:
        """All of it."""
        return self.content


class Everyone:
    """Alice may do everything."""

    async def rights_of(self, principal: Principal) -> Rights:
        """All rights."""
        return Rights(principal)

    async def current(self, principal: Principal) -> Principal:
        """Who it was."""
        return principal


class OneStation:
    """The station of all items."""

    async def of(self, _: str) -> Source:
        """A station that is only asked what is its own."""
        return cast("Source", self)

    def owns(self, url: str) -> bool:
        """Whether an address is the station's."""
        return url.startswith(ROOT)

    async def places(self, _: str) -> int:
        """None, so that nothing is sent."""
        return 0


def measure(home: Home, tools: Path, say: Callable[[str], None], *, quick: bool) -> list[Result]:
    """Seconds to accept and to plan."""
    files = 2_000 if quick else 10_000
    with staging_parts.backends(home, tools) as aws:
        s3 = emulator.session(staging_parts.EMULATOR_PORT).client("s3")
        s3.create_bucket(Bucket=BUCKET)
        accepted, planned = asyncio.run(_measure(aws, s3, files))
    say(f"{files} files: accepted in {accepted:.2f} s, planned in {planned:.1f} s")
    return [
        Result("staging: seconds to accept a job of 10 000 files", round(accepted, 3), 1.0, "lower"),
        Result("staging: seconds to plan a job of 10 000 files", round(planned, 2), 30.0, "lower"),
    ]


async def _measure(aws: staging_parts.Backends, s3: Any, files: int) -> tuple[float, float]:
    stores = aws.stores(s3, BUCKET)
    function = Function(files)
    services = Services(cast("Any", function), {"prip": "station", "catalog": "catalog"}, ACCESS)
    everyone = Everyone()

    async def base_url() -> str:
        return BASE_URL

    async def submit(items: dict[str, Any]) -> tuple[str, float]:
        body = json.dumps({"inputs": {"collection": "bench", "items": items}})
        began = time.monotonic()
        execute = Execute.model_validate_json(body)
        job = await Submissions(stores, services, everyone, base_url).submit(execute, ALICE)
        return job.id, time.monotonic() - began

    _, accepted = await submit({"value": {"type": "FeatureCollection", "features": function.items}})
    job_id, _ = await submit({"href": f"{BASE_URL}/prip/search"})
    gatherer = Gatherer(services, OneStation(), base_url, JobDocuments(stores.objects))
    planner = Planner(stores, services, CatalogReader(services), gatherer, Authority(everyone, everyone))
    job, lease = await stores.jobs.get(job_id), Lease(job_id)
    assert job is not None
    began = time.monotonic()
    await stores.leases.take(lease)
    await planner.plan(job, lease)
    planned = time.monotonic() - began
    after = await stores.jobs.get(job_id)
    if after is None or (after.stage, after.files_left) != ("transferring", files):
        raise NotMeasured(f"The job was not planned: {after}")
    return accepted, planned


def item(number: int) -> dict[str, Any]:
    """An item with one file, about as long as the shortest of a station."""
    name = f"S2B_OPER_MSI_L0__GR_2BPS_20260101T{number:06d}_S20260101T{number:06d}_D04_N05.11"
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "geometry": None,
        "properties": {"datetime": "2026-01-01T00:00:00Z", "rs:station": STATION.replace("cadip:mti", "prip:s2b")},
        "links": [],
        "assets": {f"{name}.tar": {"href": f"{ROOT}Products({number})/$value", "file:size": 18_391_552}},
    }
