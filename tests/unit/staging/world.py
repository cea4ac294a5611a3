"""A whole staging deployment in one process: real stores on moto, a station and services that tests can bend.

Time is the world's own: it stands still while a message is worked on, and jumps to the next message that becomes
visible when there is none. A worker process can be killed at any of its calls; from then on it does nothing more.
"""

# ruff: noqa: N803  # the arguments of AWS clients are written so
from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import httpx
from moto import mock_aws

from rs_server.access.principals import Principal
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant, Rights
from rs_server.errors import BackendFailed, BackendUnavailable, InvalidRequest, NotFound
from rs_server.staging.authority import Authority
from rs_server.staging.catalog import CatalogReader
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.delivery import Delivery
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.documents import JobDocuments
from rs_server.staging.gathering import Gatherer
from rs_server.staging.jobs import Job
from rs_server.staging.messages import Message
from rs_server.staging.planning import RANGE_SIZE, Planner
from rs_server.staging.process import Execute
from rs_server.staging.publication import Publisher
from rs_server.staging.services import Services
from rs_server.staging.stores import Stores
from rs_server.staging.submission import Submissions
from rs_server.staging.transfer import TransferWorker
from rs_server.staging.transfers import Transfer
from rs_server.staging.worker import Worker

BASE_URL = "https://api.test/v1"
ROOT = "https://mti.test/cadip/odata/v1/"
ALICE = Principal(login="alice", key_id="k1")
BOB = Principal(login="bob", key_id="k2")
ADMIN = Principal(login="root", key_id="k3", admin=True)
COLLECTION = "alice:s1-l0"
START = datetime(2026, 11, 23, 10, tzinfo=UTC)
REGION = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}

STANDARD_GRANTS = (
    ("user:alice", "process:staging", {"read", "write", "manage"}),
    ("user:alice", "cadip:mti", {"read", "download"}),
    ("user:bob", "process:staging", {"read", "write", "manage"}),
)


class Killed(BaseException):
    """The worker process is gone."""


@dataclass
class Process:
    """A worker process that dies at its call number `dies_at` (from 0), before that call takes effect."""

    dies_at: int | None = None
    calls: int = 0
    dead: bool = False

    def run(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Make a call of this process."""
        self.dead = self.dead or self.calls == self.dies_at
        self.calls += 1
        if self.dead:
            raise Killed
        return call(*arguments, **named)


class Mortal:
    """A client whose calls are those of a process."""

    def __init__(self, client: Any, process: Process) -> None:
        self._client = client
        self._process = process

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = getattr(self._client, name)
        return lambda *arguments, **named: self._process.run(operation, *arguments, **named)


class Clock:
    """The world's time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Queued:
    """A message in the queue."""

    body: str
    visible: float
    receipt: str
    count: int = 0


class FakeQueue:
    """SQS as far as staging uses it, in the world's time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.messages: list[Queued] = []
        self.dead: list[Queued] = []
        self.sent = 0
        self.refuses = False

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        if self.refuses:
            return {"Failed": [{"Id": entry["Id"], "Code": "InternalError"} for entry in Entries]}
        for entry in Entries:
            self.sent += 1
            visible = self.clock.seconds + entry.get("DelaySeconds", 0)
            self.messages.append(Queued(entry["MessageBody"], visible, f"receipt-{self.sent}"))
        return {"Failed": []}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        for message in self.messages:
            if message.receipt == ReceiptHandle:
                message.visible = self.clock.seconds + VisibilityTimeout

    def receive(self, visibility: int, most: int) -> Queued | None:
        """The next message, waiting in the world's time for one to become visible; None when the queue is empty."""
        while self.messages:
            message = min(self.messages, key=lambda each: each.visible)
            self.clock.seconds = max(self.clock.seconds, message.visible)
            message.count += 1
            if message.count > most:
                self.messages.remove(message)
                self.dead.append(message)
                continue
            message.visible = self.clock.seconds + visibility
            return message
        return None

    def delete(self, message: Queued) -> None:
        self.messages.remove(message)


@dataclass
class FakeStation:
    """A station: files by name, and what it does wrong, as a function from the request to an answer or None."""

    files: dict[str, bytes] = field(default_factory=dict)
    fault: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    requests: list[httpx.Request] = field(default_factory=list)
    process: Process = field(default_factory=Process)

    def owns(self, url: str) -> bool:
        return url.startswith(ROOT) and ".." not in url

    @asynccontextmanager
    async def stream(self, url: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[httpx.Response]:
        if not self.owns(url):
            raise InvalidRequest("not an address of the station")
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(self._answer)) as client,
            client.stream("GET", url, headers=dict(headers or {})) as response,
        ):
            if response.status_code == 404:
                raise NotFound("Station cadip:mti does not have it (any more).")
            if response.status_code in {429, 503}:
                wait = response.headers.get("retry-after")
                raise BackendUnavailable("busy", retry_after=int(wait) if wait else None)
            if response.status_code >= 300:
                raise BackendFailed(f"Station cadip:mti answered with status {response.status_code}.")
            yield response

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.process.run(self._served, request)

    def _served(self, request: httpx.Request) -> httpx.Response:
        return self.fault(request) or self.serve(request)

    def serve(self, request: httpx.Request) -> httpx.Response:
        """The right answer."""
        body = self.files.get(name_in(request))
        if body is None:
            return httpx.Response(404)
        asked = request.headers.get("range")
        if not asked:
            return streamed(200, body, {"content-length": str(len(body)), "etag": etag_of(body)})
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = int(first), int(last) if last else len(body) - 1
        piece = body[start : end + 1]
        headers = {
            "content-range": f"bytes {start}-{end}/{len(body)}",
            "content-length": str(len(piece)),
            "etag": etag_of(body),
        }
        return streamed(206, piece, headers)


def name_in(request: httpx.Request) -> str:
    """Name of the file that a request is for."""
    return request.url.path.split("Files(")[1].split(")")[0]


def etag_of(body: bytes) -> str:
    return f'"{hashlib.sha1(body).hexdigest()}"'


CHUNK = 1_000_000


def streamed(
    status: int, body: bytes, headers: Mapping[str, str], *, breaks_after: int | None = None
) -> httpx.Response:
    """An answer in chunks, which may break off after so many bytes."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), CHUNK):
            piece = body[start : start + CHUNK]
            if breaks_after is not None and start + len(piece) > breaks_after:
                yield piece[: breaks_after - start]
                raise httpx.ReadError("connection lost")
            yield piece
            await asyncio.sleep(0)

    return httpx.Response(status, headers=dict(headers), content=chunks())


class FakeLambda:
    """Our other services, as far as staging calls them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        event = json.loads(Payload)
        self.calls.append((FunctionName, event))
        answer = {"ingest": self._ingest, "catalog-fn": self._catalog, "cadip-fn": self._cadip}[FunctionName](event)
        return {"Payload": Body(json.dumps(answer).encode())}

    def _ingest(self, event: dict[str, Any]) -> dict[str, Any]:
        place = event["items"]
        document = json.loads(self.world.s3.get_object(Bucket=place["bucket"], Key=place["key"])["Body"].read())
        return {"items": [self._write(item) for item in document["features"]]}

    def _write(self, item: dict[str, Any]) -> dict[str, Any]:
        reason = self.world.refusals.get(item["id"])
        if reason:
            return {"id": item["id"], "status": "refused", "reason": reason}
        before = self.world.items.get(item["id"])
        self.world.items[item["id"]] = item
        self.world.writes.append(item["id"])
        return {
            "id": item["id"],
            "status": "created" if before is None else "unchanged" if before == item else "replaced",
        }

    def _catalog(self, event: dict[str, Any]) -> dict[str, Any]:
        path = event["path"]
        if path == f"/catalog/collections/{COLLECTION}" and self.world.collections:
            return reply(200, {"type": "Collection", "id": COLLECTION})
        if path.startswith(f"/catalog/collections/{COLLECTION}/items/"):
            name = path.rpartition("/")[2]
            return reply(200, rendered(self.world.items[name])) if name in self.world.items else missing(path)
        if path == "/catalog/search":
            wanted = event["queryStringParameters"]["ids"].split(",")
            found = [rendered(self.world.items[name]) for name in wanted if name in self.world.items]
            return reply(200, {"type": "FeatureCollection", "features": found, "links": []})
        return missing(path)

    def _cadip(self, event: dict[str, Any]) -> dict[str, Any]:
        page = self.world.pages.get((event["queryStringParameters"] or {}).get("token", ""))
        return reply(200, page) if page else missing(event["path"])


def reply(status: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "body": json.dumps(body), "isBase64Encoded": False}


def missing(path: str) -> dict[str, Any]:
    return reply(404, {"code": "NotFound", "description": f"nothing at {path}"})


def rendered(item: dict[str, Any]) -> dict[str, Any]:
    """A stored item as the catalog shows it: download links as hrefs, the objects as alternates."""
    assets = {
        name: asset
        | {
            "href": f"{BASE_URL}/catalog/collections/{COLLECTION}/items/{item['id']}/download/{name}",
            "alternate": {"s3": {"href": asset["href"]}},
        }
        for name, asset in item["assets"].items()
    }
    return item | {"assets": assets}


class Body:
    """A payload that is read once."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self) -> bytes:
        return self.content


class People:
    """Users and grants."""

    def __init__(self) -> None:
        self.grants = [Grant(who, ResourcePattern.parse(what), frozenset(how)) for who, what, how in STANDARD_GRANTS]

    async def rights_of(self, principal: Principal) -> Rights:
        return Rights.of(principal, self.grants)

    async def current(self, principal: Principal) -> Principal:
        return principal


async def no_pause(seconds: float) -> None:
    """Pauses of a stream that is opened again take no time here."""


class World:
    """The deployment."""

    def __init__(self, s3: Any, dynamodb: Any, name: str) -> None:
        self.s3 = s3
        self.dynamodb = dynamodb
        self.bucket = f"objects-{name}"
        self.table = f"jobs-{name}"
        self.clock = Clock()
        self.queue = FakeQueue(self.clock)
        self.station = FakeStation()
        self.people = People()
        self.items: dict[str, dict[str, Any]] = {}
        """What the catalog has."""
        self.collections = {COLLECTION}
        self.writes: list[str] = []
        """Ids of items in the order in which they were written."""
        self.refusals: dict[str, str] = {}
        """Items that the catalog refuses, and why."""
        self.pages: dict[str, dict[str, Any]] = {}
        """Answers of the cadip service by page token."""
        self.services = FakeLambda(self)
        self.killed = 0
        self.range_size = RANGE_SIZE
        self.connections = 3
        self.s3.create_bucket(Bucket=self.bucket)
        create_table(self.dynamodb, self.table)

    def stores(self, process: Process | None = None) -> Stores:
        process = process or Process()
        return Stores.connect(
            dynamodb=Mortal(self.dynamodb, process),  # type: ignore[arg-type]  # stands in for the client
            s3=Mortal(self.s3, process),  # type: ignore[arg-type]  # stands in for the client
            sqs=Mortal(self.queue, process),  # type: ignore[arg-type]  # stands in for the client
            table=self.table,
            bucket=self.bucket,
            queue_url="queue",
            clock=self.clock.now,
        )

    def service_calls(self, process: Process | None = None) -> Services:
        client: Any = Mortal(self.services, process or Process())
        return Services(client, {"cadip": "cadip-fn", "catalog": "catalog-fn"}, "ingest")

    async def base_url(self) -> str:
        return BASE_URL

    async def of(self, station: str) -> FakeStation:
        if station != "cadip:mti":
            raise InvalidRequest(f"Station {station!r} is not known here.")
        return self.station

    async def places(self, station: str) -> int:
        return self.connections

    def worker(self, process: Process) -> Worker:
        stores, services = self.stores(process), self.service_calls(process)
        authority = Authority(self.people, self.people)
        catalog = CatalogReader(services)
        cleaner = Cleaner(stores, catalog)
        return Worker(
            stores,
            Planner(stores, services, catalog, Gatherer(services, self, self.base_url), authority, self.range_size),
            Dispatcher(stores, self),
            TransferWorker(stores, self, cleaner, beat_seconds=0.02, sleep=no_pause),
            Publisher(stores, services, catalog, authority, cleaner),
            cleaner,
        )

    def submissions(self) -> Submissions:
        return Submissions(self.stores(), self.service_calls(), self.people, self.base_url, self.clock.now)

    async def submit(self, items: dict[str, Any], principal: Principal = ALICE, **inputs: Any) -> str:
        """Start a job; its id."""
        given = {"collection": COLLECTION, "items": items} | inputs
        job = await self.submissions().submit(Execute.model_validate({"inputs": given}), principal)
        return job.id

    async def step(self, process: Process | None = None) -> bool:
        """Work on one message; False when there is none. A process that is killed leaves its message to come again."""
        process = process or Process()
        message = self.queue.receive(visibility=90, most=6)
        if message is None:
            return False
        self.station.process = process
        worker = self.worker(process)
        delivery = Delivery(
            queue=worker.stores.queue,
            receipt=message.receipt,
            count=message.count,
            stop_at=self.clock.seconds + 60,
            monotonic=self.clock.monotonic,
        )
        try:
            done = await worker.handle(Message.from_body(message.body), delivery)
        except BaseException:
            if not process.dead:
                raise
            self.killed += 1
            return True
        if done and not process.dead:
            self.queue.delete(message)
        return True

    async def run(self, processes: Iterator[Process] | None = None, steps: int = 400) -> None:
        """Work until the queue is empty; each message in the next of `processes`."""
        for _ in range(steps):
            if not await self.step(next(processes, None) if processes else None):
                return
        raise AssertionError("the queue does not get empty")

    async def job(self, job_id: str) -> Job:
        job = await self.stores().jobs.get(job_id)
        assert job is not None
        return job

    def documents(self) -> JobDocuments:
        return JobDocuments(self.stores().objects)

    async def transfers(self, job_id: str) -> list[Transfer]:
        return await self.stores().transfers.of_job(job_id)

    def objects(self) -> dict[str, bytes]:
        """Every object that is not a job's document."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        keys = [entry["Key"] for entry in listed if not entry["Key"].startswith("jobs/")]
        return {key: self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in keys}

    def open_uploads(self) -> list[str]:
        return [upload["Key"] for upload in self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])]

    def claims(self) -> list[str]:
        records = self.dynamodb.scan(TableName=self.table)["Items"]
        return [record["pk"]["S"] for record in records if record["sk"]["S"] == "claim"]

    def session(self, name: str, sizes: Mapping[str, int], *, checksums: bool = False) -> dict[str, Any]:
        """A station's item whose files the station then serves: bytes that their name determines."""
        assets = {}
        for asset, size in sizes.items():
            body = random.Random(f"{name}/{asset}").randbytes(size)
            self.station.files[asset] = body
            assets[asset] = {"href": f"{ROOT}Files({asset})/$value", "file:size": size, "roles": ["cadu"]}
            if checksums:
                assets[asset]["file:checksum"] = "d50110" + hashlib.md5(body).hexdigest()
        return item(name, assets)


def item(name: str, assets: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """An item as a station service answers it."""
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [
            "https://stac-extensions.github.io/file/v2.1.0/schema.json",
            "https://stac-extensions.github.io/authentication/v1.1.0/schema.json",
        ],
        "id": name,
        "collection": "s1_mti",
        "geometry": None,
        "properties": {
            "datetime": "2024-11-14T14:30:44.018Z",
            "rs:station": "cadip:mti",
            "published": "2024-11-14T14:31:11.032Z",
            "expires": "2024-11-21T14:31:00Z",
            "auth:schemes": {"oauth": {"type": "oauth2"}},
        }
        | properties,
        "links": [{"rel": "self", "href": f"{BASE_URL}/cadip/collections/s1_mti/items/{name}"}],
        "assets": assets,
    }


def create_table(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "owner", "created")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_owner",
                "KeySchema": [
                    {"AttributeName": "owner", "KeyType": "HASH"},
                    {"AttributeName": "created", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


class Worlds:
    """Makes worlds that share one simulated AWS, each with its own bucket and table; `close` when none is needed."""

    def __init__(self) -> None:
        self.aws = mock_aws()
        self.aws.start()
        self.s3 = boto3.client("s3", **REGION)
        self.dynamodb = boto3.client("dynamodb", **REGION)
        self.made = 0

    def new(self) -> World:
        """A world in which nothing has happened."""
        self.made += 1
        return World(self.s3, self.dynamodb, str(self.made))

    def close(self) -> None:
        self.aws.stop()
