"""A fault campaign: a hundred files in ten sessions, everything going wrong now and then, and nothing may be lost.

Stations break off, refuse, ignore ranges and send wrong bytes; S3, DynamoDB and SQS throttle calls, or do them and lose
the answer; workers die at any call, three of them at once, and messages come twice. What must hold in the end is
that every job has ended and that catalog and bucket agree to the last byte.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from botocore.exceptions import ClientError, ConnectionClosedError

from rs_server.errors import RsServerError
from rs_server.staging.messages import Message
from rs_server.storage.multipart import PART_SIZE
from tests.unit.staging.acting import look_after
from tests.unit.staging.processes import Killed, Process
from tests.unit.staging.station import name_in, streamed
from tests.unit.staging.world import World, Worlds

SESSIONS = 10
FILES = 10
WORKERS = 3
MOST_STEPS = 3_000
"""Deliveries of messages; a campaign has some hundreds."""
SIZES = (0, 10, 5_000, 60_000, 400_000)
LARGE = 2 * PART_SIZE + 12_345
"""A file in three ranges."""


@dataclass
class RoughProcess(Process):
    """A worker process that may die at any call, and whose calls may fail before or after they took effect."""

    chance: random.Random = field(default_factory=random.Random)
    deadly: float = 0.004
    throttled: float = 0.01
    lost: float = 0.005

    def run(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self.dead = self.dead or self.chance.random() < self.deadly
        if self.dead:
            raise Killed
        trouble = self.chance.random()
        if trouble < self.throttled:
            error = {"Error": {"Code": "SlowDown", "Message": "Please reduce your request rate."}}
            raise ClientError(error, getattr(call, "__name__", "call"))
        answer = call(*arguments, **named)
        if trouble > 1 - self.lost:
            raise ConnectionClosedError(endpoint_url="https://aws.test")
        return answer

    def ask(self, call: Callable[..., Any], *arguments: Any) -> Any:
        self.dead = self.dead or self.chance.random() < self.deadly
        if self.dead:
            raise Killed
        return call(*arguments)


@dataclass
class RoughStation:
    """What the station does wrong, a fifth of the time."""

    world: World
    chance: random.Random
    checked: frozenset[str]
    """Files with a declared checksum: a wrong byte in any other could not be noticed by anyone."""
    rate: float = 0.2

    def __call__(self, request: httpx.Request) -> httpx.Response | None:
        if self.chance.random() >= self.rate:
            return None
        return self.chance.choice(
            (self.busy, self.unavailable, self.not_yet, self.broken, self.cut, self.range_ignored, self.wrong_byte)
        )(request)

    def busy(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"retry-after": "5"})

    def unavailable(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(503)

    def not_yet(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(202)

    def broken(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(500)

    def cut(self, request: httpx.Request) -> httpx.Response:
        right, body = self.world.station.serve(request), self._asked(request)
        place = self.chance.randrange(len(body) + 1)
        return streamed(right.status_code, body, right.headers, breaks_after=place)

    def range_ignored(self, request: httpx.Request) -> httpx.Response:
        body = self.world.station.files[name_in(request)]
        return streamed(200, body, {"content-length": str(len(body))})

    def wrong_byte(self, request: httpx.Request) -> httpx.Response | None:
        right, body = self.world.station.serve(request), bytearray(self._asked(request))
        if not body or name_in(request) not in self.checked:
            return None
        body[self.chance.randrange(len(body))] ^= 0xFF
        return streamed(right.status_code, bytes(body), right.headers)

    def _asked(self, request: httpx.Request) -> bytes:
        body = self.world.station.files[name_in(request)]
        first, _, last = request.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")
        return body[int(first) : int(last) + 1 if last else len(body)]


class Campaign:
    """The sessions, the jobs that stage them, and how they end."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.jobs: dict[str, str] = {}
        """Session of each job."""
        self.files: dict[str, dict[str, bytes]] = {}
        self.steps = 0

    async def submit(self) -> None:
        """Ten sessions, with and without checksums, atomic and partial; two of them are staged twice."""
        checked = set()
        for number in range(SESSIONS):
            sizes = {f"{number}-{name}.raw": self.chance.choice(SIZES) for name in range(FILES)}
            if number < 2:
                sizes[f"{number}-0.raw"] = LARGE
            session = self.world.session(f"S{number}", sizes, checksums=number % 2 == 0)
            checked |= sizes.keys() if number % 2 == 0 else set()
            self.files[f"S{number}"] = {name: self.world.station.files[name] for name in sizes}
            publication = self.chance.choice(("atomic", "partial"))
            for _ in range(2 if number in {3, 6} else 1):
                self.jobs[await self.world.submit({"value": session}, publication=publication)] = f"S{number}"
        self.world.station.fault = RoughStation(self.world, self.chance, frozenset(checked))

    async def run(self) -> None:
        """Work with three workers at a time, and look after the jobs when the queue is empty, until all are closed."""
        dismissed = self.chance.choice(sorted(self.jobs))
        for round_number in range(30):
            await asyncio.gather(*(self._worker() for _ in range(WORKERS)))
            if not await self._open():
                return
            if round_number == 0 and await self.world.stores().jobs.dismiss(dismissed):
                await self.world.stores().queue.send([Message("finish", dismissed)])
            self.world.clock.seconds += 1300
            await look_after(self.world)
        raise AssertionError(f"these jobs do not end: {await self._open()}")

    async def _worker(self) -> None:
        while await self._step():
            self.steps += 1
            assert self.steps < MOST_STEPS, f"the work does not end: {await self._open()}"
            if self.chance.random() < 0.02 and self.world.queue.messages:
                again = self.chance.choice(self.world.queue.messages)
                self.world.queue.send_message_batch(QueueUrl="", Entries=[{"MessageBody": again.body}])

    async def _step(self) -> bool:
        try:
            return await self.world.step(RoughProcess(chance=random.Random(self.chance.random())))
        except RsServerError:  # the invocation failed: its message comes again
            return True

    async def _open(self) -> list[str]:
        jobs = [await self.world.job(job_id) for job_id in self.jobs]
        return [f"{job.id} {job.stage}: {job.message}" for job in jobs if job.stage != "closed"]

    async def check(self) -> None:
        """What must hold: see the module."""
        states = {job_id: (await self.world.job(job_id)).status for job_id in self.jobs}
        assert set(states.values()) <= {"successful", "failed", "dismissed"}
        for session in {self.jobs[job_id] for job_id, status in states.items() if status == "successful"}:
            assert session in self.world.items
        named = {}
        for name, item in self.world.items.items():
            for asset_name, asset in item["assets"].items():
                key = asset["href"].removeprefix(f"s3://{self.world.bucket}/")
                assert key == f"alice/s1-l0/{name}/{asset_name}"
                named[key] = self.files[name][asset_name]
        objects = self.world.objects()
        assert objects.keys() == named.keys()
        assert [key for key, body in named.items() if objects[key] != body] == []
        assert self.world.open_uploads() == []
        assert self.world.claims() == []


async def test_a_campaign(worlds: Worlds) -> None:
    world = worlds.new()
    world.range_size = PART_SIZE
    world.beat_seconds = 1.0
    campaign = Campaign(world, seed=2)
    await campaign.submit()
    await campaign.run()
    await campaign.check()
    assert world.killed > 3
