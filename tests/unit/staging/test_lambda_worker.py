"""The worker's Lambda handler: partial batch answers, messages that cannot be read, and calls of a schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from rs_server.staging.delivery import Delivery
from rs_server.staging.lambda_worker import Duties, Handler, worker_handler
from rs_server.staging.messages import Message


class Context:
    """Two minutes are left."""

    def get_remaining_time_in_millis(self) -> int:
        return 120_000


class Recorder:
    """Duties that note what is asked of them."""

    def __init__(self, *, done: bool = True) -> None:
        self.done = done
        self.handled: list[tuple[Message, Delivery]] = []
        self.looked_after = 0
        self.made = 0

    async def handle(self, message: Message, delivery: Delivery) -> bool:
        self.handled.append((message, delivery))
        return self.done

    async def look_after(self) -> None:
        self.looked_after += 1

    def make(self) -> Duties:
        self.made += 1
        return Duties(self.handle, self.look_after, None)  # type: ignore[arg-type]  # the queue is not used


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


def event_of(*bodies: str) -> dict[str, Any]:
    """An event of SQS (AWS documentation, Using Lambda with Amazon SQS)."""
    records = [
        {
            "messageId": f"m{number}",
            "receiptHandle": f"r{number}",
            "body": body,
            "attributes": {"ApproximateReceiveCount": "3"},
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def call(handler: Handler, event: dict[str, Any]) -> dict[str, Any]:
    return handler(event, Context())


def test_messages_that_are_done(runner: asyncio.Runner) -> None:
    recorder = Recorder()
    handler = worker_handler(recorder.make, runner)
    message = Message("transfer", "j1", 7, 1, "cadip:mti", 2)
    assert call(handler, event_of(message.to_body())) == {"batchItemFailures": []}
    assert call(handler, event_of(message.to_body())) == {"batchItemFailures": []}
    assert recorder.made == 1
    received, delivery = recorder.handled[0]
    assert received == message
    assert (delivery.receipt, delivery.count) == ("r0", 3)


def test_messages_that_shall_come_again(runner: asyncio.Runner) -> None:
    body = Message("finish", "j1").to_body()
    answer = call(worker_handler(Recorder(done=False).make, runner), event_of(body, body))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m1"}]}


def test_messages_that_are_not_ours_go_to_the_dead_letters(runner: asyncio.Runner) -> None:
    recorder = Recorder()
    for body in ("", "{", "[]", "{}", '{"kind": "boil", "job": "j"}', '{"kind": "plan", "job": "j", "more": 1}'):
        answer = call(worker_handler(recorder.make, runner), event_of(body))
        assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert recorder.handled == []


def test_a_schedule_looks_after_jobs(runner: asyncio.Runner) -> None:
    recorder = Recorder()
    assert call(worker_handler(recorder.make, runner), {"source": "aws.scheduler"}) == {"batchItemFailures": []}
    assert (recorder.looked_after, recorder.handled) == (1, [])
