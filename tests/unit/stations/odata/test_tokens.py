from __future__ import annotations

import asyncio
import base64

import httpx
import pytest

from rs_server.errors import BackendFailed, BackendTimeout, BackendUnavailable
from rs_server.stations.odata.http import Deadline
from rs_server.stations.odata.query import ODataQuery
from rs_server.stations.odata.token_store import MemoryTokenStore
from rs_server.stations.odata.tokens import Token
from tests.unit.stations.odata.doubles import TOKEN_URL, Clock, FakeStation, client_of, station

EMPTY = httpx.Response(200, json={"value": []})


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fake_station(**grant: float) -> FakeStation:
    return FakeStation(lambda request: httpx.Response(200, json={"value": []}), **grant)


async def test_a_hundred_searches_and_ten_instances_use_one_token(clock: Clock) -> None:
    fake, store = fake_station(), MemoryTokenStore()
    clients = [client_of(fake, clock, store) for _ in range(10)]
    await asyncio.gather(*(client.get_page("Sessions", ODataQuery()) for client in clients for _ in range(10)))
    assert len(fake.token_calls) == 1
    assert len(fake.requests) == 100


async def test_a_token_is_renewed_before_it_expires(clock: Clock) -> None:
    fake = fake_station(expires_in=600)
    client = client_of(fake, clock)
    await client.get_page("Sessions", ODataQuery())
    clock.time += 539
    await client.get_page("Sessions", ODataQuery())
    assert len(fake.token_calls) == 1
    clock.time += 2
    await client.get_page("Sessions", ODataQuery())
    assert fake.token_calls[1] == {
        "grant_type": "refresh_token",
        "refresh_token": "refresh-1",
        "client_id": "client",
        "client_secret": "cl1ent",
    }


@pytest.mark.parametrize("refresh_expires_in", [0, 900])
async def test_without_a_refresh_token_in_force_we_log_in_again(clock: Clock, refresh_expires_in: float) -> None:
    fake = fake_station(expires_in=600, refresh_expires_in=refresh_expires_in)
    client = client_of(fake, clock)
    await client.get_page("Sessions", ODataQuery())
    clock.time += 1000
    await client.get_page("Sessions", ODataQuery())
    assert [call["grant_type"] for call in fake.token_calls] == ["password", "password"]


async def test_a_refresh_that_is_refused_becomes_a_login(clock: Clock) -> None:
    fake = fake_station()
    refused = FakeStation(fake.answer)

    def refusing_refresh(request: httpx.Request) -> httpx.Response:
        if b"refresh_token" in request.content:
            refused.token_calls.append({})
            return httpx.Response(400, json={"error": "invalid_grant"})
        return fake(request)

    client = client_of(refusing_refresh, clock)
    await client.get_page("Sessions", ODataQuery())
    clock.time += 595
    await client.get_page("Sessions", ODataQuery())
    assert (len(refused.token_calls), len(fake.token_calls)) == (1, 2)


async def test_a_refused_login_is_not_repeated_at_once(clock: Clock) -> None:
    fake, store = fake_station(), MemoryTokenStore()
    fake.token_status = 401
    for client in (client_of(fake, clock, store), client_of(fake, clock, store)):
        with pytest.raises(BackendFailed, match="cadip:mti refuses our login"):
            await client.get_page("Sessions", ODataQuery())
    assert len(fake.token_calls) == 1
    clock.time += 16
    fake.token_status = 200
    await client_of(fake, clock, store).get_page("Sessions", ODataQuery())
    assert len(fake.token_calls) == 2


async def test_while_another_renews_the_old_token_serves(clock: Clock) -> None:
    fake, store = fake_station(), MemoryTokenStore()
    store.token = Token("old", issued=clock.time - 570, expires=clock.time + 30)
    store.holder = ("another", clock.time + 15, "")
    await client_of(fake, clock, store).get_page("Sessions", ODataQuery())
    assert fake.requests[0].headers["authorization"] == "Bearer old"
    assert fake.token_calls == []


async def test_a_lease_whose_holder_died_is_taken_over(clock: Clock) -> None:
    fake, store = fake_station(), MemoryTokenStore()
    store.holder = ("dead", clock.time + 5, "")
    await client_of(fake, clock, store).get_page("Sessions", ODataQuery())
    assert len(fake.token_calls) == 1
    assert sum(clock.pauses) == pytest.approx(5, abs=0.3)


async def test_waiting_for_another_ends_with_the_deadline(clock: Clock) -> None:
    fake, store = fake_station(), MemoryTokenStore()
    store.holder = ("another", clock.time + 60, "")
    client = client_of(fake, clock, store)
    with pytest.raises(BackendTimeout, match="no token in time"):
        await client.get_page("Sessions", ODataQuery(), Deadline.after(3, clock.timing))


@pytest.mark.parametrize(
    ("variant", "in_body", "basic"), [("body", True, False), ("basic", False, True), ("both", True, True)]
)
async def test_client_authentication_variants(clock: Clock, variant: str, in_body: bool, basic: bool) -> None:
    fake = fake_station()
    profile = station(authentication={"client": variant, "scope": "email openid profile"})
    await client_of(fake, clock, profile=profile).get_page("Sessions", ODataQuery())
    (call,), (headers,) = fake.token_calls, fake.token_headers
    assert call["scope"] == "email openid profile"
    assert (call["username"], call["password"]) == ("rs", "s3cret")
    assert ("client_secret" in call) is in_body
    expected = "Basic " + base64.b64encode(b"client:cl1ent").decode() if basic else None
    assert headers.get("authorization") == expected


async def test_client_credentials_send_no_login(clock: Clock) -> None:
    fake = fake_station()
    profile = station(authentication={"grant": "client_credentials"})
    await client_of(fake, clock, profile=profile).get_page("Sessions", ODataQuery())
    assert fake.token_calls == [{"grant_type": "client_credentials", "client_id": "client", "client_secret": "cl1ent"}]


async def test_a_token_endpoint_that_fails_for_a_while_is_asked_again(clock: Clock) -> None:
    fake = fake_station()
    fake.token_status = 503
    with pytest.raises(BackendUnavailable):
        await client_of(fake, clock).get_page("Sessions", ODataQuery())
    assert len(fake.token_calls) == 4


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"access_token": "x", "expires_in": "soon"}'])
async def test_an_answer_that_is_no_token_is_a_failure(clock: Clock, body: bytes) -> None:
    with pytest.raises(BackendFailed, match="no token"):
        await client_of(lambda request: httpx.Response(200, content=body), clock).get_page("Sessions", ODataQuery())


@pytest.mark.parametrize("life", [b"NaN", b"Infinity", b"-5", b"1e400", b'"600"', b"0"])
async def test_however_long_a_token_is_said_to_live_it_is_kept_for_the_next_request(clock: Clock, life: bytes) -> None:
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url) != TOKEN_URL:
            return httpx.Response(200, json={"value": []})
        calls.append(request)
        return httpx.Response(200, content=b'{"access_token": "x", "expires_in": %s, "refresh_expires_in": NaN}' % life)

    client = client_of(answer, clock)
    await client.get_page("Sessions", ODataQuery())
    await client.get_page("Sessions", ODataQuery())
    assert len(calls) == 1


async def test_secrets_are_not_shown() -> None:
    shown = repr(Token("access-secret", 0.0, 1.0, "refresh-secret", 2.0))
    assert "secret" not in shown
