"""Bulks: a filter's products cut into batch orders, each of which is then ordered by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from sqlite3 import Connection

from simulators.lta.bulk_model import SCHEMA, BatchOrderRequest, BulkRequest
from simulators.lta.staging import restage_batch
from simulators.notices import Notice, notice_body
from simulators.odata.actions import ActionCall, Handler, Reply
from simulators.odata.errors import ODataError, bad_request
from simulators.odata.options import Limits, QueryOptions, read_options
from simulators.odata.query import fetch_page
from simulators.odata.service import ODataService
from simulators.odata.sql import SpatialMatch
from simulators.odata.types import Edm, EntitySet
from simulators.odata.wire import WireFormat
from simulators.products.jobs import (
    COMPLETED,
    JOB_STATUS,
    Pace,
    check_cancellable,
    course_of,
    new_id,
)
from simulators.products.shelf import create
from simulators.storage import Database, Row

GIGABYTE = 1_000_000_000
MAX_PRODUCTS = 100_000


class BulkBook:
    """The bulks of an archive, and their batch orders."""

    def __init__(
        self,
        database: Database,
        service: ODataService,
        products: EntitySet,
        wire: WireFormat,
        pace: Pace,
        spatial_match: SpatialMatch,
        limits: Limits,
    ) -> None:
        create(database, SCHEMA)
        self._database = database
        self._service = service
        self._products = products
        self._wire = wire
        self._pace = pace
        self._spatial_match = spatial_match
        self._limits = limits

    def handlers(self) -> Mapping[str, Handler]:
        """What can be posted."""
        return {
            "Bulks": self.create,
            "Bulks()/OData.CSC.Cancel": self.cancel,
            "BatchOrders()/OData.CSC.BatchOrder": self.order_batch,
            "BatchOrders()/OData.CSC.Cancel": self.cancel_batch,
        }

    def create(self, call: ActionCall) -> Reply:
        """A new bulk, with its batch orders at once; these wait until each is ordered."""
        request = call.read(BulkRequest)
        key = new_id()
        batches = list(cut(self._wanted(request, call.now), request.BatchsizeProducts, request.BatchsizeVolume))
        with self._database.writing() as connection:
            bulk = connection.execute(
                "INSERT INTO bulks (Id, FilterParam, OrderbyParam, BatchsizeProducts, BatchsizeVolume, submitted,"
                " NotificationEndpoint, NotificationEpUsername, password) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key, request.FilterParam, request.OrderbyParam, request.BatchsizeProducts, request.BatchsizeVolume,
                 call.now, request.NotificationEndpoint, request.NotificationEpUsername,
                 request.NotificationEpPassword),
            ).lastrowid  # fmt: skip
            for batch in batches:
                number = connection.execute(
                    "INSERT INTO batch_orders (Id, bulk, size, Priority) VALUES (?, ?, ?, 50)",
                    (new_id(), bulk, sum(size for _, size in batch)),
                ).lastrowid
                connection.executemany(
                    "INSERT INTO batch_products VALUES (?, ?)", [(number, product) for product, _ in batch]
                )
        return Reply(201, self._entity("Bulks", key, call.now))

    def cancel(self, call: ActionCall) -> Reply:
        """Cancel a bulk, and with it the batch orders that are not over."""
        number, entity = self._service.find("Bulks", call.key, call.now)
        check_cancellable(JOB_STATUS.members.index(entity["Status"]))
        with self._database.writing() as connection:
            connection.execute("UPDATE bulks SET cancelled = ? WHERE rowid = ?", (call.now, number))
            open_batches = connection.execute(
                "SELECT rowid FROM batch_orders WHERE bulk = ? AND cancelled IS NULL"
                " AND (submitted IS NULL OR ends > ?)",
                (number, call.now),
            ).fetchall()
            for (batch,) in open_batches:
                _cancel_batch(connection, batch, call.now)
        return Reply(200, self._entity("Bulks", call.key, call.now))

    def order_batch(self, call: ActionCall) -> Reply:
        """Order a batch: all its products come online when it completes."""
        request = call.read(BatchOrderRequest)
        number, _ = self._service.find("BatchOrders", call.key, call.now)
        course = course_of(self._pace, call.now, number, request.Priority, failing=call.failing)
        with self._database.writing() as connection:
            placed = connection.execute(
                "UPDATE batch_orders SET submitted = ?, started = ?, ends = ?, outcome = ?, evicts = ?, Priority = ?"
                " WHERE rowid = ? AND submitted IS NULL AND cancelled IS NULL",
                (
                    course.submitted,
                    course.started,
                    course.ends,
                    course.outcome,
                    course.evicts,
                    request.Priority,
                    number,
                ),
            ).rowcount
            restage_batch(connection, number, call.now)
        if not placed:
            raise ODataError(409, "The batch order was ordered or cancelled already.")
        return Reply(204)

    def cancel_batch(self, call: ActionCall) -> Reply:
        """Cancel a batch order that is not over."""
        number, entity = self._service.find("BatchOrders", call.key, call.now)
        check_cancellable(JOB_STATUS.members.index(entity["Status"]))
        with self._database.writing() as connection:
            _cancel_batch(connection, number, call.now)
        return Reply(200, self._entity("BatchOrders", call.key, call.now))

    def due(self, now: int) -> list[Notice]:
        """A notice for each product of a completed batch order whose bulk wants them."""
        rows = self._database.read(
            "SELECT b.Id, k.NotificationEndpoint, k.NotificationEpUsername, k.password, p.Id, p.Name"
            " FROM batch_orders b JOIN bulks k ON k.rowid = b.bulk JOIN batch_products m ON m.batch = b.rowid"
            " JOIN products p ON p.rowid = m.product WHERE b.notified = 0 AND b.outcome = ? AND b.ends <= ?"
            " AND b.cancelled IS NULL AND k.NotificationEndpoint IS NOT NULL",
            (COMPLETED, now),
        )
        date = str(self._wire.value(Edm.INSTANT, now))
        with self._database.writing() as connection:
            connection.executemany(
                "UPDATE batch_orders SET notified = 1 WHERE Id = ?", [(key,) for key in {row[0] for row in rows}]
            )
        return [
            Notice(endpoint, username, password, notice_body(date, ProductId=product, Name=name, BatchOrderId=key))
            for key, endpoint, username, password, product, name in rows
        ]

    def _wanted(self, request: BulkRequest, now: int) -> list[tuple[int, int]]:
        """The products the bulk is about: rowid and size."""
        query = {"filter": request.FilterParam.strip().removeprefix("$filter=")}
        if request.OrderbyParam:
            query["orderby"] = request.OrderbyParam
        options = read_options(query, self._products, self._limits)
        everything = QueryOptions(options.filter, options.ordering, top=MAX_PRODUCTS)
        page = fetch_page(self._database, self._products, everything, now, spatial_match=self._spatial_match)
        if page.more:
            raise bad_request(f"The filter finds more than {MAX_PRODUCTS} products: narrow it.")
        return [(row[0], _size(self._products, row)) for row in page.rows]

    def _entity(self, entity_set: str, key: str, now: int) -> Mapping[str, object]:
        _, entity = self._service.find(entity_set, key, now)
        return {"@odata.context": f"$metadata#{entity_set}/$entity"} | entity


def cut(
    products: Sequence[tuple[int, int]], most_products: int, most_gigabytes: int
) -> Iterator[list[tuple[int, int]]]:
    """Cut products (rowid, size) into batches, none larger than either limit unless a product alone is."""
    batch: list[tuple[int, int]] = []
    volume = 0
    for product in products:
        if batch and (len(batch) == most_products or volume + product[1] > most_gigabytes * GIGABYTE):
            yield batch
            batch, volume = [], 0
        batch.append(product)
        volume += product[1]
    if batch:
        yield batch


def _cancel_batch(connection: Connection, batch: int, now: int) -> None:
    connection.execute("UPDATE batch_orders SET cancelled = ? WHERE rowid = ?", (now, batch))
    restage_batch(connection, batch, now)


def _size(products: EntitySet, row: Row) -> int:
    place = 1 + len(products.hidden) + [each.path for each in products.properties].index("ContentLength")
    return int(row[place])
