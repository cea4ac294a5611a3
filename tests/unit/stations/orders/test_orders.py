from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from rs_server.access.principals import ANONYMOUS, Principal
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant, Rights
from rs_server.errors import BackendUnavailable, Conflict, Forbidden, InvalidRequest, NotFound, Unauthenticated
from rs_server.http import serve
from rs_server.stations.api.app import create_app
from rs_server.stations.interfaces.lta import lta_interface
from rs_server.stations.odata.state import StationState
from rs_server.stations.orders.model import Order
from rs_server.stations.orders.records import OrderRecords
from rs_server.stations.orders.service import OrderService
from rs_server.stations.profiles.model import VirtualCollection
from tests.unit.stations.orders.archive_double import ArchiveDouble
from tests.unit.stations.search.doubles import ADMIN, Service, product

START = datetime(2024, 11, 14, 12, 0, tzinfo=UTC)
ITEM = "S1A_IW_RAW__0SDV_000001"


def of(login: str, *actions: str, resource: str = "lta:*") -> Rights:
    grant = Grant(f"user:{login}", ResourcePattern.parse(resource), frozenset(actions))
    return Rights.of(Principal(login=login), [grant])


ALICE, BOB, READER = of("alice", "read", "download"), of("bob", "read", "download"), of("carol", "read")


class Archives:
    """Two archives that hold one product offline."""

    def __init__(self, dynamodb: Any, *, online: tuple[bool, bool] = (False, False)) -> None:
        self.acri, self.werum = (
            ArchiveDouble(name, [product(1, START + timedelta(seconds=delay), name, online=online[delay])])
            for delay, name in enumerate(("acri", "werum"))
        )
        everything = VirtualCollection(
            id="all", title="All", description="All", stations=("acri", "werum"), start="2014-04-03T00:00:00Z"
        )
        self.service = Service(
            {"acri": self.acri, "werum": self.werum}, collections=(everything,), interface=lta_interface()
        )
        self.records = OrderRecords(lambda station: StationState(dynamodb, "stations", station))
        self.orders = OrderService(self.service.search, self.records)

    async def place(self, rights: Rights = ALICE) -> Order:
        return await self.orders.place("all", ITEM, rights)


@pytest.fixture
def archives(dynamodb: Any) -> Archives:
    return Archives(dynamodb)


async def test_an_order_is_placed_at_the_first_archive(archives: Archives) -> None:
    order = await archives.place()
    assert order.new
    assert order.to_json() == {
        "id": f"acri:{order.id.key}" if order.id else None,
        "rs:station": "lta:acri",
        "order:status": "ordered",
        "order:id": order.id.key if order.id else None,
        "order:date": "2024-11-14T12:00:00.000Z",
        "message": "request is queued",
        "estimated": "2024-11-14T12:02:00.000Z",
    }
    assert archives.acri.ordered == [archives.acri.sessions[0]["Id"]]
    assert archives.werum.ordered == []


@pytest.mark.parametrize("state", ["queued", "in_progress", "completed"])
async def test_the_same_order_is_placed_once_whoever_asks(archives: Archives, state: str) -> None:
    first = await archives.place()
    archives.acri.move(state)
    again = await archives.place(BOB)
    assert again.id == first.id
    assert not again.new
    assert len(archives.acri.ordered) == 1


async def test_a_product_that_is_online_needs_no_order(dynamodb: Any) -> None:
    archives = Archives(dynamodb, online=(False, True))
    order = await archives.place()
    assert (order.station, order.status, order.id, order.new) == ("lta:werum", "succeeded", None, False)
    assert archives.acri.ordered == archives.werum.ordered == []


@pytest.mark.parametrize("status", [500, 503, 429, 403, 404])
async def test_another_archive_is_tried_when_one_refuses(archives: Archives, status: int) -> None:
    archives.acri.failing = status
    order = await archives.place()
    assert order.station == "lta:werum"
    assert len(archives.werum.ordered) == 1


async def test_after_an_order_failed_another_archive_comes_first(archives: Archives) -> None:
    await archives.place()
    archives.acri.move("failed", StatusMessage="request failed")
    order = await archives.place()
    assert (order.station, order.new) == ("lta:werum", True)


async def test_a_cancelled_order_can_be_placed_again(archives: Archives) -> None:
    first = await archives.place()
    archives.acri.move("cancelled")
    second = await archives.place()
    assert second.station == "lta:acri"
    assert second.id != first.id


async def test_when_all_archives_fail_the_order_fails(archives: Archives) -> None:
    archives.acri.failing = archives.werum.failing = 503
    with pytest.raises(BackendUnavailable):
        await archives.place()
    archives.acri.failing = 0
    assert (await archives.place()).station == "lta:acri"


async def test_while_one_request_places_it_another_waits(archives: Archives) -> None:
    key = archives.acri.sessions[0]["Id"]
    assert await archives.records.begin("lta:acri", key, "another", archives.service.clock.time)
    with pytest.raises(Conflict, match="being ordered right now"):
        await archives.place()


async def test_an_order_as_it_goes_on(archives: Archives) -> None:
    placed = await archives.place()
    archives.acri.move("completed", CompletedDate="2024-11-14T12:01:00Z", EvictionDate="2024-11-18T12:01:00Z")
    order, ordered = await archives.orders.get(str(placed.id), BOB)
    assert (order.status, order.completed, order.expires) == (
        "succeeded",
        "2024-11-14T12:01:00Z",
        "2024-11-18T12:01:00Z",
    )
    assert (ordered.collection, ordered.item, ordered.login) == ("all", ITEM, "alice")


async def test_only_who_placed_an_order_cancels_it_and_only_while_it_is_under_way(archives: Archives) -> None:
    placed = str((await archives.place()).id)
    with pytest.raises(Forbidden, match="Only who placed"):
        await archives.orders.cancel(placed, BOB)
    assert (await archives.orders.cancel(placed, ALICE)).status == "canceled"
    with pytest.raises(Conflict, match="it is canceled"):
        await archives.orders.cancel(placed, ADMIN)


async def test_ordering_takes_the_right_to_download(archives: Archives) -> None:
    for rights in (READER, of("dave", "download")):
        with pytest.raises(Forbidden):
            await archives.place(rights)
    with pytest.raises(NotFound):
        await archives.place(of("erin", "read", "download", resource="prip:*"))
    with pytest.raises(Unauthenticated):
        await archives.place(Rights(ANONYMOUS))
    assert archives.acri.ordered == []


async def test_an_archive_without_the_right_is_passed_over(archives: Archives) -> None:
    rights = READER._replace(grants=(*READER.grants, *of("carol", "download", resource="lta:werum").grants))
    assert (await archives.place(rights)).station == "lta:werum"


@pytest.mark.parametrize("order_id", ["", "acri", "acri:1", "acri:../../x", f"{'0' * 8}"])
async def test_what_is_no_order_id(archives: Archives, order_id: str) -> None:
    with pytest.raises(InvalidRequest):
        await archives.orders.get(order_id, ALICE)


@pytest.mark.parametrize("station", ["acri", "nope"])
async def test_an_order_that_we_did_not_place(archives: Archives, station: str) -> None:
    with pytest.raises(NotFound, match="There is no order"):
        await archives.orders.get(f"{station}:00000000-0000-4000-8000-000000000000", ALICE)


class Grants:
    async def rights_of(self, principal: Principal) -> Rights:
        return ALICE


async def base_url() -> str:
    return "https://api.test"


async def test_over_http(archives: Archives) -> None:
    app = serve(create_app(archives.service.search, Grants(), lambda: archives.orders), base_url, "/lta")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://x/lta") as api:
        item = (await api.get(f"/collections/all/items/{ITEM}")).json()
        (link,) = [link for link in item["links"] if link["rel"] == "order"]
        assert link["method"] == "POST"
        path = link["href"].removeprefix("https://api.test/lta")
        placed = await api.post(path)
        assert placed.status_code == 201
        assert placed.headers["location"] == f"https://api.test/lta/orders/{placed.json()['id']}"
        assert (await api.post(path)).status_code == 200
        shown = await api.get(f"/orders/{placed.json()['id']}")
        assert shown.json() == (await api.post(path)).json()
        assert {link["rel"] for link in shown.json()["links"]} == {"self", "item"}
        cancelled = await api.delete(f"/orders/{placed.json()['id']}")
        assert (cancelled.status_code, cancelled.json()["order:status"]) == (200, "canceled")
        assert (await api.delete(f"/orders/{placed.json()['id']}")).status_code == 409
        assert (await api.post("/collections/all/items/nope/order")).status_code == 404
        assert (await api.get("/orders/x")).status_code == 400


async def test_services_that_take_no_orders_have_no_such_route(archives: Archives) -> None:
    app = serve(create_app(archives.service.search, Grants()), base_url, "/lta")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://x/lta") as api:
        assert (await api.post(f"/collections/all/items/{ITEM}/order")).status_code == 404


async def test_an_archive_that_did_not_have_what_it_says_is_online_is_asked_last(dynamodb: Any) -> None:
    archives = Archives(dynamodb, online=(True, False))
    assert (await archives.place()).id is None
    order = await archives.orders.place("all", ITEM, ALICE, frozenset({"lta:acri"}))
    assert (order.new, order.station) == (True, "lta:werum")
    archives.werum.move("completed")
    order = await archives.orders.place("all", ITEM, ALICE, frozenset({"lta:acri", "lta:werum"}))
    assert order.new


async def test_what_was_ordered_and_is_evicted_since_is_ordered_anew(archives: Archives) -> None:
    first = await archives.place()
    archives.acri.move("completed", EvictionDate="2020-11-14T13:00:00.000Z")
    again = await archives.place()
    assert (again.new, again.station) == (True, "lta:acri")
    assert again.id != first.id
