"""PRIP: production on demand, from the workflows to the product and the notice."""

from __future__ import annotations

import pytest

from tests.unit.simulators.visitor import is_odata_error

ORDER = {
    "InputProductReference": {
        "Reference": "",
        "ContentDate": {"Start": "2024-11-14T00:00:00.000Z", "End": "2024-11-14T00:10:00.000Z"},
    },
    "Priority": 50,
    "WorkflowName": "S1_L0_SLC",
    "WorkflowOptions": [{"Name": "OrbitSource", "Value": ["AUX_POEORB"]}],
    "NotificationEndpoint": "https://client.example/notices",
}
ORDER_PROPERTIES = (
    "Id Status StatusMessage SubmissionDate EstimatedDate CompletedDate EvictionDate OrderOutputSize Priority"
    " InputProductReference WorkflowId WorkflowName WorkflowOptions NotificationEndpoint NotificationEpUsername"
)
SECOND = 1_000_000


@pytest.fixture
def demand(own_station):
    return own_station("prip", "s1a", count=60)


async def order(visitor, **changes):
    name = (await visitor.names("Products", "Name", filter="contains(Name,'IW_RAW__0S')"))[-1]
    body = ORDER | {"InputProductReference": ORDER["InputProductReference"] | {"Reference": name}} | changes
    return await visitor.post("ProductionOrder/OData.CSC.Order", body)


def later(visitor, seconds):
    visitor.station.clock.set(now=visitor.station.clock.now() + int(seconds * SECOND))


async def test_workflows(demand):
    answer = await demand.send("GET", f"{demand.root}/Workflows?expand=WorkflowOptions", headers=await demand.log_in())
    workflows = {each["Name"]: each for each in answer.json()["value"]}
    found = workflows["S2_L1C_L2A"]
    assert {"Id", "Name", "Description", "InputProductType", "OutputProductType", "WorkflowVersion"} <= set(found)
    assert {"Name", "Description", "Type", "Default", "Value"} == set(found["WorkflowOptions"][0])


async def test_production_order_states_and_product(demand):
    placed = await order(demand)
    assert placed.status_code in {200, 201, 202}
    made = placed.json()
    assert set(ORDER_PROPERTIES.split()) <= set(made)
    assert made["Status"] in {"queued", "in_progress"}
    assert made["CompletedDate"] is made["OrderOutputSize"] is None
    key = made["Id"]
    assert (await demand.ask(f"ProductionOrder({key})/Product")).status_code == 404
    later(demand, 1.5)
    assert (await demand.get(f"ProductionOrders('{key}')"))["Status"] == "in_progress"
    later(demand, 60)
    done = await demand.get(f"ProductionOrders({key})")
    assert done["Status"] == "completed"
    assert None not in (done["CompletedDate"], done["EvictionDate"])
    product = await demand.get(f"ProductionOrder({key})/Product")
    assert product["ProductionType"] == "on-demand non-default"
    assert product["ContentLength"] == done["OrderOutputSize"]
    value = await demand.ask(f"ProductionOrder({key})/Product/$value")
    assert len(value.content) == product["ContentLength"]
    assert product["Id"] in await demand.names("Products")
    (notice,) = demand.station.root.notices(demand.station.clock.now())
    assert notice.body["ProductId"] == product["Id"]
    assert demand.station.root.notices(demand.station.clock.now()) == []


@pytest.mark.parametrize(
    "query", ["?$filter=Status eq OData.CSC.JobStatus'queued'", "?filter=WorkflowName eq 'S1_L0_SLC'", "?$count=true"]
)
async def test_production_orders_are_listed(demand, query):
    key = (await order(demand)).json()["Id"]
    answer = await demand.send("GET", f"{demand.root}/ProductionOrders{query}", headers=await demand.log_in())
    assert [each["Id"] for each in answer.json()["value"]] == [key]


async def test_cancelled_order_makes_no_product(demand):
    key = (await order(demand)).json()["Id"]
    cancelled = await demand.post(f"ProductionOrder({key})/OData.CSC.Cancel")
    assert cancelled.status_code in {200, 204}
    later(demand, 60)
    assert (await demand.get(f"ProductionOrders({key})"))["Status"] == "cancelled"
    assert (await demand.ask(f"ProductionOrder({key})/Product")).status_code == 404
    assert (await demand.post(f"ProductionOrder({key})/OData.CSC.Cancel")).status_code == 409


async def test_order_of_an_unknown_product_fails(demand):
    key = (await order(demand, InputProductReference={"Reference": "nowhere"})).json()["Id"]
    later(demand, 60)
    failed = await demand.get(f"ProductionOrders({key})")
    assert (failed["Status"], failed["OrderOutputSize"]) == ("failed", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"WorkflowName": "nothing"},
        {"WorkflowName": ""},
        {"WorkflowOptions": [{"Name": "Nothing", "Value": ["x"]}]},
        {"WorkflowOptions": [{"Name": "OrbitSource", "Value": ["x"]}]},
        {"Priority": "high"},
        {"Priority": 1000},
        {"InputProductReference": {}},
    ],
)
async def test_orders_that_are_refused(demand, changes):
    answer = await order(demand, **changes)
    assert answer.status_code == 400
    assert is_odata_error(answer)


async def test_stations_without_production_on_demand(visit):
    assert (await visit("prip", "s3b").ask("Workflows")).status_code == 404
