"""An order's course: queued, in progress, completed and evicted, or failed, cancelled, refused, doubled."""

from __future__ import annotations

import pytest

from simulators.odata.instants import read_instant, write_instant
from simulators.service.faults import Fault
from tests.unit.simulators.lta.archive import BULK, DAY, NOTIFICATION, SUBSCRIPTION, later, ordered, product
from tests.unit.simulators.visitor import is_odata_error


async def order_in_a_batch(visitor, wanted):
    bulk = (await visitor.post("Bulks", BULK | {"FilterParam": f"Name eq '{wanted['Name']}'"})).json()["Id"]
    (batch,) = await visitor.names(f"Bulks({bulk})/BatchOrders")
    await visitor.post(f"BatchOrders({batch})/OData.CSC.BatchOrder", {})


async def evict(visitor, key):
    return await visitor.send("POST", "/_sim/evictions", json={"product": key})


def now_of(visitor):
    return write_instant(visitor.station.clock.now())


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


@pytest.mark.parametrize("brought_by", ["nothing", "order", "batch order"])
async def test_what_is_evicted_is_offline_until_it_is_ordered_again(acri, brought_by):
    wanted = await product(acri, online=brought_by == "nothing")
    path = f"Products({wanted['Id']})"
    if brought_by == "order":
        await acri.post(f"{path}/OData.CSC.Order", {})
    elif brought_by == "batch order":
        await order_in_a_batch(acri, wanted)
    later(acri, 60)
    assert (await acri.get(path))["Online"] is True
    assert (await evict(acri, wanted["Id"])).status_code == 204
    assert (await acri.get(path))["Online"] is False
    assert (await acri.ask(f"{path}/$value")).status_code == 202
    assert {order["EvictionDate"] for order in (await acri.get("Orders"))["value"]} <= {now_of(acri)}
    await acri.post(f"{path}/OData.CSC.Order", {})
    later(acri, 60)
    assert (await acri.get(path))["Online"] is True


async def test_an_eviction_leaves_orders_under_way_alone(acri):
    order, wanted = await ordered(acri)
    assert (await evict(acri, wanted["Id"])).status_code == 204
    later(acri, 60)
    assert (await acri.get(f"Products({wanted['Id']})"))["Online"] is True
    assert (await acri.get(f"Orders({order['Id']})"))["Status"] == "completed"


async def test_evictions_of_nothing(acri, visit):
    assert (await evict(acri, "00000000-0000-4000-8000-000000000000")).status_code == 404
    prip = visit("prip", "s1a")
    (held,) = (await prip.get("Products", top="1"))["value"]
    assert (await evict(prip, held["Id"])).status_code == 404


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
