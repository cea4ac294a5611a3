"""The Lambda entry point of the worker: messages of the queue, or a schedule's call; one event loop a container."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from rs_server.staging.delivery import Delivery
from rs_server.staging.messages import Message, WorkQueue
from rs_server.telemetry import logger

MARGIN_SECONDS = 20.0
"""What is left of the function's time when work is handed on to another invocation."""


class LambdaContext(Protocol):
    """What is used of the context that Lambda gives."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation is ended."""
        ...


@dataclass(frozen=True, slots=True)
class Duties:
    """What a worker does."""

    handle: Callable[[Message, Delivery], Coroutine[Any, Any, bool]]
    """Works on a message; False when it shall come again."""
    look_after: Callable[[], Coroutine[Any, Any, None]]
    """Looks after jobs that stand still."""
    queue: WorkQueue


Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def worker_handler(make: Callable[[], Duties], runner: asyncio.Runner) -> Handler:
    """A handler of SQS events, with partial batch answers, and of schedules, whose events have no records.

    `make` is called once, within the loop of `runner`, which lives as long as the container: clients belong to it.
    """
    made: list[Duties] = []

    async def work(event: dict[str, Any], remaining: float) -> dict[str, Any]:
        if not made:
            made.append(make())
        duties = made[0]
        if "Records" not in event:
            await duties.look_after()
        failed: list[dict[str, str]] = []
        for record in event.get("Records", ()):
            delivery = Delivery(
                queue=duties.queue,
                receipt=record["receiptHandle"],
                count=int(record["attributes"]["ApproximateReceiveCount"]),
                stop_at=time.monotonic() + remaining - MARGIN_SECONDS,
            )
            if not await _handled(duties, record["body"], delivery):
                failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        return runner.run(work(event, context.get_remaining_time_in_millis() / 1000))

    return handler


async def _handled(duties: Duties, body: str, delivery: Delivery) -> bool:
    try:
        message = Message.from_body(body)
    except ValueError as error:
        logger.error("message cannot be read", error=str(error))
        return False
    return await duties.handle(message, delivery)
