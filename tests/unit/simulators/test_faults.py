"""Faults: whom they meet, how often they strike, and what a client then sees."""

from __future__ import annotations

import json
import time

import pytest
from pydantic import ValidationError

from simulators.service.downloads import plan_transfer
from simulators.service.faults import AT_THE_GATE, OF_BODIES, Fault, FaultKind, FaultPlan
from tests.unit.simulators.visitor import is_odata_error

FILE = "Files(228b97bc-aa04-4036-8450-3106bc7684bb)/$value"
EVERY = frozenset(FaultKind)


class RealTime:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def strikes(plan, request="metadata", target="/Sessions", times=1):
    return [bool(plan.striking(request, target, EVERY)) for _ in range(times)]


def test_count_and_after():
    plan = FaultPlan()
    plan.add(Fault(kind="unavailable", after=2, count=3))
    assert strikes(plan, times=8) == [False, False, True, True, True, False, False, False]
    assert plan.active() == []


def test_duration():
    real = RealTime()
    plan = FaultPlan(real)
    plan.add(Fault(kind="unavailable", duration=10))
    assert strikes(plan) == [True]
    real.now = 10
    assert strikes(plan) == [False]


def test_rate():
    plan = FaultPlan()
    plan.add(Fault(kind="unavailable", rate=0.25))
    assert 200 < sum(strikes(plan, times=1000)) < 300
    none = FaultPlan()
    none.add(Fault(kind="unavailable", rate=0))
    assert sum(strikes(none, times=100)) == 0


def test_path():
    plan = FaultPlan()
    plan.add(Fault(kind="unavailable", path=r"Files|\$skip=\d{3}"))
    assert strikes(plan, target="/Sessions") == [False]
    assert strikes(plan, target="/Files(1)/$value", request="download") == [True]
    assert strikes(plan, target="/Sessions?$skip=100") == [True]


# By default, the requests that a kind is about.
TARGETS = {
    "unauthorized": {"metadata", "download", "order"},
    "too_many_requests": {"metadata", "download", "order"},
    "unavailable": {"metadata", "download", "order"},
    "slow_answer": {"metadata", "download", "order"},
    "malformed_json": {"metadata"},
    "token_down": {"token"},
    "order_fails": {"order"},
    "slow_bytes": {"download"},
    "cut_download": {"download"},
    "wrong_length": {"download"},
    "range_ignored": {"download"},
    "wrong_bytes": {"download"},
    "redirect": {"download"},
    "connection_limit": {"download"},
}


@pytest.mark.parametrize("kind", [each.value for each in FaultKind])
def test_default_targets(kind):
    fault = Fault(kind=kind)
    assert {each for each in ("metadata", "download", "token", "order") if fault.meets(each)} == TARGETS[kind]


def test_given_targets():
    assert Fault(kind="unavailable", target="token").meets("token")
    assert not Fault(kind="unavailable", target="download").meets("metadata")
    assert Fault(kind="unavailable", target="all").meets("token")


def test_kinds_strike_at_one_place_each():
    assert AT_THE_GATE | OF_BODIES | {FaultKind.REDIRECT} == EVERY
    assert not AT_THE_GATE & OF_BODIES


@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "nonsense"},
        {"kind": "unavailable", "rate": 2},
        {"kind": "unavailable", "count": 0},
        {"kind": "unavailable", "path": "("},
        {"kind": "cut_download", "target": "metadata"},
        {"kind": "slow_bytes", "bytes_per_second": 0},
        {"kind": "unavailable", "unknown": 1},
    ],
)
async def test_refused_settings(mti, settings):
    with pytest.raises(ValidationError):
        Fault(**settings)
    assert (await mti.send("POST", "/_sim/faults", json=settings)).status_code == 422


PLANS = [
    # kind, settings, Range, announced, start, end of the body
    ("cut_download", {}, None, 1000, 0, 500),
    ("cut_download", {"at_byte": 0}, None, 1000, 0, 0),
    ("cut_download", {"at_byte": 10}, "bytes=100-199", 100, 100, 110),
    ("wrong_length", {"difference": -10}, None, 990, 0, 990),
    ("wrong_length", {"difference": 10}, None, 1010, 0, 1000),
    ("wrong_length", {"difference": -2000}, None, 0, 0, 0),
]


@pytest.mark.parametrize(("kind", "settings", "span", "announced", "start", "end"), PLANS)
def test_transfers(kind, settings, span, announced, start, end):
    transfer = plan_transfer(1000, span, {FaultKind(kind): Fault(kind=kind, **settings)})
    assert (transfer.announced, transfer.start, transfer.ends_at) == (announced, start, end)


# Over HTTP. (What breaks a connection is tested with a real server.)
@pytest.fixture
def own(own_station):
    return own_station("cadip", "mti", count=5)


async def switch_on(visitor, **settings):
    answer = await visitor.send("POST", "/_sim/faults", json=settings)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_unauthorized_in_the_middle_of_paging(own):
    await switch_on(own, kind="unauthorized", path=r"\$skip=[1-9]", count=1)
    assert (await own.ask("Sessions", top="1", skip="0")).status_code == 200
    refused = await own.ask("Sessions", top="1", skip="1")
    assert refused.status_code == 401
    assert is_odata_error(refused)
    assert (await own.ask("Sessions", top="1", skip="1")).status_code == 200


async def test_unauthorized_with_revoked_tokens(own):
    await own.get("Sessions")
    await switch_on(own, kind="unauthorized", count=1, revoke=True)
    assert (await own.ask("Sessions")).status_code == 401
    assert (await own.ask("Sessions")).status_code == 401, "the old token stays refused"
    headers = await own.log_in()
    assert (await own.send("GET", f"{own.root}/Sessions", headers=headers)).status_code == 200


@pytest.mark.parametrize(("settings", "header"), [({}, None), ({"retry_after": 7}, "7")])
@pytest.mark.parametrize(("kind", "status"), [("too_many_requests", 429), ("unavailable", 503)])
async def test_refusals_with_and_without_retry_after(own, kind, status, settings, header):
    await switch_on(own, kind=kind, count=2, **settings)
    for _ in range(2):
        refused = await own.ask("Sessions")
        assert (refused.status_code, refused.headers.get("retry-after")) == (status, header)
        assert is_odata_error(refused)
    assert (await own.ask("Sessions")).status_code == 200


async def test_quota_body(own):
    await switch_on(own, kind="too_many_requests", quota_body=True)
    assert (await own.ask("Sessions")).json() == {"code": "DAT-ZIP-100", "message": "Max session number exceeded"}


async def test_malformed_json(own):
    await switch_on(own, kind="malformed_json", count=1)
    answer = await own.ask("Sessions")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert (await own.ask("Sessions")).json()


async def test_token_down(own):
    await switch_on(own, kind="token_down", count=1)
    assert (await own.send("POST", "/oauth2/token", data={})).status_code == 503
    assert await own.log_in()


async def test_range_ignored(own):
    whole = (await own.ask(FILE)).content
    await switch_on(own, kind="range_ignored", count=1)
    answer = await own.ask(FILE, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (200, whole)
    assert "content-range" not in answer.headers
    assert (await own.ask(FILE, headers={"Range": "bytes=0-9"})).status_code == 206


@pytest.mark.parametrize(("settings", "place"), [({"at_byte": 5}, 5), ({}, 314776 // 2), ({"at_byte": 10**9}, 314775)])
async def test_wrong_bytes(own, settings, place):
    whole = (await own.ask(FILE)).content
    await switch_on(own, kind="wrong_bytes", count=1, **settings)
    wrong = (await own.ask(FILE)).content
    assert len(wrong) == len(whole)
    assert [index for index in range(len(whole)) if whole[index] != wrong[index]] == [place]
    assert (await own.ask(FILE)).content == whole


async def test_slow_answer_and_slow_bytes_take_their_time(own):
    await switch_on(own, kind="slow_answer", seconds=0.2, count=1)
    began = time.monotonic()
    await own.ask("Sessions")
    assert time.monotonic() - began >= 0.2
    await switch_on(own, kind="slow_bytes", bytes_per_second=10_000, count=1)
    began = time.monotonic()
    await own.ask(FILE, headers={"Range": "bytes=0-1999"})
    assert time.monotonic() - began >= 0.15


async def test_faults_are_listed_and_removed(own):
    made = await switch_on(own, kind="unavailable", count=5)
    await own.ask("Sessions")
    (listed,) = (await own.send("GET", "/_sim/faults")).json()
    assert listed == made | {"met": 1, "struck": 1}
    assert (await own.send("DELETE", f"/_sim/faults/{made['id']}")).status_code == 204
    assert (await own.send("DELETE", f"/_sim/faults/{made['id']}")).status_code == 404
    assert (await own.ask("Sessions")).status_code == 200
    await switch_on(own, kind="unavailable")
    assert (await own.send("DELETE", "/_sim/faults")).status_code == 204
    assert (await own.send("GET", "/_sim/faults")).json() == []


async def test_administration_is_met_by_no_fault(own):
    await switch_on(own, kind="unavailable", target="all")
    assert (await own.send("GET", "/_sim/health")).status_code == 200


# Redirects.
async def test_a_redirect_to_the_other_name_of_the_host_wants_the_token_again(visit):
    nsg = visit("cadip", "nsg")
    key = (await nsg.names("Files", top="1"))[0]
    headers = await nsg.log_in()
    path = f"http://localhost{nsg.root}/Files({key})/$value"
    first = await nsg.send("GET", path, headers=headers | {"Range": "bytes=0-9"})
    assert first.status_code == 307
    location = first.headers["location"]
    assert location.startswith("http://127.0.0.1/_elsewhere/")
    assert (await nsg.send("GET", location)).status_code == 401
    second = await nsg.send("GET", location, headers=headers | {"Range": "bytes=0-9"})
    assert (second.status_code, len(second.content)) == (206, 10)


async def test_a_presigned_url_refuses_the_token(visit):
    werum = visit("prip", "s1c_werum")
    product = (await werum.get("Products", top="1"))["value"][0]
    first = await werum.ask(f"Products({product['Id']})/$value")
    location = first.headers["location"]
    assert first.status_code == 307
    assert "Amz-Credential" in location
    answer = await werum.send("GET", location)
    assert len(answer.content) == product["ContentLength"]
    assert (await werum.send("GET", location, headers=await werum.log_in())).status_code == 400
    assert (await werum.send("GET", location.replace("Signature=", "Signature=0"))).status_code == 403
    later = location.replace("Expires-At=", "Expires-At=9")
    assert (await werum.send("GET", later)).status_code == 403


async def test_redirect_as_a_fault(own):
    await switch_on(own, kind="redirect", host="http://elsewhere.example:8080", count=1)
    answer = await own.ask(FILE)
    assert answer.status_code == 307
    assert answer.headers["location"].startswith("http://elsewhere.example:8080/_elsewhere/")
    assert (await own.ask(FILE)).status_code == 200


async def test_faults_of_bodies_wait_for_the_place_where_bytes_are_served(own_station):
    nsg = own_station("cadip", "nsg", count=5)
    await nsg.send("POST", "/_sim/faults", json={"kind": "range_ignored", "count": 1})
    key = (await nsg.names("Files", top="1"))[0]
    first = await nsg.ask(f"Files({key})/$value", headers={"Range": "bytes=0-9"})
    second = await nsg.send("GET", first.headers["location"], headers=await nsg.log_in() | {"Range": "bytes=0-9"})
    assert (first.status_code, second.status_code) == (307, 200)


# Statistics and clock.
async def test_statistics(own):
    await own.send("DELETE", "/_sim/stats")
    await own.ask("Sessions")
    await own.ask("Sessions", filter="nonsense")
    await own.ask(FILE, headers={"Range": "bytes=0-99"})
    stats = (await own.send("GET", "/_sim/stats")).json()
    assert stats["requests"] == 4
    assert stats["requests_by_kind"] == {"token": 1, "metadata": 2, "download": 1}
    assert stats["requests_by_resource"] == {"Sessions": 2, "Files": 1}
    assert stats["answers_by_status"] == {"200": 2, "400": 1, "206": 1}
    assert (stats["tokens_issued"], stats["tokens_by_grant"]) == (1, {"password": 1})
    assert stats["bytes_served"] == 100
    assert stats["requests_at_once"] == {"now": 0, "most": 1}
    assert stats["downloads_at_once"] == {"now": 0, "most": 1}


async def test_clock(own):
    answer = await own.send("POST", "/_sim/clock", json={"now": "2024-11-14T14:30:00Z", "speed": 0})
    assert answer.json() == {"now": "2024-11-14T14:30:00.000Z", "speed": 0.0}
    assert "S1A_20241114143038056552" not in await own.names("Sessions", "SessionId")
    await own.send("POST", "/_sim/clock", json={"now": "2024-11-14T14:32:00Z"})
    assert "S1A_20241114143038056552" in await own.names("Sessions", "SessionId")
    assert (await own.send("POST", "/_sim/clock", json={"now": "yesterday"})).status_code == 400
    assert (await own.send("POST", "/_sim/clock", json={"speed": -1})).status_code == 422


async def test_revoking_all_tokens(own):
    await own.get("Sessions")
    assert (await own.send("DELETE", "/_sim/tokens")).status_code == 204
    assert (await own.ask("Sessions")).status_code == 401
