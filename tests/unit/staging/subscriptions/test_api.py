"""The service `/subscriptions`: what is taken and refused, who may see and change what, pages, pause and removal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from tests.unit.staging.cast import BASE_URL, COLLECTION
from tests.unit.staging.subscriptions.orders import Orders
from tests.unit.staging.test_api import check_problem

SOURCE = {"service": "cadip", "collections": ["s1_mti"], "filter": "platform = 'sentinel-1a'"}
GOOD: dict[str, Any] = {"source": SOURCE, "collection": COLLECTION}


async def add(client: httpx.AsyncClient, **members: Any) -> dict[str, Any]:
    answer = await client.post("/subscriptions", json=GOOD | members)
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    return added


async def test_a_subscription_is_made_shown_and_polled_at_once(orders: Orders, alice: httpx.AsyncClient) -> None:
    answer = await alice.post("/subscriptions", json=GOOD | {"collection": "s1-l0", "label": "passes of S1A"})
    assert answer.status_code == 201
    added = answer.json()
    assert answer.headers["location"] == f"{BASE_URL}/subscriptions/{added['id']}"
    assert (added["status"], added["owner"], added["collection"]) == ("active", "alice", COLLECTION)
    assert (added["source"], added["label"], added["error"]) == (SOURCE, "passes of S1A", None)
    orders.station.publish("S1", 1, platform="sentinel-1a")
    orders.station.publish("S2", 1, platform="sentinel-1a", complete=False)
    await orders.work()
    shown = (await alice.get(f"/subscriptions/{added['id']}")).json()
    assert shown["items"] == {"found": 2, "staged": 0, "failed": 0, "dismissed": 0}
    states = {item["id"]: item["state"] for item in shown["under_way"]["items"]}
    assert states == {"S1": "staging", "S2": "waiting"}
    assert shown["polled"]
    [listed] = (await alice.get("/subscriptions")).json()["subscriptions"]
    assert {name: shown[name] for name in listed} == listed


async def test_an_item_that_failed_is_shown_with_its_reason(orders: Orders, alice: httpx.AsyncClient) -> None:
    added = await add(alice)
    orders.station.publish("S1", 1, platform="sentinel-1a")
    orders.station.refusal = (503, "Station cadip:mti does not answer.")
    await orders.round()
    shown = (await alice.get(f"/subscriptions/{added['id']}")).json()
    assert shown["error"]["status"] == 503
    assert "does not answer" in shown["error"]["reason"]


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("no source", {"source": None}, 400, "source"),
    ("an unknown service", {"source": {"service": "catalog", "collections": ["c"]}}, 400, "source.service"),
    ("a service that is not deployed", {"source": {"service": "lta", "collections": ["c"]}}, 400, "lta"),
    ("no collections", {"source": {"service": "cadip", "collections": []}}, 400, "source.collections"),
    ("a filter with a slip of the pen", {"source": SOURCE | {"filter": "platfrom = 'x'"}}, 400, "platfrom"),
    ("a filter of a wrong type", {"source": SOURCE | {"filter": 7}}, 400, "filter"),
    ("a filter that is too long", {"source": SOURCE | {"filter": "x" * 4001}}, 400, "filter"),
    ("a collection that is no name", {"collection": "a/b"}, 400, "a/b"),
    ("a collection that is not there", {"collection": "alice:nowhere"}, 404, "alice:nowhere"),
    ("an unknown member", {"nonsense": 1}, 400, "nonsense"),
    ("since that is no date", {"since": "yesterday"}, 400, "since"),
    ("since without offset", {"since": "2026-11-23T10:00:00"}, 400, "since"),
    ("since in the future", {"since": (datetime.now(UTC) + timedelta(days=1)).isoformat()}, 400, "future"),
    ("a label that is too long", {"label": "x" * 201}, 400, "label"),
]


@pytest.mark.parametrize(
    ("members", "status", "word"),
    [pytest.param(members, status, word, id=name) for name, members, status, word in REFUSED],
)
async def test_bodies_that_are_refused(
    orders: Orders, alice: httpx.AsyncClient, members: dict[str, Any], status: int, word: str
) -> None:
    check_problem(await alice.post("/subscriptions", json=GOOD | members), status, word)
    assert await orders.store.all() == []


async def test_what_the_station_service_refuses_is_told(orders: Orders, alice: httpx.AsyncClient) -> None:
    orders.station.refusal = (400, "The filter has an unknown property 'platfrom'.")
    check_problem(await alice.post("/subscriptions", json=GOOD), 400, "platfrom")
    orders.station.refusal = (404, "There is no collection 's1_mti' in cadip.")
    check_problem(await alice.post("/subscriptions", json=GOOD), 404, "s1_mti")
    assert await orders.store.all() == []


async def test_a_station_that_is_away_does_not_keep_from_subscribing(orders: Orders, alice: httpx.AsyncClient) -> None:
    orders.station.refusal = (503, "Station cadip:mti does not answer.")
    await add(alice)


async def test_subscriptions_are_their_owners_and_admins_only(
    orders: Orders, alice: httpx.AsyncClient, bob: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    added = await add(alice)
    path = f"/subscriptions/{added['id']}"
    assert (await admin.get(path)).status_code == 200
    assert (await bob.get("/subscriptions")).json()["subscriptions"] == []
    assert len((await admin.get("/subscriptions")).json()["subscriptions"]) == 1
    unknown = check_problem(await bob.get("/subscriptions/none"), 404)["detail"]
    for method in ("GET", "PATCH", "DELETE"):
        refused = check_problem(await bob.request(method, path, json={}), 404)
        assert refused["detail"].replace(added["id"], "none") == unknown
    assert await orders.store.get(added["id"])


async def test_rights_by_action(orders: Orders, alice: httpx.AsyncClient) -> None:
    added = await add(alice)
    path = f"/subscriptions/{added['id']}"
    station = Grant("user:alice", ResourcePattern.parse("cadip:mti"), frozenset({"read"}))
    write = Grant("user:alice", ResourcePattern.parse("process:staging"), frozenset({"write"}))
    orders.world.people.grants = [station, write]
    check_problem(await alice.post("/subscriptions", json=GOOD), 403, "download")
    check_problem(await alice.get(path), 403)
    check_problem(await alice.delete(path), 403)
    assert (await alice.patch(path, json={"label": "x"})).status_code == 200
    orders.world.people.grants = []
    check_problem(await alice.get("/subscriptions"), 404)


async def test_anonymous_callers_are_asked_who_they_are(anonymous: httpx.AsyncClient) -> None:
    check_problem(await anonymous.get("/subscriptions"), 401)
    check_problem(await anonymous.post("/subscriptions", json=GOOD), 401)
    check_problem(await anonymous.get("/subscriptions/x"), 401)


async def test_pause_resume_label_remove(orders: Orders, alice: httpx.AsyncClient) -> None:
    path = f"/subscriptions/{(await add(alice))['id']}"
    await orders.work()
    paused = (await alice.patch(path, json={"status": "paused", "label": "rest"})).json()
    assert (paused["status"], paused["label"]) == ("paused", "rest")
    orders.station.publish("S1", 1, platform="sentinel-1a")
    await orders.round()
    assert orders.staged == []
    assert (await alice.patch(path, json={"status": "active"})).json()["status"] == "active"
    await orders.work()
    assert orders.staged == ["S1"]
    check_problem(await alice.patch(path, json={"status": "gone"}), 400, "status")
    check_problem(await alice.patch(path, json={"source": SOURCE}), 400, "source")
    assert (await alice.delete(path)).status_code == 204
    check_problem(await alice.get(path), 404)
    check_problem(await alice.delete(path), 404)
    assert (await alice.get("/subscriptions")).json()["subscriptions"] == []


async def test_pages(orders: Orders, alice: httpx.AsyncClient) -> None:
    added = []
    for number in range(5):
        orders.world.clock.seconds += 1
        added.append((await add(alice, label=str(number)))["id"])
    found, url = [], "/subscriptions?limit=2"
    while url:
        page = (await alice.get(url)).json()
        assert len(page["subscriptions"]) <= 2
        found += [one["id"] for one in page["subscriptions"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert found == added
    check_problem(await alice.get("/subscriptions?token=nonsense"), 400)


async def test_there_is_an_end_to_subscriptions(
    orders: Orders, alice: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rs_server.staging.subscriptions.desk.MOST", 2)
    await add(alice)
    await add(alice)
    check_problem(await alice.post("/subscriptions", json=GOOD), 409, "Remove one")
