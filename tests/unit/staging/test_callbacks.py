"""Callbacks (OGC API Processes 1.0, class callback): who is told what, signed, again and again; who is never called."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from rs_server.errors import BackendFailed, BackendUnavailable, InvalidRequest
from rs_server.staging.callbacks.addresses import check_url, is_public, parse_origins
from rs_server.staging.callbacks.posting import HttpPoster
from rs_server.staging.callbacks.signing import key_of, new_secret
from tests.unit.staging.cast import COLLECTION
from tests.unit.staging.ogc_schemas import check
from tests.unit.staging.processes import Process
from tests.unit.staging.test_api import check_problem
from tests.unit.staging.world import World

ADDRESSES = {
    "successUri": "https://receiver.test/done?job=1",
    "inProgressUri": "https://receiver.test/begun",
    "failedUri": "https://receiver.test/failed",
}


@dataclass
class Receiver:
    """Takes callbacks, after it has failed as often as it is told to."""

    failures: int = 0
    calls: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    async def post(self, name: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        self.calls.append((url, headers, body))
        if self.failures:
            self.failures -= 1
            raise BackendFailed("The receiver answered with status 500.")


@pytest.fixture
def receiver(world: World) -> Receiver:
    world.receiver = Receiver()
    return world.receiver


async def execute(client: httpx.AsyncClient, world: World, subscriber: Any, **inputs: Any) -> httpx.Response:
    value = world.session("S1", {"a.raw": 10})
    given = {"collection": COLLECTION, "items": {"value": value}, **inputs}
    return await client.post("/processes/staging/execution", json={"inputs": given, "subscriber": subscriber})


async def test_a_subscriber_is_told_of_begin_and_success(
    world: World, alice: httpx.AsyncClient, receiver: Receiver
) -> None:
    answer = await execute(alice, world, ADDRESSES)
    job = answer.json()
    check(job, "statusInfo")
    await world.run()
    assert [url for url, _, _ in receiver.calls] == [ADDRESSES["inProgressUri"], ADDRESSES["successUri"]]
    begun, done = (json.loads(body) for _, _, body in receiver.calls)
    check(begun, "statusInfo")
    assert (begun["jobID"], begun["status"]) == (job["jobID"], "running")
    check(done, "results")
    assert done == (await alice.get(f"/jobs/{job['jobID']}/results")).json()


async def test_calls_are_signed_as_standard_webhooks_are(
    world: World, alice: httpx.AsyncClient, receiver: Receiver
) -> None:
    """The signature is the HMAC-SHA256 of `id.timestamp.body` with the secret that the answer alone has shown."""
    answer = await execute(alice, world, ADDRESSES)
    secret = answer.json()["subscriber"]["secret"]
    job = answer.json()["jobID"]
    assert secret not in (await alice.get(f"/jobs/{job}")).text
    await world.run()
    for _, headers, body in receiver.calls:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
    assert len({headers["webhook-id"] for _, headers, _ in receiver.calls}) == 2


async def test_a_secret_of_ones_own(world: World, alice: httpx.AsyncClient, receiver: Receiver) -> None:
    secret = new_secret()
    answer = await execute(alice, world, ADDRESSES | {"secret": secret})
    assert answer.json()["subscriber"]["secret"] == secret
    check_problem(await execute(alice, world, ADDRESSES | {"secret": "short"}), 400, "subscriber.secret")


async def test_failure_is_told(world: World, alice: httpx.AsyncClient, receiver: Receiver) -> None:
    await execute(alice, world, ADDRESSES)
    world.station.files.clear()
    await world.run()
    url, _, body = receiver.calls[-1]
    assert (url, json.loads(body)["status"]) == (ADDRESSES["failedUri"], "failed")


async def test_dismissal_is_told_when_all_is_undone(world: World, alice: httpx.AsyncClient, receiver: Receiver) -> None:
    job = (await execute(alice, world, ADDRESSES)).json()["jobID"]
    assert (await alice.delete(f"/jobs/{job}")).status_code == 200
    await world.run()
    assert [json.loads(body)["status"] for _, _, body in receiver.calls] == ["dismissed"]


async def test_a_dry_run_ends_in_its_planning(world: World, alice: httpx.AsyncClient, receiver: Receiver) -> None:
    await execute(alice, world, {"successUri": ADDRESSES["successUri"]}, dry_run=True)
    await world.run()
    assert [url for url, _, _ in receiver.calls] == [ADDRESSES["successUri"]]


async def test_a_receiver_that_is_away_is_called_again(
    world: World, alice: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.failures = 7
    await execute(alice, world, {"successUri": ADDRESSES["successUri"]})
    await world.run()
    assert len(receiver.calls) == 8
    assert len({headers["webhook-id"] for _, headers, _ in receiver.calls}) == 1
    assert world.queue.dead == []


async def test_a_receiver_that_never_answers_is_given_up(
    world: World, alice: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.failures = 1000
    job = (await execute(alice, world, {"successUri": ADDRESSES["successUri"]})).json()["jobID"]
    await world.run()
    assert 20 < len(receiver.calls) < 60
    assert (await world.job(job)).status == "successful"
    assert world.clock.seconds < 8 * 3600


async def test_the_name_that_the_schema_requires_is_taken_for_the_other(
    world: World, alice: httpx.AsyncClient, receiver: Receiver
) -> None:
    await execute(alice, world, {"successUrl": ADDRESSES["successUri"]})
    await world.run()
    assert len(receiver.calls) == 1


@pytest.mark.parametrize("call", range(0, 40, 5))
async def test_workers_that_die_leave_no_subscriber_without_the_end(
    world: World, alice: httpx.AsyncClient, receiver: Receiver, call: int
) -> None:
    """Whatever call they die at; the end may be told twice, under one id."""
    await execute(alice, world, ADDRESSES)
    await world.run(iter([Process(dies_at=call), *(Process(dies_at=call + step) for step in (0, 3)), Process()]))
    ends = [headers["webhook-id"] for url, headers, _ in receiver.calls if url == ADDRESSES["successUri"]]
    assert len(ends) >= 1
    assert len(set(ends)) == 1
    assert world.killed > 0 or call > 20


async def test_without_subscriber_nobody_is_told(world: World, alice: httpx.AsyncClient, receiver: Receiver) -> None:
    await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.run()
    assert receiver.calls == []


FORBIDDEN = [
    "http://receiver.test/done",
    "ftp://receiver.test/done",
    "file:///etc/passwd",
    "https://",
    "https:///done",
    "//receiver.test/done",
    "receiver.test/done",
    "https://user@receiver.test/",
    "https://user:password@receiver.test/",
    "https://localhost/",
    "https://internal/",
    "https://127.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://[fd00:ec2::254]/",
    "https://2130706433/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://8.8.8.8/",
    "https://receiver.test:99999/",
    "https://receiver.test/a b",
    "https://receiver.test/\r\nx: y",
    "https://receiver.test\\@evil.test/",
    "https://rëceiver.test/",
    "https://[::1/",
    f"https://receiver.test/{'x' * 2000}",
]


@pytest.mark.parametrize("url", FORBIDDEN)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match=r"subscriber\.failedUri"):
        check_url(url, (), "failedUri")


async def test_a_refused_address_refuses_the_job(world: World, alice: httpx.AsyncClient) -> None:
    for name in ADDRESSES:
        answer = await execute(alice, world, ADDRESSES | {name: "https://127.0.0.1/x"})
        check_problem(answer, 400, f"subscriber.{name}")
    check_problem(await execute(alice, world, {"failedUri": ADDRESSES["failedUri"]}), 400, "subscriber.successUri")
    check_problem(await execute(alice, world, ADDRESSES | {"nonsense": "x"}), 400, "nonsense")
    assert world.queue.messages == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # no binding
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@dataclass
class Wire:
    """What goes over the wire, and the answer; and a resolver that answers differently each time."""

    answers: list[list[str]]
    status: int = 200
    requests: list[httpx.Request] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)

    async def resolve(self, host: str, port: int) -> list[str]:
        self.resolved.append(host)
        return self.answers.pop(0)

    def poster(self, *origins: str) -> HttpPoster:
        return HttpPoster(parse_origins(",".join(origins)), self.resolve, httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, headers={"location": "https://169.254.169.254/"})


async def post(poster: HttpPoster, url: str = "https://receiver.test:8443/done?x=1") -> None:
    await poster.post("successUri", url, {"webhook-id": "1"}, b"{}")


async def test_the_connection_goes_to_the_address_that_was_checked(world: World) -> None:
    """The name is resolved once: a second answer of the resolver, which may differ, is never asked for."""
    wire = Wire([["93.184.216.34", "93.184.216.35"]])
    await post(wire.poster())
    (request,) = wire.requests
    assert (request.url.host, request.url.port, request.url.raw_path) == ("93.184.216.34", 8443, b"/done?x=1")
    assert request.headers["host"] == "receiver.test:8443"
    assert request.extensions["sni_hostname"] == "receiver.test"
    assert wire.resolved == ["receiver.test"]


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:169.254.169.254"], []])
async def test_a_name_of_a_private_address_is_not_called(answers: list[str]) -> None:
    wire = Wire([answers])
    with pytest.raises(InvalidRequest, match="not public"):
        await post(wire.poster())
    assert wire.requests == []


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 500])
async def test_redirects_are_not_followed_and_errors_are_failures(status: int) -> None:
    wire = Wire([["93.184.216.34"]], status)
    with pytest.raises(BackendFailed, match=str(status)):
        await post(wire.poster())
    assert len(wire.requests) == 1


async def test_origins_of_the_allow_list_are_called_as_they_are() -> None:
    wire = Wire([])
    await post(wire.poster("http://10.0.0.7:8080"), "http://10.0.0.7:8080/done")
    assert str(wire.requests[0].url) == "http://10.0.0.7:8080/done"
    for other in (
        "http://10.0.0.7:8081/",
        "https://10.0.0.7:8080/",
        "http://10.0.0.7:8080.evil.test/",
        "http://x@10.0.0.7:8080/",
    ):
        with pytest.raises(InvalidRequest):
            await post(wire.poster("http://10.0.0.7:8080"), other)


async def test_a_receiver_out_of_reach() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    poster = HttpPoster((), Wire([["93.184.216.34"]]).resolve, httpx.MockTransport(refuse))
    with pytest.raises(BackendUnavailable, match="does not answer"):
        await post(poster)


@pytest.mark.parametrize("secret", ["", "x", "whsec_", "whsec_!!!!", "whsec_" + base64.b64encode(b"x" * 23).decode()])
def test_secrets_that_are_none(secret: str) -> None:
    with pytest.raises(ValueError):
        key_of(secret)
