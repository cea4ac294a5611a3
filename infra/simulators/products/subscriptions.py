"""Subscriptions: a filter, and an endpoint to which each new product that passes it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.notices import Notice, notice_body
from simulators.odata.actions import ActionCall, Handler, Reply
from simulators.odata.errors import ODataError
from simulators.odata.parser import parse_filter
from simulators.odata.service import ODataService
from simulators.odata.sql import FilterCompiler, SpatialMatch
from simulators.odata.types import Edm, EntitySet, Enumeration, Property
from simulators.odata.wire import WireFormat
from simulators.products.jobs import JOB_ID, NOTIFICATION, PRIORITY, new_id
from simulators.storage import Database, Row

SUBSCRIPTION_STATUS = Enumeration("SubscriptionStatus", ("running", "paused", "cancelled"))
RUNNING, PAUSED, CANCELLED = range(3)
SUBSCRIPTION_EVENT = Enumeration("SubscriptionEvent", ("created",))

SCHEMA = """CREATE TABLE subscriptions (rowid INTEGER PRIMARY KEY, Id TEXT UNIQUE, Status INTEGER, FilterParam TEXT,
SubmissionDate INTEGER, LastNotificationDate INTEGER, NotificationEndpoint TEXT, NotificationEpUsername TEXT,
password TEXT, SubscriptionEvent INTEGER, StageOrder INTEGER, Priority INTEGER, seen INTEGER)"""

COMMON = (
    JOB_ID,
    Property("Status", Edm.ENUMERATION, enumeration=SUBSCRIPTION_STATUS),
    Property("FilterParam", Edm.STRING),
    Property("SubmissionDate", Edm.INSTANT),
    Property("LastNotificationDate", Edm.INSTANT),
    *NOTIFICATION,
)
SUBSCRIPTIONS = EntitySet(name="Subscriptions", table="subscriptions", properties=COMMON)
LTA_SUBSCRIPTIONS = EntitySet(
    name="Subscriptions",
    table="subscriptions",
    properties=(
        *COMMON,
        Property("SubscriptionEvent", Edm.ENUMERATION, enumeration=SUBSCRIPTION_EVENT),
        Property("StageOrder", Edm.BOOLEAN),
        PRIORITY,
    ),
)

type OrderStaging = Callable[[int, int, int, int], None]
"""Orders an offline product: its rowid, the subscription's rowid, the priority, the station's time."""


class SubscriptionRequest(BaseModel):
    """The body of a new subscription."""

    model_config = ConfigDict(extra="ignore")

    FilterParam: str = Field(min_length=1, max_length=16_384)
    NotificationEndpoint: str = Field(pattern=r"^https?://[^\s]+$", max_length=2000)
    NotificationEpUsername: str | None = Field(default=None, max_length=200)
    NotificationEpPassword: str | None = Field(default=None, max_length=200)
    SubscriptionEvent: Literal["created"] = "created"
    StageOrder: bool = False
    Priority: int = Field(default=50, ge=0, le=100)


class SubscriptionBook:
    """The subscriptions of a station."""

    def __init__(
        self,
        database: Database,
        service: ODataService,
        products: EntitySet,
        wire: WireFormat,
        spatial_match: SpatialMatch | None,
        order_staging: OrderStaging | None = None,
    ) -> None:
        self._database = database
        self._service = service
        self._products = products
        self._wire = wire
        self._spatial_match = spatial_match
        self._order_staging = order_staging

    def handlers(self) -> Mapping[str, Handler]:
        """What can be posted."""
        return {
            "Subscriptions": self.create,
            "Subscriptions()/OData.CSC.Pause": lambda call: self._turn(call, PAUSED),
            "Subscriptions()/OData.CSC.Resume": lambda call: self._turn(call, RUNNING),
            "Subscriptions()/OData.CSC.Cancel": lambda call: self._turn(call, CANCELLED),
        }

    def create(self, call: ActionCall) -> Reply:
        """A new subscription, running at once; products published before it are not told."""
        request = call.read(SubscriptionRequest)
        text = request.FilterParam.strip().removeprefix("$filter=")
        FilterCompiler(self._products, self._spatial_match).compile(parse_filter(text))
        key = new_id()
        columns = (
            *("Id", "Status", "FilterParam", "SubmissionDate", "NotificationEndpoint", "NotificationEpUsername"),
            *("password", "SubscriptionEvent", "StageOrder", "Priority", "seen"),
        )
        row = (
            *(key, RUNNING, text, call.now, request.NotificationEndpoint, request.NotificationEpUsername),
            *(request.NotificationEpPassword, 0, request.StageOrder, request.Priority, call.now),
        )
        self._database.insert("subscriptions", columns, [row])
        return Reply(201, self._entity(key, call.now))

    def due(self, now: int) -> list[Notice]:
        """A notice for each product that appeared since the last call and passes a running subscription."""
        running = self._database.read(
            "SELECT rowid, Id, FilterParam, NotificationEndpoint, NotificationEpUsername, password, StageOrder,"
            " Priority, seen FROM subscriptions WHERE Status = ? AND seen < ?",
            (RUNNING, now),
        )
        return [notice for subscription in running for notice in self._news(subscription, now)]

    def _news(self, subscription: Row, now: int) -> list[Notice]:
        number, key, text, endpoint, username, password, stage_order, priority, seen = subscription
        products = self._new_products(text, seen, now)
        with self._database.writing() as connection:
            last = ", LastNotificationDate = :now" if products else ""
            connection.execute(
                f"UPDATE subscriptions SET seen = :now{last} WHERE rowid = :row", {"now": now, "row": number}
            )
        date = str(self._wire.value(Edm.INSTANT, now))
        notices = []
        for product, product_id, name, online in products:
            body = notice_body(date, ProductId=product_id, ProductName=name, SubscriptionId=key)
            if self._order_staging is not None:
                body["SubscriptionEvent"] = "created"
                if stage_order and not online:
                    self._order_staging(product, number, priority, now)
            notices.append(Notice(endpoint, username, password, body))
        return notices

    def _new_products(self, text: str, seen: int, now: int) -> list[Row]:
        compiler = FilterCompiler(self._products, self._spatial_match)
        wanted = compiler.compile(parse_filter(text))
        return self._database.read(
            f"SELECT rowid, Id, Name, Online FROM products WHERE PublicationDate > :seen"
            f" AND {self._products.visible} AND {wanted} ORDER BY PublicationDate, rowid",
            {"now": now, "seen": seen, **compiler.parameters},
        )

    def _turn(self, call: ActionCall, status: int) -> Reply:
        number, _ = self._service.find("Subscriptions", call.key, call.now)
        with self._database.writing() as connection:
            # Products that appear during a pause are not told later.
            changed = connection.execute(
                "UPDATE subscriptions SET Status = ?, seen = ? WHERE rowid = ? AND Status != ?",
                (status, call.now, number, CANCELLED),
            ).rowcount
        if not changed:
            raise ODataError(409, "The subscription is cancelled.")
        return Reply(200, self._entity(call.key, call.now))

    def _entity(self, key: str, now: int) -> Mapping[str, object]:
        _, entity = self._service.find("Subscriptions", key, now)
        return {"@odata.context": "$metadata#Subscriptions/$entity"} | entity
