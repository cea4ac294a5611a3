"""DynamoDB in memory whose conditional writes are atomic, as DynamoDB's are."""

from __future__ import annotations

import threading
from typing import Any

from tests.direct_dynamodb import DirectDynamoDB


class _OneAtATime:
    """A client whose calls follow each other: moto lets two threads through one condition."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._turn = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            with self._turn:
                return found(*arguments, **named)

        return call


def atomic_dynamodb(region_name: str = "eu-central-1") -> Any:
    """A DynamoDB client for use within `mock_aws`, by many threads at once."""
    return _OneAtATime(DirectDynamoDB(region_name))
