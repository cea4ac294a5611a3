"""What benchmarks of staging run on: an emulator for table and queue, a sink for objects, a simulated station."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx

from bench.servers import running
from bench.sink import BUCKET
from local import emulator, parts
from local.parts import Home
from local.stations import SECRET_PREFIX, Station
from rs_server.staging.jobs import Job
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.storage.multipart import part_size_of

EMULATOR_PORT, SINK_PORT, STATION_PORT = 9411, 9412, 9413
STATION = "cadip:mti"
JOBS, STATIONS, ACCESS, QUEUE = "bench-jobs", "bench-stations", "bench-access", "bench-transfers"
REAL_CHUNK = 314_571_600
"""Bytes of a chunk at size scale 1 (the recorded session's)."""
CREDENTIALS = {
    "grant_type": "password",
    "username": "rs",
    "password": "rs-password",
    "client_id": "rs-client",
    "client_secret": "rs-client-secret",
    "scope": "openid",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of the station."""

    url: str
    size: int


@dataclass(frozen=True, slots=True)
class Backends:
    """Emulator and sink."""

    queue_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to reach them, and what a worker is told of its deployment."""
        return {
            **os.environ,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": emulator.REGION,
            "AWS_ENDPOINT_URL": emulator.url(EMULATOR_PORT),
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{SINK_PORT}",
            "POWERTOOLS_LOG_LEVEL": "ERROR",
            "BASE_URL_PARAMETER": "/bench/base-url",
            "ACCESS_TABLE": ACCESS,
            "JOBS_TABLE": JOBS,
            "STATIONS_TABLE": STATIONS,
            "STATION_PROFILES": "simulators",
            "STATION_SECRET_PREFIX": SECRET_PREFIX,
            "BUCKET": BUCKET,
            "TRANSFER_QUEUE_URL": self.queue_url,
            "CATALOG_INGEST_FUNCTION": "none",
            "SERVICE_FUNCTIONS": "cadip=none,catalog=none",
        }

    def client(self, service: str) -> Any:
        """A client of the emulator, or for `s3` of the sink."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # any of them
            region_name=emulator.REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            endpoint_url=f"http://127.0.0.1:{SINK_PORT}" if service == "s3" else emulator.url(EMULATOR_PORT),
        )

    def stores(self, s3: Any = None, bucket: str = BUCKET) -> Stores:
        """The stores of jobs."""
        return Stores.connect(
            dynamodb=self.client("dynamodb"),
            s3=s3 or self.client("s3"),
            sqs=self.client("sqs"),
            table=JOBS,
            bucket=bucket,
            queue_url=self.queue_url,
        )


@contextmanager
def backends(home: Home, tools: Path) -> Iterator[Backends]:
    """Emulator and sink with empty tables; `tools` is the folder with the emulator's interpreter."""
    home.folder.mkdir(parents=True, exist_ok=True)
    engine = parts.Part(
        name="emulator",
        port=EMULATOR_PORT,
        command=emulator.command(EMULATOR_PORT, Home(tools)),
        ready=lambda: emulator.is_ready(EMULATOR_PORT),
    )
    emulator.scratch(Home(tools)).mkdir(parents=True, exist_ok=True)
    sink = parts.Part(
        name="sink",
        port=SINK_PORT,
        command=(
            *(sys.executable, "-m", "uvicorn", "bench.sink:create_app", "--factory"),
            *("--port", str(SINK_PORT), "--log-level", "warning", "--no-access-log"),
        ),
        ready=lambda: parts.is_busy(SINK_PORT),
    )
    for name in home.running():  # left by a run that was cut off
        parts.stop(name, home)
    with running(engine, home), running(sink, home):
        made = Backends(Backends("").client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"])
        _make_tables(made.client("dynamodb"))
        secrets = made.client("secretsmanager")
        station = Station("cadip", "mti", STATION_PORT, "/cadip/1.0/odata/v1/")
        secrets.create_secret(Name=station.secret_name, SecretString=station.secret())
        yield made


def _make_tables(dynamodb: Any) -> None:
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    for table in (JOBS, STATIONS, ACCESS):
        index = [("owner", "HASH"), ("created", "RANGE")] if table == JOBS else []
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys + index],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            **(
                {
                    "GlobalSecondaryIndexes": [
                        {
                            "IndexName": "by_owner",
                            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in index],
                            "Projection": {"ProjectionType": "ALL"},
                        }
                    ]
                }
                if index
                else {}
            ),
        )


@contextmanager
def station(home: Home, scale: float, fault: dict[str, Any] | None = None) -> Iterator[list[File]]:
    """The files of a simulated station whose sizes are real ones times `scale`, with a fault if wanted."""
    simulated = Station("cadip", "mti", STATION_PORT, "/cadip/1.0/odata/v1/")
    part = parts.Part(
        name="station",
        port=STATION_PORT,
        command=(
            *(sys.executable, "-m", "simulators", "cadip", "--profile", "mti", "--count", "4"),
            *("--port", str(STATION_PORT), "--size-scale", str(scale)),
        ),
        ready=simulated.is_ready,
    )
    with running(part, home):
        if fault:
            httpx.post(f"{simulated.url}/_sim/faults", json=fault).raise_for_status()
        yield _files(simulated)


def headers(simulated: str) -> dict[str, str]:
    """The header with which the station lets in."""
    answer = httpx.post(f"{simulated}/oauth2/token", data=CREDENTIALS).raise_for_status()
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


def _files(simulated: Station) -> list[File]:
    root = simulated.url + simulated.root
    answer = httpx.get(f"{root}Files", params={"$top": "1000"}, headers=headers(simulated.url), timeout=60)
    rows = answer.raise_for_status().json()["value"]
    return [File(f"{root}Files({row['Id']})/$value", int(row["Size"])) for row in rows]


def transfers_of(job: Job, files: list[File], parts_per_range: int = 0) -> list[Transfer]:
    """A transfer for each file."""
    return [
        Transfer(
            job=job.id,
            number=number,
            item="S1",
            asset=f"{number}.raw",
            station=STATION,
            url=file.url,
            key=f"alice/bench/S1/{job.id}-{number}.raw",
            size=file.size,
            part_size=part_size_of(file.size),
            parts_per_range=parts_per_range,
        )
        for number, file in enumerate(files)
    ]
