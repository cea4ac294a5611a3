"""Orders: an offline product is brought online for some days."""

from __future__ import annotations

from collections.abc import Mapping
from sqlite3 import Connection
from typing import Any, Literal

from simulators.lta.staging import restage
from simulators.notices import Notice, notice_body
from simulators.odata.actions import ActionCall, Handler, Reply
from simulators.odata.service import ODataService
from simulators.odata.types import Edm, EntitySet, Property
from simulators.odata.wire import WireFormat
from simulators.products.jobs import (
    COMPLETED,
    COMPLETED_DATE,
    ESTIMATED_DATE,
    EVICTION_DATE,
    JOB_COLUMNS,
    JOB_ID,
    JOB_STATUS,
    NOTIFICATION,
    PRIORITY,
    STATUS,
    STATUS_MESSAGE,
    SUBMISSION_DATE,
    Course,
    OrderRequest,
    Pace,
    check_cancellable,
    course_of,
    new_id,
)
from simulators.products.shelf import create
from simulators.storage import Database

SCHEMA = f"""CREATE TABLE orders (rowid INTEGER PRIMARY KEY, {JOB_COLUMNS}, product INTEGER, size INTEGER,
subscription INTEGER)"""
INDEX = "CREATE INDEX orders_by_product ON orders (product)"

ORDERS = EntitySet(
    name="Orders",
    table="orders",
    properties=(
        JOB_ID,
        STATUS,
        STATUS_MESSAGE,
        Property("OrderSize", Edm.INT64, "size"),
        SUBMISSION_DATE,
        ESTIMATED_DATE,
        COMPLETED_DATE,
        EVICTION_DATE,
        PRIORITY,
        *NOTIFICATION,
    ),
)


class OrderBook:
    """The orders of an archive."""

    def __init__(
        self,
        database: Database,
        service: ODataService,
        wire: WireFormat,
        pace: Pace,
        duplicates: Literal["existing", "new"],
    ) -> None:
        create(database, [SCHEMA, INDEX])
        self._database = database
        self._service = service
        self._wire = wire
        self._pace = pace
        self._duplicates = duplicates

    def handlers(self) -> Mapping[str, Handler]:
        """What can be posted."""
        return {"Products()/OData.CSC.Order": self.order, "Orders()/OData.CSC.Cancel": self.cancel}

    def order(self, call: ActionCall) -> Reply:
        """Order a product; where it is on order already, the order there is or a second one, by the archive's habit."""
        request = call.read(OrderRequest)
        product, entity = self._service.find("Products", call.key, call.now)
        key = self._place(product, int(entity["ContentLength"]), request, call)
        _, order = self._service.find("Orders", key, call.now)
        return Reply(201, {"@odata.context": "$metadata#OData.CSC.Order"} | order)

    def stage_for(self, product: int, subscription: int, priority: int, now: int) -> None:
        """Order a product for a subscription."""
        size = self._database.read("SELECT ContentLength FROM products WHERE rowid = ?", (product,))[0][0]
        self._place(product, size, OrderRequest(Priority=priority), ActionCall("", {}, now), subscription)

    def cancel(self, call: ActionCall) -> Reply:
        """Cancel an order that is not over."""
        number, entity = self._service.find("Orders", call.key, call.now)
        check_cancellable(JOB_STATUS.members.index(entity["Status"]))
        with self._database.writing() as connection:
            connection.execute("UPDATE orders SET cancelled = ? WHERE rowid = ?", (call.now, number))
            product = connection.execute("SELECT product FROM orders WHERE rowid = ?", (number,)).fetchone()[0]
            restage(connection, product, call.now)
        _, order = self._service.find("Orders", call.key, call.now)
        return Reply(200, {"@odata.context": "$metadata#OData.CSC.Order"} | order)

    def due(self, now: int) -> list[Notice]:
        """A notice for each order that was completed and wants one."""
        rows = self._database.read(
            "SELECT o.rowid, o.Id, o.NotificationEndpoint, o.NotificationEpUsername, o.password, p.Id, p.Name"
            " FROM orders o JOIN products p ON p.rowid = o.product WHERE o.notified = 0 AND o.outcome = ?"
            " AND o.NotificationEndpoint IS NOT NULL AND o.ends <= ? AND o.cancelled IS NULL",
            (COMPLETED, now),
        )
        date = str(self._wire.value(Edm.INSTANT, now))
        with self._database.writing() as connection:
            connection.executemany("UPDATE orders SET notified = 1 WHERE rowid = ?", [row[:1] for row in rows])
        return [
            Notice(endpoint, username, password, notice_body(date, ProductId=product, ProductName=name, OrderId=key))
            for _, key, endpoint, username, password, product, name in rows
        ]

    def _place(
        self, product: int, size: int, request: OrderRequest, call: ActionCall, subscription: int | None = None
    ) -> str:
        """Place an order, and return its Id; or that of the order there is."""
        key = new_id()
        columns = (
            *("Id", "submitted", "started", "ends", "outcome", "evicts", "Priority", "NotificationEndpoint"),
            *("NotificationEpUsername", "password", "product", "size", "subscription"),
        )
        marks = ", ".join("?" for _ in columns)
        with self._database.writing() as connection:
            if self._duplicates == "existing" and (running := _running(connection, product, call.now)):
                return running
            number = connection.execute("SELECT count(*) + 1 FROM orders").fetchone()[0]
            course = course_of(self._pace, call.now, number, request.Priority, failing=call.failing)
            connection.execute(
                f"INSERT INTO orders ({', '.join(columns)}) VALUES ({marks})",
                (*_timetable(key, course), request.Priority, request.NotificationEndpoint,
                 request.NotificationEpUsername, request.NotificationEpPassword, product, size, subscription),
            )  # fmt: skip
            restage(connection, product, call.now)
        return key


def _running(connection: Connection, product: int, now: int) -> str | None:
    """The Id of an order of a product that is not over, or whose copy is still there."""
    found = connection.execute(
        "SELECT Id FROM orders WHERE product = ? AND cancelled IS NULL"
        " AND (ends > ? OR (outcome = ? AND evicts > ?)) ORDER BY rowid DESC LIMIT 1",
        (product, now, COMPLETED, now),
    ).fetchone()
    return found[0] if found else None


def _timetable(key: str, course: Course) -> tuple[Any, ...]:
    return key, course.submitted, course.started, course.ends, course.outcome, course.evicts
