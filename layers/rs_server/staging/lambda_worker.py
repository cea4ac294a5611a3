"""The Lambda entry point of the worker: messages of the queue's batches, one event loop a container."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
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


Handle = Callable[[Message, Delivery], Coroutine[Any, Any, bool]]
Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def worker_handler(make: Callable[[], tuple[Handle, WorkQueue]]) -> Handler:
    """A handler of SQS events with partial batch answers. `make` is called once, within the container's loop."""
    runner = asyncio.Runner()
    made: list[tuple[Handle, WorkQueue]] = []

    async def work(event: dict[str, Any], remaining: float) -> dict[str, Any]:
        if not made:
            made.append(make())
        handle, queue = made[0]
        failed: list[dict[str, str]] = []
        for record in event["Records"]:
            delivery = Delivery(
                queue=queue,
                receipt=record["receiptHandle"],
                count=int(record["attributes"]["ApproximateReceiveCount"]),
                stop_at=time.monotonic() + remaining - MARGIN_SECONDS,
            )
            if not await _handled(handle, record["body"], delivery):
                failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        return runner.run(work(event, context.get_remaining_time_in_millis() / 1000))

    return handler


async def _handled(handle: Handle, body: str, delivery: Delivery) -> bool:
    try:
        message = Message.from_body(body)
    except ValueError as error:
        logger.error("message cannot be read", error=str(error))
        return False
    return await handle(message, delivery)
