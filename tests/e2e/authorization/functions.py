"""The deployed functions' code in processes of ours, one for each, with the deployed settings and the deployed roles.

The emulator passes every call through one thread, and starts a function anew after an error that it raised. Here they
answer side by side, from the same tables, bucket, engine and stations.
"""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from threading import Lock
from typing import TYPE_CHECKING, Any

from local.deploy import STACK_NAME

if TYPE_CHECKING:
    from boto3.session import Session

Event = Mapping[str, Any]
Call = Callable[[str, Event], dict[str, Any]]
"""Has a function, by its ARN, handle an event; raises what it raises."""

IMPORTED_ONCE = [
    "rs_server.access.api.app",
    "rs_server.access.bearer",
    "rs_server.catalog.app",
    "rs_server.staging.api",
    "rs_server.stations.api.wiring",
]
"""What most functions need and takes seconds: their processes are copies of one that has it."""

_handler: list[Callable[[Event, None], dict[str, Any]]] = []
"""That of this process, which runs one function."""


@contextmanager
def running_functions(aws: Session, endpoint: str) -> Iterator[Call]:
    """Calls functions, each of which begins when it is called first, and ends with this."""
    processes: dict[str, ProcessPoolExecutor] = {}
    making = Lock()
    copying = get_context("forkserver")
    copying.set_forkserver_preload(IMPORTED_ONCE)
    with ExitStack() as running:

        def call(arn: str, event: Event) -> dict[str, Any]:
            with making:
                if arn not in processes:
                    processes[arn] = running.enter_context(
                        ProcessPoolExecutor(1, copying, _begin, _function(aws, endpoint, arn))
                    )
            return processes[arn].submit(_handle, event).result()

        yield call


def _function(aws: Session, endpoint: str, arn: str) -> tuple[str, Mapping[str, str]]:
    """The folder of a deployed function, and its environment with credentials of its role."""
    deployed = aws.client("lambda").get_function_configuration(FunctionName=arn)
    role = aws.client("sts").assume_role(RoleArn=deployed["Role"], RoleSessionName="matrix")["Credentials"]
    environment = {
        **deployed["Environment"]["Variables"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": role["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": role["SecretAccessKey"],
        "AWS_SESSION_TOKEN": role["SessionToken"],
        "AWS_DEFAULT_REGION": aws.region_name,
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    }
    return deployed["FunctionName"].removeprefix(f"{STACK_NAME}-").replace("-", "_"), environment


def _begin(folder: str, environment: Mapping[str, str]) -> None:
    """Make of this process one of a function, as Lambda's runtime does."""
    os.environ.update(environment)
    asyncio.set_event_loop(asyncio.new_event_loop())
    _handler.append(importlib.import_module(f"functions.{folder}.app").handler)


def _handle(event: Event) -> dict[str, Any]:
    (handler,) = _handler
    return handler(event, None)
