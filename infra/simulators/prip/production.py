"""Production on demand: a workflow is ordered for a product, and makes a new one of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from simulators.notices import Notice, notice_body
from simulators.odata.actions import ActionCall, Handler, Reply
from simulators.odata.errors import bad_request
from simulators.odata.service import ODataService
from simulators.odata.types import Edm
from simulators.odata.wire import WireFormat
from simulators.prip.production_model import SCHEMA, ProductionRequest
from simulators.prip.workflows import Workflow, workflow
from simulators.products.catalogue import product_id
from simulators.products.jobs import (
    FAILED,
    JOB_STATUS,
    Course,
    Pace,
    check_cancellable,
    course_of,
    new_id,
)
from simulators.products.shelf import Shelf, create

DEFAULT, CHOSEN = 1, 2
"""Positions in ProductionType: on demand with the workflow's own options, or with others."""


class ProductionBook:
    """The production orders of a station."""

    def __init__(self, shelf: Shelf, service: ODataService, wire: WireFormat, pace: Pace) -> None:
        create(shelf.database, [SCHEMA])
        self._database = shelf.database
        self._attributes = shelf.attributes
        self._service = service
        self._wire = wire
        self._pace = pace

    def handlers(self) -> Mapping[str, Handler]:
        """What can be posted; the set is named in the singular there."""
        return {
            "ProductionOrder/OData.CSC.Order": self.order,
            "ProductionOrders/OData.CSC.Order": self.order,
            "ProductionOrder()/OData.CSC.Cancel": self.cancel,
            "ProductionOrders()/OData.CSC.Cancel": self.cancel,
        }

    def finish(self, order: dict[str, Any], hidden: Sequence[Any]) -> None:
        """Add the members that are no primitive properties."""
        order["InputProductReference"] = json.loads(hidden[0])
        order["WorkflowOptions"] = json.loads(hidden[1])

    def order(self, call: ActionCall) -> Reply:
        """Place an order; one whose product the station has not is taken, and fails."""
        request = call.read(ProductionRequest)
        chosen = workflow(request.WorkflowId.lower(), request.WorkflowName)
        if chosen is None:
            raise bad_request("WorkflowId and WorkflowName name no workflow: see Workflows.")
        _check_options(request, chosen)
        source = self._source(request.InputProductReference.Reference, call.now)
        (number,) = self._database.read("SELECT count(*) + 1 FROM production_orders")[0]
        failing = call.failing or source is None
        course = course_of(self._pace, call.now, number, request.Priority, failing=failing)
        key = new_id()
        output = None
        if source is not None and course.outcome != FAILED:
            output = self._produce(source, key, request, chosen, course)
        self._store(key, request, chosen, course, output)
        return Reply(201, self._entity(key, call.now))

    def cancel(self, call: ActionCall) -> Reply:
        """Cancel an order that is not over; the product it would have made never appears."""
        number, entity = self._service.find("ProductionOrders", call.key, call.now)
        check_cancellable(JOB_STATUS.members.index(entity["Status"]))
        with self._database.writing() as connection:
            connection.execute("UPDATE production_orders SET cancelled = ? WHERE rowid = ?", (call.now, number))
            connection.execute(
                "DELETE FROM products WHERE rowid = (SELECT output FROM production_orders WHERE rowid = ?)", (number,)
            )
        return Reply(200, self._entity(call.key, call.now))

    def due(self, now: int) -> list[Notice]:
        """A notice for each order that was completed and wants one."""
        rows = self._database.read(
            "SELECT o.rowid, o.Id, o.NotificationEndpoint, o.NotificationEpUsername, o.password, p.Id, p.Name"
            " FROM production_orders o JOIN products p ON p.rowid = o.output WHERE o.notified = 0"
            " AND o.NotificationEndpoint IS NOT NULL AND o.ends <= ? AND o.cancelled IS NULL",
            (now,),
        )
        date = str(self._wire.value(Edm.INSTANT, now))
        notices = []
        for number, key, endpoint, username, password, product, name in rows:
            with self._database.writing() as connection:
                connection.execute("UPDATE production_orders SET notified = 1 WHERE rowid = ?", (number,))
            body = notice_body(date, ProductId=product, ProductName=name, ProductionOrderId=key)
            notices.append(Notice(endpoint, username, password, body))
        return notices

    def _source(self, name: str, now: int) -> int | None:
        rows = self._database.read(
            "SELECT rowid FROM products WHERE Name = ? AND PublicationDate <= ? AND evicted > ?", (name, now, now)
        )
        return rows[0][0] if rows else None

    def _produce(self, source: int, order: str, request: ProductionRequest, chosen: Workflow, course: Course) -> int:
        """A product like its source, of the workflow's type, published when the order ends; returns its rowid."""
        columns = [row[1] for row in self._database.read("PRAGMA table_info(products)") if row[1] != "rowid"]
        name = f"{chosen.output}_{request.InputProductReference.Reference}"
        changed: dict[str, Any] = {
            "Id": product_id(order, name),
            "Name": name,
            "OriginDate": course.submitted,
            "PublicationDate": course.ends,
            "ModificationDate": course.ends,
            "EvictionDate": course.evicts,
            "evicted": course.evicts,
            "ProductionType": CHOSEN if request.WorkflowOptions else DEFAULT,
            self._attributes["productType"].column.strip('"'): chosen.output,
        }
        # Columns that stay as they are follow those that change, whose values are the first parameters.
        kept = [column for column in columns if column not in changed]
        names = ", ".join(f'"{column}"' for column in (*changed, *kept))
        values = ", ".join(("?",) * len(changed) + tuple(f'"{column}"' for column in kept))
        with self._database.writing() as connection:
            cursor = connection.execute(
                f"INSERT INTO products ({names}) SELECT {values} FROM products WHERE rowid = ?",
                (*changed.values(), source),
            )
            return int(cursor.lastrowid or 0)

    def _store(
        self, key: str, request: ProductionRequest, chosen: Workflow, course: Course, output: int | None
    ) -> None:
        size = self._database.read("SELECT ContentLength FROM products WHERE rowid = ?", (output,))
        columns = (
            *("Id", "submitted", "started", "ends", "outcome", "evicts", "Priority", "NotificationEndpoint"),
            *("NotificationEpUsername", "password", "WorkflowId", "WorkflowName", "input", "options", "output", "size"),
        )
        row = (
            *(key, course.submitted, course.started, course.ends, course.outcome, course.evicts, request.Priority),
            *(request.NotificationEndpoint, request.NotificationEpUsername, request.NotificationEpPassword),
            *(chosen.id, chosen.name, json.dumps(request.InputProductReference.model_dump())),
            *(
                json.dumps([each.model_dump() for each in request.WorkflowOptions]),
                output,
                size[0][0] if size else None,
            ),
        )
        self._database.insert("production_orders", columns, [row])

    def _entity(self, key: str, now: int) -> dict[str, Any]:
        _, entity = self._service.find("ProductionOrders", key, now)
        return {"@odata.context": "$metadata#OData.CSC.Order"} | entity


def _check_options(request: ProductionRequest, chosen: Workflow) -> None:
    for option in request.WorkflowOptions:
        allowed = chosen.options.get(option.Name)
        given = [option.Value] if isinstance(option.Value, str) else option.Value
        if allowed is None or not set(given) <= set(allowed):
            raise bad_request(f"WorkflowOptions: {chosen.name} does not take {option.Name} = {given}.")
