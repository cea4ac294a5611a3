"""The table that tests run on lets one of many writers through a condition, as DynamoDB does."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.atomic_table import atomic_dynamodb


@pytest.fixture(autouse=True)
def threads_that_change_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def test_one_of_many_writers_passes_a_condition() -> None:
    with mock_aws():
        client = atomic_dynamodb()
        client.create_table(
            TableName="leases",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )

        together = threading.Barrier(4)

        def take(lease: int) -> bool:
            together.wait()
            try:
                client.put_item(
                    TableName="leases",
                    Item={"pk": {"S": str(lease)}},
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except ClientError:
                return False
            return True

        with ThreadPoolExecutor(4) as writers:
            taken = list(writers.map(take, [lease for lease in range(8) for _ in range(4)]))
    assert sum(taken) == 8
