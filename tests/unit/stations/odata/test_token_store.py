from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from rs_server.errors import BackendUnavailable
from rs_server.stations.odata.token_store import TableTokenStore
from rs_server.stations.odata.tokens import Token

TOKEN = Token("access", issued=1000.25, expires=1600.25, refresh_token="refresh", refresh_expires=4600.5)


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        client.create_table(
            TableName="stations",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        )
        yield client


async def test_a_token_comes_back_as_stored(dynamodb: Any) -> None:
    store = TableTokenStore(dynamodb, "stations", "cadip:mti")
    assert await store.load() is None
    await store.save(TOKEN)
    assert await store.load() == TOKEN
    assert await TableTokenStore(dynamodb, "stations", "cadip:sgs").load() is None


async def test_one_holder_at_a_time(dynamodb: Any) -> None:
    store = TableTokenStore(dynamodb, "stations", "cadip:mti")
    assert await store.lease("a", 100.0, 115.0) is None
    assert await store.lease("b", 101.0, 116.0) == ""
    await store.release("b")
    assert await store.lease("b", 102.0, 117.0) == ""
    await store.release("a")
    assert await store.lease("b", 103.0, 118.0) is None


async def test_a_lease_ends_by_itself(dynamodb: Any) -> None:
    store = TableTokenStore(dynamodb, "stations", "cadip:mti")
    assert await store.lease("a", 100.0, 115.0) is None
    assert await store.lease("b", 115.5, 130.5) is None
    await store.release("a", "too late to say anything")
    assert await store.lease("c", 116.0, 131.0) == ""


async def test_a_refusal_is_told_until_the_lease_ends(dynamodb: Any) -> None:
    store = TableTokenStore(dynamodb, "stations", "cadip:mti")
    assert await store.lease("a", 100.0, 115.0) is None
    await store.release("a", "The station refuses our login.")
    assert await store.lease("b", 101.0, 116.0) == "The station refuses our login."
    assert await store.lease("b", 116.0, 131.0) is None


async def test_a_table_out_of_reach_is_503(dynamodb: Any) -> None:
    with pytest.raises(BackendUnavailable, match="out of reach"):
        await TableTokenStore(dynamodb, "absent", "cadip:mti").load()
