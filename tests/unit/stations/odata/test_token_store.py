from __future__ import annotations

from typing import Any

import pytest

from rs_server.errors import BackendUnavailable
from rs_server.stations.odata.state import StationState
from rs_server.stations.odata.token_store import TableTokenStore
from rs_server.stations.odata.tokens import Token

TOKEN = Token("access", issued=1000.25, expires=1600.25, refresh_token="refresh", refresh_expires=4600.5)


async def test_a_token_comes_back_as_stored(dynamodb: Any) -> None:
    store = TableTokenStore(StationState(dynamodb, "stations", "cadip:mti"))
    assert await store.load() is None
    await store.save(TOKEN)
    assert await store.load() == TOKEN
    assert await TableTokenStore(StationState(dynamodb, "stations", "cadip:sgs")).load() is None


async def test_one_holder_at_a_time(dynamodb: Any) -> None:
    store = TableTokenStore(StationState(dynamodb, "stations", "cadip:mti"))
    assert await store.lease("a", 100.0, 115.0) is None
    assert await store.lease("b", 101.0, 116.0) == ""
    await store.release("b")
    assert await store.lease("b", 102.0, 117.0) == ""
    await store.release("a")
    assert await store.lease("b", 103.0, 118.0) is None


async def test_a_lease_ends_by_itself(dynamodb: Any) -> None:
    store = TableTokenStore(StationState(dynamodb, "stations", "cadip:mti"))
    assert await store.lease("a", 100.0, 115.0) is None
    assert await store.lease("b", 115.5, 130.5) is None
    await store.release("a", "too late to say anything")
    assert await store.lease("c", 116.0, 131.0) == ""


async def test_a_refusal_is_told_until_the_lease_ends(dynamodb: Any) -> None:
    store = TableTokenStore(StationState(dynamodb, "stations", "cadip:mti"))
    assert await store.lease("a", 100.0, 115.0) is None
    await store.release("a", "The station refuses our login.")
    assert await store.lease("b", 101.0, 116.0) == "The station refuses our login."
    assert await store.lease("b", 116.0, 131.0) is None


async def test_a_table_out_of_reach_is_503(dynamodb: Any) -> None:
    with pytest.raises(BackendUnavailable, match="out of reach"):
        await TableTokenStore(StationState(dynamodb, "absent", "cadip:mti")).load()
