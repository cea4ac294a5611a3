"""Custom resources of CloudFormation: run something at deployment, and answer whatever happens.

A stack waits, for an hour if need be, for an answer that a failed function never gave; so a failure is an answer too,
and work that takes too long is given up in time to say so.
"""

from __future__ import annotations

import concurrent.futures
import json
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rs_server.telemetry import logger

ANSWER_SECONDS = 10
"""Kept of the function's time for the answer itself."""
LONGEST_REASON = 1000
"""Characters; CloudFormation takes answers of up to 4 kB."""

Event = Mapping[str, Any]
Send = Callable[[str, bytes], None]
"""Puts a body to a presigned URL."""


class Context(Protocol):
    """What is used of Lambda's context object."""

    log_group_name: str

    def get_remaining_time_in_millis(self) -> int:
        """How long the function may still run."""


def custom_resource_handler(prepare: Callable[[], None], send: Send | None = None) -> Callable[[Event, Context], None]:
    """Lambda handler that runs `prepare` when the resource is made or changed; nothing is undone with it."""

    def handler(event: Event, context: Context) -> None:
        reason = "" if event["RequestType"] == "Delete" else _run(prepare, context)
        (send or put)(event["ResponseURL"], _answer(event, reason))

    return handler


def _run(prepare: Callable[[], None], context: Context) -> str:
    """Run `prepare`; gives nothing, or why it failed."""
    seconds = context.get_remaining_time_in_millis() / 1000 - ANSWER_SECONDS
    executor = concurrent.futures.ThreadPoolExecutor(1)
    try:
        executor.submit(prepare).result(seconds)
    except TimeoutError:
        logger.error("deployment step given up", seconds=seconds)
        return f"It was not done after {seconds:.0f} s. See the log group {context.log_group_name}."
    except Exception as error:
        logger.exception("deployment step failed")
        return f"{type(error).__name__}: {error} See the log group {context.log_group_name}."[:LONGEST_REASON]
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
    return ""


def _answer(event: Event, reason: str) -> bytes:
    answer = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": reason or "done",
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    return json.dumps(answer).encode()


def put(url: str, body: bytes) -> None:
    """PUT to the presigned URL of an event; a content type would not match its signature."""
    request = urllib.request.Request(url, data=body, method="PUT", headers={"content-type": ""})  # noqa: S310
    urllib.request.urlopen(request, timeout=ANSWER_SECONDS).close()  # noqa: S310  # CloudFormation's own https URL
