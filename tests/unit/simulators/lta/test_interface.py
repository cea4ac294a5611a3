"""Every request of LTA's interface with its accepted statuses, every entity's properties, and filters on them."""

from __future__ import annotations

import re

import pytest

from tests.unit.simulators.lta.archive import BULK, NOTIFICATION, SUBSCRIPTION, later, ordered, product

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# Entity sets and actions: request, accepted statuses; `{...}` are keys of entities made beforehand.
REQUESTS = [
    ("GET Products", {200}),
    ("GET Products({product})", {200}),
    ("GET Products('{product}')", {200}),
    ("GET Products?$expand=Attributes", {200}),
    ("GET Products({product})?$expand=Attributes", {200}),
    ("POST Products/OData.CSC.FilterList", {200}),
    ("GET Products({online})/$value", {200, 202, 206}),
    ("POST Products({product})/OData.CSC.Order", {201, 202}),
    ("GET Orders", {200}),
    ("GET Orders({order})", {200}),
    ("GET Orders({order})/Product", {200}),
    ("GET Orders({order})/Product/$value", {200, 202, 206}),
    ("POST Orders({order})/OData.CSC.Cancel", {200, 204}),
    ("POST Bulks", {201, 202}),
    ("GET Bulks", {200}),
    ("GET Bulks({bulk})", {200}),
    ("GET Bulks({bulk})/BatchOrders", {200}),
    ("POST Bulks({bulk})/OData.CSC.Cancel", {200, 204}),
    ("GET BatchOrders", {200}),
    ("GET BatchOrders({batch})", {200}),
    ("GET BatchOrders({batch})/Products", {200}),
    ("POST BatchOrders({batch})/OData.CSC.BatchOrder", {204}),
    ("POST BatchOrders({batch})/OData.CSC.Cancel", {200, 204}),
    ("POST Subscriptions", {201, 202}),
    ("GET Subscriptions", {200}),
    ("GET Subscriptions('{subscription}')", {200}),
    ("GET Subscriptions('{subscription}')/Orders", {200}),
    ("POST Subscriptions({subscription})/OData.CSC.Pause", {200, 202, 204}),
    ("POST Subscriptions({subscription})/OData.CSC.Resume", {200, 202, 204}),
    ("POST Subscriptions({subscription})/OData.CSC.Cancel", {200, 202, 204}),
]
BODIES = {
    "POST Products/OData.CSC.FilterList": {"FilterProducts": [{"Name": "x"}]},
    "POST Bulks": BULK,
    "POST Subscriptions": SUBSCRIPTION | NOTIFICATION,
    "POST Products({product})/OData.CSC.Order": {"Priority": 50, **NOTIFICATION},
    "POST BatchOrders({batch})/OData.CSC.BatchOrder": {"Priority": 50},
}


@pytest.mark.parametrize(("request_line", "statuses"), REQUESTS, ids=[row[0] for row in REQUESTS])
async def test_request(acri, request_line, statuses):
    order, wanted = await ordered(acri)
    bulk = (await acri.post("Bulks", BULK)).json()["Id"]
    keys = {
        "product": wanted["Id"],
        "online": (await product(acri, online=True))["Id"],
        "order": order["Id"],
        "bulk": bulk,
        "batch": (await acri.names(f"Bulks({bulk})/BatchOrders"))[0],
        "subscription": (await acri.post("Subscriptions", SUBSCRIPTION | NOTIFICATION)).json()["Id"],
    }
    method, path = request_line.format(**keys).split(" ")
    if method == "GET":
        answer = await acri.send("GET", f"{acri.root}/{path}", headers=await acri.log_in())
    else:
        answer = await acri.post(path, BODIES.get(request_line))
    assert answer.status_code in statuses, answer.text


@pytest.mark.parametrize("path", ["Jobs", "Evict", "BulkCreate"])
async def test_there_is_nothing_else(acri, path):
    assert (await acri.ask(path)).status_code == 404


# Entities.
PRODUCT = (
    "Id Name ContentType ContentLength OriginDate PublicationDate ModificationDate EvictionDate Online ProductionType"
    " Checksum ContentDate Footprint GeoFootprint"
)
ORDER = {
    "Id": GUID,
    "Status": re.compile("queued|in_progress|completed|failed|cancelled"),
    "StatusMessage": re.compile(".+"),
    "OrderSize": int,
    "SubmissionDate": INSTANT,
    "EstimatedDate": INSTANT,
    "CompletedDate": None,
    "EvictionDate": None,
    "Priority": int,
    "NotificationEndpoint": re.compile("https://client.example/notices"),
    "NotificationEpUsername": re.compile("me"),
}
BULK_ENTITY = {
    "Id": GUID,
    "Status": re.compile("created|in_progress|completed|failed|cancelled"),
    "StatusMessage": re.compile(".+"),
    "FilterParam": re.compile(re.escape(BULK["FilterParam"])),
    "OrderbyParam": None,
    "BatchsizeProducts": int,
    "BatchsizeVolume": int,
    "SubmissionDate": INSTANT,
    "CompletedDate": None,
    "NotificationEndpoint": re.compile("https://client.example/notices"),
    "NotificationEpUsername": re.compile("me"),
}
BATCH_ORDER = {
    "Id": GUID,
    "Status": re.compile("created|queued|in_progress|completed|failed|cancelled"),
    "StatusMessage": re.compile(".+"),
    "OrderSize": int,
    "SubmissionDate": INSTANT,
    "EstimatedDate": INSTANT,
    "CompletedDate": None,
    "Priority": int,
}
SUBSCRIPTION_ENTITY = {
    "Id": GUID,
    "Status": re.compile("running"),
    "FilterParam": re.compile(".+"),
    "SubmissionDate": INSTANT,
    "LastNotificationDate": None,
    "NotificationEndpoint": re.compile("https://.+"),
    "NotificationEpUsername": re.compile("me"),
    "SubscriptionEvent": re.compile("created"),
    "StageOrder": bool,
    "Priority": int,
}


def check(entity, expected):
    assert {name for name in entity if not name.startswith("@")} == set(expected)
    for name, form in expected.items():
        if isinstance(form, re.Pattern):
            assert form.fullmatch(entity[name]), (name, entity[name])
        else:
            assert entity[name] is form if form is None else type(entity[name]) is form, (name, entity[name])


async def test_product_properties(acri):
    for each in (await acri.get("Products"))["value"]:
        assert {name for name in each if not name.startswith("@")} == set(PRODUCT.split())
        assert type(each["Online"]) is bool
        assert INSTANT.fullmatch(each["ModificationDate"])


async def test_order_properties(acri):
    order, wanted = await ordered(acri, **NOTIFICATION)
    assert order.pop("@odata.context") == "$metadata#OData.CSC.Order"
    check(order, ORDER)
    assert order["OrderSize"] == wanted["ContentLength"]
    assert order["Priority"] == 50
    check(await acri.get(f"Orders({order['Id']})"), ORDER)


async def test_bulk_properties(acri):
    made = (await acri.post("Bulks", BULK)).json()
    check(made, BULK_ENTITY)
    assert made["Status"] == "created"


async def test_batch_order_properties(acri):
    bulk = (await acri.post("Bulks", BULK)).json()["Id"]
    key = (await acri.names(f"Bulks({bulk})/BatchOrders"))[0]
    waiting = await acri.get(f"BatchOrders({key})")
    assert (waiting["Status"], waiting["SubmissionDate"], waiting["EstimatedDate"]) == ("created", None, None)
    await acri.post(f"BatchOrders({key})/OData.CSC.BatchOrder", {"Priority": 70})
    placed = await acri.get(f"BatchOrders({key})")
    check(placed, BATCH_ORDER)
    assert placed["Priority"] == 70


async def test_subscription_properties(acri):
    check((await acri.post("Subscriptions", SUBSCRIPTION | NOTIFICATION)).json(), SUBSCRIPTION_ENTITY)


# Filters on orders and products.
@pytest.mark.parametrize(
    "text",
    [
        "Id eq {key}",
        "Status eq OData.CSC.JobStatus'completed'",
        "Status eq OData.CSC.JobStatus'completed' and CompletedDate ge 2024-11-16T00:00:00.000Z",
        "StatusMessage eq 'requested product is available'",
        "OrderSize gt 0",
        "Priority eq 50",
        "SubmissionDate ge 2024-11-16T00:00:00.000Z",
        "EstimatedDate ge 2024-11-16T00:00:00.000Z",
        "CompletedDate gt 2024-11-16T00:00:00.000Z",
        "EvictionDate gt 2024-11-18T00:00:00.000Z",
        "NotificationEndpoint eq 'https://client.example/notices'",
    ],
)
async def test_order_filters(acri, text):
    order, _ = await ordered(acri, **NOTIFICATION)
    later(acri, 60)
    assert await acri.names("Orders", filter=text.format(key=order["Id"]), count="true", top="1000") == [order["Id"]]
    assert await acri.names("Orders", filter=f"not ({text.format(key=order['Id'])})") == []


@pytest.mark.parametrize(
    "text",
    [
        "ModificationDate ge 2024-01-01T00:00:00.000Z",
        "(Online eq false) and contains(Name,'S2')",
        "ContentLength le 100000",
        "Attributes/OData.CSC.DoubleAttribute/any(att:att/Name eq 'cloudCover'"
        " and att/OData.CSC.DoubleAttribute/Value lt 50.5)",
        "OData.CSC.Intersects(area=geography'SRID=4326;POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))')",
    ],
)
async def test_product_filters(acri, text):
    found = await acri.names("Products", filter=text)
    assert 0 < len(found) <= 120
