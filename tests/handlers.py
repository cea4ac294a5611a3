"""Functions as they are deployed, imported into this process with an environment of their own."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

import pytest

ENVIRONMENT: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "ACCESS_TABLE": "access",
    "BASE_URL_PARAMETER": "/rs-server/base-url",
    "BUCKET": "bucket",
    "CATALOG_INGEST_FUNCTION": "catalog-ingest",
    "JOBS_TABLE": "jobs",
    "SEARCH_ENGINE": "opensearch",
    "SEARCH_ENGINE_URL": "http://127.0.0.1:1",
    "SERVICE_FUNCTIONS": "cadip=cadip,catalog=catalog",
    "STATION_PROFILES": "simulators",
    "STATION_SECRET_PREFIX": "rs-server/stations/",
    "STATIONS_TABLE": "stations",
    "TRANSFER_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/transfers",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/dead-letters",
}
"""All variables that the template gives to functions."""


@contextmanager
def imported(function: str, changes: Mapping[str, str] | None = None) -> Iterator[ModuleType]:
    """The module `app` of a function, imported anew, in an environment with `changes`; forgotten afterwards.

    There is one event loop, as in Lambda's runtime.
    """
    name = f"functions.{function}.app"
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        for variable, value in {**ENVIRONMENT, **(changes or {})}.items():
            patch.setenv(variable, value)
        asyncio.set_event_loop(runner.get_loop())
        try:
            yield importlib.import_module(name)
        finally:
            sys.modules.pop(name, None)
            asyncio.set_event_loop(None)
