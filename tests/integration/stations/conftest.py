"""The `stations` table in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from tests.atomic_table import atomic_dynamodb


@pytest.fixture
def stations_table() -> Iterator[Any]:
    with mock_aws():
        client = atomic_dynamodb()
        client.create_table(
            TableName="stations",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        yield client
