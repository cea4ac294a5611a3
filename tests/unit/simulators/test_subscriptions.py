"""Subscriptions on AUXIP, PRIP and LTA: the entity, its filters and actions, and the pushes."""

from __future__ import annotations

import re

import pytest

from tests.unit.simulators.visitor import is_odata_error

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DAY = 86_400_000_000
BACK = {"auxip": 5 * DAY, "prip": 5 * DAY, "lta": 60 * DAY}

BODY = {
    "@odata.context": "$metadata#Subscription/entity",
    "FilterParam": "contains(Name,'S')",
    "NotificationEndpoint": "https://client.example/notices",
    "NotificationEpUsername": "me",
    "NotificationEpPassword": "secret",
}


@pytest.fixture(params=[("auxip", "adgs"), ("prip", "s1a"), ("lta", "acri")], ids=["auxip", "prip", "lta"])
def own(request, own_station):
    return own_station(*request.param, count=100)


async def subscribe(visitor, **changes):
    answer = await visitor.post("Subscriptions", BODY | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_subscription_is_running_after_post_and_hides_its_password(own):
    made = await subscribe(own)
    assert made["Status"] == "running"
    assert GUID.fullmatch(made["Id"])
    assert INSTANT.fullmatch(made["SubmissionDate"])
    for name in ("FilterParam", "NotificationEndpoint", "NotificationEpUsername"):
        assert made[name] == BODY[name]
    assert "secret" not in str(made)
    for path in (f"Subscriptions({made['Id']})", f"Subscriptions('{made['Id']}')"):
        read = await own.get(path)
        assert read["Id"] == made["Id"]
        assert "secret" not in str(read)


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        (["Pause"], "paused"),
        (["Pause", "Resume"], "running"),
        (["Cancel"], "cancelled"),
        (["Pause", "Cancel"], "cancelled"),
    ],
)
async def test_subscription_actions(own, actions, status):
    key = (await subscribe(own))["Id"]
    for action in actions:
        answer = await own.post(f"Subscriptions({key})/OData.CSC.{action}")
        assert answer.status_code in {200, 201, 202, 204}
    assert (await own.get(f"Subscriptions({key})"))["Status"] == status


async def test_a_cancelled_subscription_stays_so(own):
    key = (await subscribe(own))["Id"]
    await own.post(f"Subscriptions({key})/OData.CSC.Cancel")
    assert (await own.post(f"Subscriptions({key})/OData.CSC.Resume")).status_code == 409


@pytest.mark.parametrize(
    "text",
    [
        "Status eq OData.CSC.SubscriptionStatus'running'",
        "FilterParam eq 'contains(Name,''S'')'",
        "SubmissionDate ge 2024-11-16T00:00:00Z",
        "NotificationEndpoint eq 'https://client.example/notices'",
    ],
)
async def test_subscription_filters(own, text):
    key = (await subscribe(own))["Id"]
    assert await own.names("Subscriptions", filter=text) == [key]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"FilterParam": "x"},
        BODY | {"FilterParam": "not a filter"},
        BODY | {"FilterParam": "Nothing eq 1"},
        BODY | {"NotificationEndpoint": "file:///etc/passwd"},
        BODY | {"NotificationEndpoint": None},
    ],
)
async def test_subscriptions_that_are_refused(own, body):
    answer = await own.post("Subscriptions", body)
    assert answer.status_code == 400
    assert is_odata_error(answer)
    assert (await own.get("Subscriptions"))["value"] == []


async def test_a_push_tells_each_new_product_once(own):
    """The clock goes back before the last products; as it goes on, they are published."""
    station = own.station
    before = len(await own.names("Products"))
    start = station.clock.now()
    station.clock.set(now=start - BACK[station.profile.interface])
    shown = len(await own.names("Products"))
    made = await subscribe(own)
    assert station.root.notices(station.clock.now()) == []
    station.clock.set(now=start)
    notices = station.root.notices(start)
    assert len(notices) == before - shown > 0
    assert station.root.notices(start) == []
    (endpoint,) = {(each.endpoint, each.username, each.password) for each in notices}
    assert endpoint == ("https://client.example/notices", "me", "secret")
    body = notices[0].body
    members = {"@odata.context", "ProductId", "ProductName", "SubscriptionId", "NotificationDate"}
    lta = own.station.profile.interface == "lta"
    assert set(body) == (members | {"SubscriptionEvent"} if lta else members)
    assert body["@odata.context"] == "$metadata#Notification/$entity"
    assert body["SubscriptionId"] == made["Id"]
    assert (await own.get(f"Products({body['ProductId']})"))["Name"] == body["ProductName"]
    assert (await own.get(f"Subscriptions({made['Id']})"))["LastNotificationDate"] is not None


async def test_a_paused_subscription_tells_nothing(own):
    station = own.station
    start = station.clock.now()
    station.clock.set(now=start - BACK[station.profile.interface])
    key = (await subscribe(own))["Id"]
    await own.post(f"Subscriptions({key})/OData.CSC.Pause")
    station.clock.set(now=start)
    assert station.root.notices(start) == []
    await own.post(f"Subscriptions({key})/OData.CSC.Resume")
    assert station.root.notices(start + 1) == []
