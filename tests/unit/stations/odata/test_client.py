from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from rs_server.errors import (
    BackendFailed,
    BackendTimeout,
    BackendUnavailable,
    InvalidRequest,
    NotFound,
    RsServerError,
)
from rs_server.stations.odata.client import MAX_BYTES
from rs_server.stations.odata.http import Deadline
from rs_server.stations.odata.query import ODataQuery
from tests.unit.stations.odata.doubles import ROOT, Clock, FakeStation, client_of, station

SESSIONS = {"value": [{"Id": "6894eb36-416e-469e-8788-9a0a2b8f3a8d"}]}
CHUNK = f"{ROOT}Files(228b97bc-aa04-4036-8450-3106bc7684bb)/$value"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def answers(*responses: httpx.Response) -> FakeStation:
    queue = list(responses)
    return FakeStation(lambda request: queue.pop(0) if len(queue) > 1 else queue[0])


async def test_a_page_is_asked_with_token_and_encoded_options(clock: Clock) -> None:
    fake = answers(httpx.Response(200, json=SESSIONS | {"@odata.count": 7, "@odata.nextLink": "x"}))
    page = await client_of(fake, clock).get_page(
        "Sessions", ODataQuery(filter="Satellite eq 'S1A&B'", orderby="PublicationDate desc", top=10, with_count=True)
    )
    (request,) = fake.requests
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.url.query == (
        b"$filter=Satellite%20eq%20'S1A%26B'&$orderby=PublicationDate%20desc&$top=10&$count=true"
    )
    assert (page.rows, page.total, page.next_link) == (SESSIONS["value"], 7, "x")


async def test_one_new_token_after_a_401(clock: Clock) -> None:
    fake = FakeStation(
        lambda r: httpx.Response(200 if r.headers["authorization"] == "Bearer token-2" else 401, json={"value": []})
    )
    assert (await client_of(fake, clock).get_page("Sessions", ODataQuery())).rows == []
    assert [call["grant_type"] for call in fake.token_calls] == ["password", "refresh_token"]
    assert fake.token_calls[1]["refresh_token"] == "refresh-1"


async def test_a_second_401_is_the_operators_matter(clock: Clock) -> None:
    fake = answers(httpx.Response(401))
    with pytest.raises(BackendFailed, match="cadip:mti refuses our credentials"):
        await client_of(fake, clock).get_page("Sessions", ODataQuery())
    assert len(fake.requests) == 2


@pytest.mark.parametrize(
    ("status", "headers", "pauses"),
    [
        (429, {"retry-after": "3"}, [3.0]),
        (429, {}, [0.5]),
        (429, {"retry-after": "9" * 5000}, [0.5]),
        (503, {"retry-after": "9" * 400}, [0.5]),
        (503, {"retry-after": "Tue, 14 Nov 2023 22:13:25 GMT"}, [5.0]),
        (502, {}, [0.5]),
        (504, {}, [0.5]),
    ],
)
async def test_failures_that_may_pass_are_tried_again(
    clock: Clock, status: int, headers: dict[str, str], pauses: list[float]
) -> None:
    fake = answers(httpx.Response(status, headers=headers), httpx.Response(200, json=SESSIONS))
    assert (await client_of(fake, clock).get_page("Sessions", ODataQuery())).rows == SESSIONS["value"]
    assert clock.pauses == pauses


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, BackendUnavailable), (502, BackendFailed), (503, BackendUnavailable), (504, BackendTimeout)],
)
async def test_what_does_not_pass_ends_after_four_attempts(
    clock: Clock, status: int, error: type[RsServerError]
) -> None:
    fake = answers(httpx.Response(status))
    with pytest.raises(error, match="cadip:mti"):
        await client_of(fake, clock).get_page("Sessions", ODataQuery())
    assert len(fake.requests) == 4


async def test_a_pause_longer_than_the_deadline_is_not_waited_for(clock: Clock) -> None:
    fake = answers(httpx.Response(429, headers={"retry-after": "3600"}))
    with pytest.raises(BackendUnavailable) as caught:
        await client_of(fake, clock).get_page("Sessions", ODataQuery())
    assert caught.value.retry_after == 3600
    assert clock.pauses == []


async def test_an_answer_without_end_is_not_read_to_its_end(clock: Clock) -> None:
    fake = answers(httpx.Response(200, content=b" " * (MAX_BYTES + 1)))
    with pytest.raises(BackendFailed, match="more than"):
        await client_of(fake, clock).get_page("Sessions", ODataQuery())
    assert len(fake.requests) == 1


@pytest.mark.parametrize("count", ["7", 7])
async def test_a_count_is_read_as_it_is_written(clock: Clock, count: object) -> None:
    fake = answers(httpx.Response(200, json=SESSIONS | {"@odata.count": count}))
    assert (await client_of(fake, clock).get_page("Sessions", ODataQuery())).total == 7


@pytest.mark.parametrize("count", ["many", -1, 1.5, "9" * 5000, True, None])
async def test_a_count_that_is_none_is_not_taken_for_one(clock: Clock, count: object) -> None:
    fake = answers(httpx.Response(200, json=SESSIONS | {"@odata.count": count}))
    assert (await client_of(fake, clock).get_page("Sessions", ODataQuery())).total is None


@pytest.mark.parametrize(("status", "error"), [(400, BackendFailed), (500, BackendFailed), (404, NotFound)])
async def test_other_failures_are_not_repeated(clock: Clock, status: int, error: type[RsServerError]) -> None:
    fake = answers(httpx.Response(status, text="the password is s3cret"))
    with pytest.raises(error) as caught:
        await client_of(fake, clock).get_page("Sessions", ODataQuery())
    assert len(fake.requests) == 1
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("body", [json.dumps(SESSIONS)[:-5], "<html>", "[]", "\xff"])
async def test_cut_json_is_asked_for_again_and_then_reported(clock: Clock, body: str) -> None:
    fake = answers(httpx.Response(200, text=body))
    with pytest.raises(BackendFailed, match="JSON"):
        await client_of(fake, clock).get_page("Sessions", ODataQuery())
    assert len(fake.requests) == 4


@pytest.mark.parametrize("body", [{"value": {}}, {"value": [1]}, {"error": {"code": "x"}}])
async def test_an_answer_without_rows_is_a_failure(clock: Clock, body: object) -> None:
    with pytest.raises(BackendFailed, match="without a list"):
        await client_of(answers(httpx.Response(200, json=body)), clock).get_page("Sessions", ODataQuery())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (httpx.ConnectError("no route to s3cret"), BackendUnavailable),
        (httpx.ReadTimeout("slow"), BackendTimeout),
        (httpx.RemoteProtocolError("cut"), BackendFailed),
    ],
)
async def test_broken_connections_are_named_by_station(
    clock: Clock, fault: httpx.HTTPError, error: type[RsServerError]
) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise fault

    fake = FakeStation(broken)
    with pytest.raises(error, match="Station cadip:mti") as caught:
        await client_of(fake, clock).get_page("Sessions", ODataQuery())
    assert "s3cret" not in str(caught.value)
    assert len(fake.requests) == 4


async def test_a_station_that_never_ends_its_answer_meets_the_deadline() -> None:
    async def never(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    clock = Clock()
    client = client_of(FakeStation(lambda r: httpx.Response(200)), clock)
    await client.tokens.current(client.deadline())
    client.http = httpx.AsyncClient(transport=httpx.MockTransport(never))
    with pytest.raises(BackendTimeout):
        await client.get_page("Sessions", ODataQuery(), Deadline.after(0.05, clock.timing))


@pytest.mark.parametrize(
    "target",
    ["https://evil.test/file", "http://169.254.169.254/latest/meta-data/", "https://127.0.0.1/", "https://[::1]/"],
)
async def test_no_redirect_leads_to_a_host_that_the_profile_does_not_name(clock: Clock, target: str) -> None:
    fake = answers(httpx.Response(307, headers={"location": target}))
    with pytest.raises(BackendFailed, match="is no host of it"):
        async with client_of(fake, clock).stream(CHUNK):
            pass
    assert [request.url.host for request in fake.requests] == ["station.test"]


ELSEWHERE = ("data.station.test", "bucket.s3.test")


@pytest.mark.parametrize(
    ("target", "trusted", "sent"),
    [
        ("https://station.test/other/file", (), True),
        ("https://data.station.test/file", ("data.station.test",), True),
        ("https://data.station.test/file", (), False),
        ("https://bucket.s3.test/file?X-Amz-Credential=x", (), False),
        ("https://station.test/file?X-Amz-Signature=x", ("station.test",), False),
        ("http://station.test/file", ("station.test",), False),
        ("https://station.test:8443/file", (), False),
    ],
)
async def test_redirects_carry_range_everywhere_and_the_token_to_trusted_hosts(
    clock: Clock, target: str, trusted: tuple[str, ...], sent: bool
) -> None:
    def redirecting(request: httpx.Request) -> httpx.Response:
        if str(request.url) == CHUNK:
            return httpx.Response(307, headers={"location": target})
        return httpx.Response(206, content=b"0123")

    fake = FakeStation(redirecting)
    client = client_of(fake, clock, profile=station(trusted_hosts=trusted, redirect_hosts=ELSEWHERE))
    async with client.stream(CHUNK, {"Range": "bytes=0-3"}) as response:
        assert await response.aread() == b"0123"
    last = fake.requests[-1]
    assert last.headers["range"] == "bytes=0-3"
    assert ("authorization" in last.headers) is sent
    assert last.headers["host"] in target


@pytest.mark.parametrize("header", ["Authorization", "OAUTH2-ACCESS-TOKEN"])
async def test_the_header_of_old_stations_is_dropped_on_foreign_redirects_too(clock: Clock, header: str) -> None:
    def redirecting(request: httpx.Request) -> httpx.Response:
        away = request.url.host == "station.test"
        return httpx.Response(302, headers={"location": "https://away.test/"}) if away else httpx.Response(200)

    fake = FakeStation(redirecting)
    client = client_of(fake, clock, profile=station(authentication={"header": header}, redirect_hosts=("away.test",)))
    async with client.stream(CHUNK):
        pass
    assert header in fake.requests[0].headers
    assert header not in fake.requests[1].headers
    assert "token-1" not in str(fake.requests[1].headers.raw)


async def test_circles_of_redirects_end(clock: Clock) -> None:
    fake = answers(httpx.Response(302, headers={"location": CHUNK}))
    with pytest.raises(BackendFailed, match="circles"):
        async with client_of(fake, clock).stream(CHUNK):
            pass


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/odata/v1/Files",
        "https://station.test/odata/v1/../../admin",
        "https://station.test/odata/v1/%2e%2e/admin",
        "https://station.test.evil.test/odata/v1/Files",
        "https://station.test@evil.test/odata/v1/",
        "http://station.test/odata/v1/Files",
        "file:///etc/passwd",
        "https://[",
        "",
    ],
)
async def test_no_address_but_the_stations_own_is_asked(clock: Clock, url: str) -> None:
    fake = answers(httpx.Response(200))
    with pytest.raises(InvalidRequest, match="not an address of station"):
        async with client_of(fake, clock).stream(url):
            pass
    assert fake.requests == fake.token_calls == []


async def test_an_action_is_sent_once(clock: Clock) -> None:
    fake = answers(httpx.Response(503))
    client = client_of(fake, clock)
    with pytest.raises(BackendUnavailable):
        await client.post_action(f"{ROOT}Orders", {"Priority": 50})
    assert len(fake.requests) == 1


async def test_an_action_answers_its_entity_or_nothing(clock: Clock) -> None:
    client = client_of(answers(httpx.Response(201, json={"Id": "x"}), httpx.Response(204)), clock)
    assert await client.post_action(f"{ROOT}Orders", {"Priority": 50}) == {"Id": "x"}
    assert await client.post_action(f"{ROOT}Orders", {}) == {}
