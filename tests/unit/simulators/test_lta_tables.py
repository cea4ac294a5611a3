"""LTA: every request of the interface with its accepted statuses, every entity's properties, and the order's course."""

from __future__ import annotations

import re

import pytest

from simulators.lta.bulks import cut
from simulators.odata.instants import read_instant
from simulators.service.faults import Fault
from tests.unit.simulators.visitor import Visitor, is_odata_error, make_station

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SECOND, DAY = 1_000_000, 86_400_000_000
NOTIFICATION = {
    "NotificationEndpoint": "https://client.example/notices",
    "NotificationEpUsername": "me",
    "NotificationEpPassword": "secret",
}
BULK = {"FilterParam": "startswith(Name,'S1')", "BatchsizeProducts": 10, "BatchsizeVolume": 1, **NOTIFICATION}
SUBSCRIPTION = {
    "FilterParam": "contains(Name,'S')",
    "SubscriptionEvent": "created",
    "StageOrder": False,
    "Priority": 50,
}


@pytest.fixture
def acri(own_station) -> Visitor:
    return own_station("lta", "acri", count=120)


def later(visitor, seconds):
    visitor.station.clock.set(now=visitor.station.clock.now() + int(seconds * SECOND))


async def product(visitor, online):
    found = await visitor.get("Products", filter=f"(Online eq {str(online).lower()}) and ContentLength gt 1", top="1")
    return found["value"][0]


async def ordered(visitor, **body):
    """An order of an offline product, and the product."""
    wanted = await product(visitor, online=False)
    answer = await visitor.post(f"Products({wanted['Id']})/OData.CSC.Order", {"Priority": 50} | body)
    assert answer.status_code in {201, 202}, answer.text
    return answer.json(), wanted


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


# The order's course.
async def test_an_online_product_is_downloaded_at_once(acri):
    online = await product(acri, online=True)
    answer = await acri.ask(f"Products({online['Id']})/$value", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, len(answer.content)) == (206, 10)


async def test_an_offline_product_is_not(acri, visit):
    offline = await product(acri, online=False)
    assert (await acri.ask(f"Products({offline['Id']})/$value")).status_code == 202
    exprivia = visit("lta", "exprivia_s1")
    offline = await product(exprivia, online=False)
    answer = await exprivia.ask(f"Products({offline['Id']})/$value")
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, "Not allowed yet")


async def test_course_of_an_order(acri):
    order, wanted = await ordered(acri)
    key, path = order["Id"], f"Products({wanted['Id']})"
    assert (order["Status"], order["StatusMessage"]) == ("queued", "request is queued")
    later(acri, 1.5)
    running = await acri.get(f"Orders({key})")
    assert (running["Status"], running["StatusMessage"]) == ("in_progress", "request is under processing")
    assert (await acri.ask(f"{path}/$value")).status_code == 202
    assert (await acri.ask(f"Orders({key})/Product/$value")).status_code == 202
    acri.station.clock.set(now=read_instant(running["EstimatedDate"]))
    done = await acri.get(f"Orders({key})")
    assert (done["Status"], done["StatusMessage"]) == ("completed", "requested product is available")
    assert done["CompletedDate"] == running["EstimatedDate"]
    kept = read_instant(done["EvictionDate"]) - read_instant(done["CompletedDate"])
    assert 3 * DAY <= kept <= 4 * DAY
    shown = await acri.get(path)
    assert (shown["Online"], shown["EvictionDate"]) == (True, done["EvictionDate"])
    for value in (f"{path}/$value", f"Orders({key})/Product/$value"):
        answer = await acri.ask(value, headers={"Range": "bytes=0-1023"})
        assert (answer.status_code, len(answer.content)) == (206, 1024)
    acri.station.clock.set(now=read_instant(done["EvictionDate"]))
    assert (await acri.get(path))["Online"] is False
    assert (await acri.ask(f"{path}/$value")).status_code == 202
    assert wanted["Id"] in await acri.names("Products", filter="Online eq false")


async def test_an_evicted_copy_can_be_ordered_again(acri):
    order, wanted = await ordered(acri)
    later(acri, 5 * 86_400)
    again = (await acri.post(f"Products({wanted['Id']})/OData.CSC.Order", {"Priority": 50})).json()
    assert again["Id"] != order["Id"]
    assert (await acri.get(f"Products({wanted['Id']})"))["Online"] is False
    later(acri, 60)
    assert (await acri.get(f"Products({wanted['Id']})"))["Online"] is True


async def test_a_failed_order(acri):
    acri.station.faults.add(Fault(kind="order_fails", count=1))
    order, wanted = await ordered(acri)
    later(acri, 60)
    failed = await acri.get(f"Orders({order['Id']})")
    assert (failed["Status"], failed["CompletedDate"], failed["EvictionDate"]) == ("failed", None, None)
    assert (await acri.get(f"Products({wanted['Id']})"))["Online"] is False
    again = (await acri.post(f"Products({wanted['Id']})/OData.CSC.Order", {})).json()
    assert again["Id"] != order["Id"]
    later(acri, 60)
    assert (await acri.get(f"Orders({again['Id']})"))["Status"] == "completed"


async def test_every_tenth_order_fails_at_exprivia(own_station):
    visitor = own_station("lta", "exprivia_s2", count=200)
    keys = await visitor.names("Products", filter="Online eq false", top="20")
    orders = [(await visitor.post(f"Products({key})/OData.CSC.Order", {})).json()["Id"] for key in keys]
    later(visitor, 60)
    assert len(await visitor.names("Orders", filter="Status eq OData.CSC.JobStatus'failed'")) == 2
    assert len(set(orders)) == 20


@pytest.mark.parametrize("seconds", [0, 1.5])
async def test_cancel_while_queued_or_in_progress(acri, seconds):
    order, wanted = await ordered(acri)
    later(acri, seconds)
    assert (await acri.post(f"Orders({order['Id']})/OData.CSC.Cancel")).status_code in {200, 204}
    later(acri, 60)
    assert (await acri.get(f"Orders({order['Id']})"))["Status"] == "cancelled"
    assert (await acri.get(f"Products({wanted['Id']})"))["Online"] is False


async def test_cancel_of_what_is_over(acri):
    order, _ = await ordered(acri)
    later(acri, 60)
    answer = await acri.post(f"Orders({order['Id']})/OData.CSC.Cancel")
    assert answer.status_code == 409
    assert is_odata_error(answer)
    assert (await acri.get(f"Orders({order['Id']})"))["Status"] == "completed"


async def test_duplicate_orders_give_the_existing_one_at_acri(acri):
    order, wanted = await ordered(acri)
    again = await acri.post(f"Products({wanted['Id']})/OData.CSC.Order", {"Priority": 50})
    assert again.json()["Id"] == order["Id"]
    assert len(await acri.names("Orders")) == 1


async def test_duplicate_orders_are_new_at_cloudferro_and_outlive_each_other(own_station):
    visitor = own_station("lta", "cloudferro", count=120)
    first, wanted = await ordered(visitor)
    second = (await visitor.post(f"Products({wanted['Id']})/OData.CSC.Order", {"Priority": 50})).json()
    assert second["Id"] != first["Id"]
    await visitor.post(f"Orders({first['Id']})/OData.CSC.Cancel")
    later(visitor, 60)
    assert (await visitor.get(f"Orders({second['Id']})"))["Status"] == "completed"
    assert (await visitor.get(f"Products({wanted['Id']})"))["Online"] is True


async def test_priority_shortens_the_queue(own_station):
    visitor = own_station("lta", "cloudferro", count=120)
    low, wanted = await ordered(visitor, Priority=0)
    high = (await visitor.post(f"Products({wanted['Id']})/OData.CSC.Order", {"Priority": 100})).json()
    assert (low["Status"], high["Status"]) == ("queued", "in_progress")


@pytest.mark.parametrize("body", [{"Priority": "x"}, {"Priority": 101}, {"NotificationEndpoint": "x"}, [], "text"])
async def test_orders_that_are_refused(acri, body):
    wanted = await product(acri, online=False)
    answer = await acri.post(f"Products({wanted['Id']})/OData.CSC.Order", body)
    assert answer.status_code == 400
    assert is_odata_error(answer)


async def test_orders_of_nothing(acri):
    unknown = "00000000-0000-4000-8000-000000000000"
    assert (await acri.post(f"Products({unknown})/OData.CSC.Order", {})).status_code == 404
    assert (await acri.post(f"Orders({unknown})/OData.CSC.Cancel", {})).status_code == 404
    assert (await acri.ask(f"Orders({unknown})")).status_code == 404


async def test_notice_of_a_completed_order(acri):
    order, wanted = await ordered(acri, **NOTIFICATION)
    assert acri.station.root.notices(acri.station.clock.now()) == []
    later(acri, 60)
    (notice,) = acri.station.root.notices(acri.station.clock.now())
    assert (notice.endpoint, notice.username, notice.password) == tuple(NOTIFICATION.values())
    assert notice.body["OrderId"] == order["Id"]
    assert (notice.body["ProductId"], notice.body["ProductName"]) == (wanted["Id"], wanted["Name"])
    assert acri.station.root.notices(acri.station.clock.now()) == []


# Bulks.
async def bulk_of(visitor, **changes):
    answer = await visitor.post("Bulks", BULK | changes)
    assert answer.status_code in {201, 202}, answer.text
    key = answer.json()["Id"]
    return key, await visitor.names(f"Bulks({key})/BatchOrders")


async def test_a_bulk_is_cut_into_batches_that_hold_its_products_once(acri):
    wanted = await acri.names("Products", filter=BULK["FilterParam"])
    _, batches = await bulk_of(acri)
    held = [await acri.names(f"BatchOrders({each})/Products") for each in batches]
    assert sorted(key for batch in held for key in batch) == sorted(wanted)
    assert [len(batch) for batch in held[:-1]] == [10] * (len(held) - 1)
    assert 0 < len(held[-1]) <= 10


def test_cut_by_volume():
    gigabyte = 1_000_000_000
    products = [(number, size * gigabyte) for number, size in enumerate([1, 1, 1, 3, 5, 1])]
    assert [[number for number, _ in batch] for batch in cut(products, 100, 3)] == [[0, 1, 2], [3], [4], [5]]
    assert [len(batch) for batch in cut(products, 2, 100)] == [2, 2, 2]
    assert list(cut([], 2, 2)) == []


async def test_course_of_a_bulk(acri):
    bulk, batches = await bulk_of(acri, BatchsizeProducts=20)
    later(acri, 60)
    assert (await acri.get(f"Bulks({bulk})"))["Status"] == "created", "batches wait to be ordered"
    first, *others = batches
    assert (await acri.post(f"BatchOrders({first})/OData.CSC.BatchOrder", {"Priority": 60})).status_code == 204
    assert (await acri.get(f"Bulks({bulk})"))["Status"] == "in_progress"
    later(acri, 60)
    assert (await acri.get(f"BatchOrders({first})"))["Status"] == "completed"
    assert all(each["Online"] for each in (await acri.get(f"BatchOrders({first})/Products"))["value"])
    for other in others:
        await acri.post(f"BatchOrders({other})/OData.CSC.BatchOrder", {"Priority": 60})
    later(acri, 60)
    done = await acri.get(f"Bulks({bulk})")
    assert done["Status"] == "completed"
    assert done["CompletedDate"] is not None
    notices = acri.station.root.notices(acri.station.clock.now())
    assert {notice.body["BatchOrderId"] for notice in notices} == set(batches)
    assert set(notices[0].body) == {"@odata.context", "ProductId", "Name", "BatchOrderId", "NotificationDate"}


async def test_a_batch_is_ordered_once(acri):
    _, batches = await bulk_of(acri)
    path = f"BatchOrders({batches[0]})/OData.CSC.BatchOrder"
    assert (await acri.post(path, {})).status_code == 204
    assert (await acri.post(path, {})).status_code == 409


async def test_a_failed_batch_fails_its_bulk(acri):
    bulk, batches = await bulk_of(acri, BatchsizeProducts=1000)
    acri.station.faults.add(Fault(kind="order_fails"))
    await acri.post(f"BatchOrders({batches[0]})/OData.CSC.BatchOrder", {})
    later(acri, 60)
    assert (await acri.get(f"BatchOrders({batches[0]})"))["Status"] == "failed"
    assert (await acri.get(f"Bulks({bulk})"))["Status"] == "failed"


async def test_cancel_of_a_bulk_and_of_a_batch(acri):
    bulk, batches = await bulk_of(acri)
    await acri.post(f"BatchOrders({batches[0]})/OData.CSC.BatchOrder", {})
    assert (await acri.post(f"BatchOrders({batches[0]})/OData.CSC.Cancel")).status_code in {200, 204}
    later(acri, 60)
    offline = (await acri.get(f"BatchOrders({batches[0]})/Products", filter="Online eq false"))["value"]
    assert offline
    assert (await acri.post(f"Bulks({bulk})/OData.CSC.Cancel")).status_code in {200, 204}
    assert (await acri.get(f"Bulks({bulk})"))["Status"] == "cancelled"
    states = {each["Status"] for each in (await acri.get(f"Bulks({bulk})/BatchOrders"))["value"]}
    assert states == {"cancelled"}
    assert (await acri.post(f"Bulks({bulk})/OData.CSC.Cancel")).status_code == 409


async def test_products_of_a_cancelled_bulk_stay_offline_but_for_other_orders(acri):
    bulk, batches = await bulk_of(acri, BatchsizeProducts=1000)
    offline = await acri.names(f"BatchOrders({batches[0]})/Products", filter="Online eq false")
    await acri.post(f"Products({offline[0]})/OData.CSC.Order", {})
    await acri.post(f"BatchOrders({batches[0]})/OData.CSC.BatchOrder", {})
    await acri.post(f"Bulks({bulk})/OData.CSC.Cancel")
    later(acri, 60)
    assert await acri.names("Products", filter=f"Id in ({','.join(offline)}) and Online eq true") == [offline[0]]


async def test_a_cancelled_order_leaves_the_batch_its_copy(acri):
    _, batches = await bulk_of(acri, BatchsizeProducts=1000)
    offline = await acri.names(f"BatchOrders({batches[0]})/Products", filter="Online eq false")
    order = (await acri.post(f"Products({offline[0]})/OData.CSC.Order", {})).json()
    await acri.post(f"BatchOrders({batches[0]})/OData.CSC.BatchOrder", {})
    await acri.post(f"Orders({order['Id']})/OData.CSC.Cancel")
    later(acri, 60)
    assert (await acri.get(f"Products({offline[0]})"))["Online"] is True


async def test_bulk_in_an_order_of_its_own(acri):
    bulk, batches = await bulk_of(acri, OrderbyParam="ContentLength desc", BatchsizeProducts=5)
    assert (await acri.get(f"Bulks({bulk})"))["OrderbyParam"] == "ContentLength desc"
    sizes = (await acri.get(f"BatchOrders({batches[0]})/Products"))["value"]
    largest = await acri.names(
        "Products", "ContentLength", filter=BULK["FilterParam"], orderby="ContentLength desc", top="5"
    )
    assert sorted((each["ContentLength"] for each in sizes), reverse=True) == largest


async def test_an_empty_bulk_is_complete_at_once(acri):
    bulk, batches = await bulk_of(acri, FilterParam="Name eq 'nowhere'")
    assert batches == []
    assert (await acri.get(f"Bulks({bulk})"))["Status"] == "completed"


@pytest.mark.parametrize(
    "changes",
    [
        {"FilterParam": "nonsense"},
        {"FilterParam": ""},
        {"OrderbyParam": "Nothing"},
        {"BatchsizeProducts": 0},
        {"BatchsizeVolume": 0},
        {"BatchsizeVolume": "many"},
    ],
)
async def test_bulks_that_are_refused(acri, changes):
    answer = await acri.post("Bulks", BULK | changes)
    assert answer.status_code == 400
    assert is_odata_error(answer)
    assert (await acri.get("Bulks"))["value"] == []


# Subscriptions that order.
async def test_a_subscription_with_stage_order_orders_what_is_offline(acri):
    station = acri.station
    start = station.clock.now()
    station.clock.set(now=start - 90 * DAY)
    key = (await acri.post("Subscriptions", SUBSCRIPTION | NOTIFICATION | {"StageOrder": True})).json()["Id"]
    station.clock.set(now=start)
    new = [each.body["ProductId"] for each in station.root.notices(start)]
    assert new
    orders = await acri.names(f"Subscriptions('{key}')/Orders")
    offline = await acri.names("Products", filter=f"Id in ({','.join(new)}) and Online eq false")
    assert len(orders) == len(offline) > 0


# Several archives.
ARCHIVES = ["acri", "cloudferro", "werum"]


async def test_archives_hold_the_same_products_under_different_ids(visit):
    held = {
        name: {each["Name"]: each for each in (await visit("lta", name).get("Products"))["value"]} for name in ARCHIVES
    }
    for mission in ("s1", "s2", "s3"):
        page = await visit("lta", f"exprivia_{mission}").get("Products")
        held.setdefault("exprivia", {}).update({each["Name"]: each for each in page["value"]})
    names = set(held["acri"])
    assert len(names) == 500
    for archive, products in held.items():
        assert set(products) == names, archive
    for name in names:
        assert len({products[name]["Id"] for products in held.values()}) == 4
        assert len({products[name]["Checksum"][0]["Value"] for products in held.values()}) == 1


async def test_exprivia_has_a_root_for_each_mission(visit):
    for mission in ("1", "2", "3"):
        visitor = visit("lta", f"exprivia_s{mission}")
        assert visitor.root == f"/s{mission}/odata/v1"
        assert {name[:2] for name in await visitor.names("Products", "Name")} == {f"S{mission}"}


@pytest.mark.parametrize(
    ("archive", "eviction"),
    [("acri", "2199-01-01T00:00:00.000Z"), ("cloudferro", "9999-12-31T23:59:59.999000Z"), ("werum", None)],
)
async def test_habits_of_eviction(visit, archive, eviction):
    products = (await visit("lta", archive).get("Products"))["value"]
    assert {each.get("EvictionDate") for each in products} == {eviction}
    assert ("EvictionDate" in products[0]) is (eviction is not None), "Werum leaves it out"


async def test_a_rolling_online_copy_at_dlr(visit):
    visitor = visit("lta", "s5p_dlr")
    online = (await visitor.get("Products", filter="Online eq true"))["value"]
    offline = (await visitor.get("Products", filter="Online eq false"))["value"]
    assert online
    assert offline
    assert min(each["PublicationDate"] for each in online) > max(each["PublicationDate"] for each in offline)
    for each in online:
        assert read_instant(each["EvictionDate"]) - read_instant(each["PublicationDate"]) == 5 * DAY


def test_a_kept_database_keeps_orders_and_refuses_other_data(tmp_path):
    path = tmp_path / "lta.sqlite"
    first = make_station("lta", "acri", count=50, database=path)
    first.database.insert("orders", ["Id"], [("x",)])
    first.database.close()
    again = make_station("lta", "acri", count=50, database=path)
    assert again.database.read("SELECT Id FROM orders") == [("x",)]
    assert again.database.read("SELECT count(*) FROM products") == [(50,)]
    again.database.close()
    with pytest.raises(ValueError, match="other data"):
        make_station("lta", "acri", count=51, database=path)
