"""Bulks: cut into batches that hold their products once, ordered batch by batch, failed and cancelled."""

from __future__ import annotations

import pytest

from simulators.lta.bulks import cut
from simulators.service.faults import Fault
from tests.unit.simulators.lta.archive import BULK, later
from tests.unit.simulators.visitor import is_odata_error


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
