"""A whole staging deployment in one process: real stores on moto, a station and services that tests can bend.

Time is the world's own: it stands still while a message is worked on, and jumps to the next message that becomes
visible when there is none.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from typing import Any

from moto import mock_aws

from rs_server.access.principals import Principal
from rs_server.errors import InvalidRequest
from rs_server.staging.authority import Authority
from rs_server.staging.callbacks.notifying import Notifier
from rs_server.staging.catalog import CatalogReader
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.dead_letters import DeadLetters
from rs_server.staging.delivery import Delivery
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.documents import JobDocuments
from rs_server.staging.gathering import Gatherer
from rs_server.staging.jobs import Job
from rs_server.staging.messages import Message
from rs_server.staging.ordering import Ordering
from rs_server.staging.planning import RANGE_SIZE, Planner
from rs_server.staging.process import Execute
from rs_server.staging.publication import Publisher
from rs_server.staging.quotas import Limits
from rs_server.staging.services import Services
from rs_server.staging.stores import Stores
from rs_server.staging.submission import Submissions
from rs_server.staging.subscriptions.desk import SubscriptionDesk
from rs_server.staging.subscriptions.polling import Poller
from rs_server.staging.subscriptions.store import SubscriptionStore
from rs_server.staging.transferring import TransferWorker
from rs_server.staging.transfers import Transfer
from rs_server.staging.verifying import CHECKPOINT, PIECE, Verifier
from rs_server.staging.worker import LEASE_BEAT_SECONDS, LONGEST_WAIT_SECONDS, Worker
from rs_server.staging.worker_wiring import connect_poller
from tests import aws
from tests.atomic_table import atomic_dynamodb
from tests.unit.staging.cast import ALICE, BASE_URL, COLLECTION, ROOT, People, item
from tests.unit.staging.message_queue import Clock, FakeQueue
from tests.unit.staging.processes import Mortal, Process
from tests.unit.staging.services import FakeLambda
from tests.unit.staging.station import FakeStation, Lines
from tests.unit.staging.storage import Storage


async def no_pause(seconds: float) -> None:
    """Pauses of a stream that is opened again take no time here."""


class World:
    """The deployment."""

    def __init__(self, s3: Any, dynamodb: Any, name: str) -> None:
        self.clock = Clock()
        self.s3: Any = Storage(s3, self.clock)
        self.dynamodb = dynamodb
        self.bucket = f"objects-{name}"
        self.table = f"jobs-{name}"
        self.queue = FakeQueue(self.clock)
        self.station = FakeStation()
        self.stations = {"cadip:mti": self.station}
        self.people = People()
        self.items: dict[str, dict[str, Any]] = {}
        """What the catalog has."""
        self.collections = {COLLECTION}
        self.writes: list[str] = []
        """Ids of items in the order in which they were written."""
        self.refusals: dict[str, str] = {}
        """Items that the catalog refuses, and why."""
        self.refusals_pass = 0
        """After how many refusals they pass; 0: never, and the catalog says so."""
        self.pages: dict[str, dict[str, Any]] = {}
        """Answers of the cadip service by page token."""
        self.services = FakeLambda(self)
        self.receiver: Any = None
        """Who gets the callbacks of jobs."""
        self.killed = 0
        self.beat_seconds = 0.02
        self.lease_beat_seconds = LEASE_BEAT_SECONDS
        self.read_back = (PIECE, CHECKPOINT)
        self.quotas = Limits()
        self.range_size = RANGE_SIZE
        self.connections = 3
        self.longest_wait: float = LONGEST_WAIT_SECONDS
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
            quotas=self.quotas,
        )

    def service_calls(self, process: Process | None = None) -> Services:
        client: Any = Mortal(self.services, process or Process())
        names = {function.removesuffix("-fn"): function for function in self.services.functions if function != "ingest"}
        return Services(client, names, "ingest")

    async def base_url(self) -> str:
        return BASE_URL

    async def of(self, station: str) -> FakeStation:
        if station not in self.stations:
            raise InvalidRequest(f"Station {station!r} is not known here.")
        return self.stations[station]

    async def places(self, station: str) -> int:
        await self.of(station)
        return self.connections

    def worker(self, process: Process) -> Worker:
        stores, services = self.stores(process), self.service_calls(process)
        authority = Authority(self.people, self.people)
        catalog = CatalogReader(services)
        cleaner = Cleaner(stores, catalog)
        gatherer = Gatherer(services, self, self.base_url, JobDocuments(stores.objects))
        return Worker(
            stores,
            Planner(stores, services, catalog, gatherer, authority, self.range_size),
            Dispatcher(stores, self),
            Ordering(stores, services, Dispatcher(stores, self), self.clock.now),
            TransferWorker(stores, Lines(self, process), cleaner, self.beat_seconds, sleep=no_pause),
            Publisher(stores, services, catalog, authority, cleaner, Verifier(stores, *self.read_back)),
            cleaner,
            self.longest_wait,
            self.lease_beat_seconds,
        )

    def hands(self, work: Message, process: Process) -> Worker | Poller | Notifier:
        """What does a piece of work."""
        if work.kind == "notify":
            stores = self.stores(process)
            documents = JobDocuments(stores.objects)
            return Notifier(stores.jobs, documents, stores.queue, self.receiver, self.base_url, self.clock.monotonic)
        return self.poller(process) if work.kind == "poll" else self.worker(process)

    def poller(self, process: Process) -> Poller:
        authority = Authority(self.people, self.people)
        services = self.service_calls(process)
        return connect_poller(self.stores(process), services, authority, self.base_url, self.clock.now)

    def subscriptions(self) -> SubscriptionDesk:
        stores = self.stores()
        store = SubscriptionStore(stores.jobs.table, self.clock.now)
        return SubscriptionDesk(store, stores.queue, self.service_calls(), self.people, self.clock.now)

    def dead_letters(self) -> DeadLetters:
        stores = self.stores()
        return DeadLetters(stores.queue.sqs, "dead-letters", stores.queue)

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
        work = Message.from_body(message.body)
        hands = self.hands(work, process)
        delivery = Delivery(
            queue=self.stores(process).queue,
            receipt=message.receipt,
            count=message.count,
            stop_at=self.clock.seconds + 60,
            monotonic=self.clock.monotonic,
        )
        try:
            done = await hands.handle(work, delivery)
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

    def under_way(self) -> list[int]:
        """What the quotas of users say that they have under way: of jobs and of bytes."""
        records = self.dynamodb.scan(TableName=self.table)["Items"]
        return [int(record["used"]["N"]) for record in records if record["pk"]["S"].startswith("quota#")]

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


def create_table(dynamodb: Any, name: str) -> None:
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "owner", "created", "watch")
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
            },
            {
                "IndexName": "by_watch",
                "KeySchema": [
                    {"AttributeName": "watch", "KeyType": "HASH"},
                    {"AttributeName": "created", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
    )


class Worlds:
    """Makes worlds that share one simulated AWS, each with its own bucket and table; `close` when none is needed."""

    def __init__(self) -> None:
        self.aws = mock_aws()
        self.aws.start()
        self.s3 = aws.client("s3")
        self.dynamodb = atomic_dynamodb("us-east-1")
        self.made = 0

    def new(self) -> World:
        """A world in which nothing has happened."""
        self.made += 1
        return World(self.s3, self.dynamodb, str(self.made))

    def close(self) -> None:
        self.aws.stop()
