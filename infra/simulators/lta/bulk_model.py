"""Bulks and their batch orders: tables, entity sets, and what clients send."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from simulators.odata.types import Edm, EntitySet, Property
from simulators.products.jobs import (
    CANCELLED,
    COMPLETED,
    COMPLETED_DATE,
    CREATED,
    ESTIMATED_DATE,
    FAILED,
    IN_PROGRESS,
    JOB_COLUMNS,
    JOB_ID,
    JOB_STATUS,
    NOTIFICATION,
    PRIORITY,
    STATUS,
    STATUS_MESSAGE,
    SUBMISSION_DATE,
)

SCHEMA = (
    "CREATE TABLE bulks (rowid INTEGER PRIMARY KEY, Id TEXT UNIQUE, FilterParam TEXT, OrderbyParam TEXT,"
    " BatchsizeProducts INTEGER, BatchsizeVolume INTEGER, submitted INTEGER, cancelled INTEGER,"
    " NotificationEndpoint TEXT, NotificationEpUsername TEXT, password TEXT)",
    f"CREATE TABLE batch_orders (rowid INTEGER PRIMARY KEY, {JOB_COLUMNS}, bulk INTEGER, size INTEGER)",
    "CREATE TABLE batch_products (batch INTEGER, product INTEGER, PRIMARY KEY (batch, product)) WITHOUT ROWID",
    "CREATE INDEX batch_products_by_product ON batch_products (product)",
)

_OF_BULK = "SELECT 1 FROM batch_orders b WHERE b.bulk = bulks.rowid AND"
_OPEN = f"EXISTS ({_OF_BULK} b.cancelled IS NULL AND (b.submitted IS NULL OR b.ends > :now))"
_BEGUN = f"EXISTS ({_OF_BULK} b.submitted <= :now)"
_FAILED = f"EXISTS ({_OF_BULK} b.cancelled IS NULL AND b.outcome = {FAILED} AND b.ends <= :now)"
_LAST = "(SELECT max(b.ends) FROM batch_orders b WHERE b.bulk = bulks.rowid)"
BULK_STATUS_SQL = (
    f"CASE WHEN cancelled <= :now THEN {CANCELLED} WHEN {_OPEN} AND {_BEGUN} THEN {IN_PROGRESS}"
    f" WHEN {_OPEN} THEN {CREATED} WHEN {_FAILED} THEN {FAILED} ELSE {COMPLETED} END"
)
BULKS = EntitySet(
    name="Bulks",
    table="bulks",
    properties=(
        JOB_ID,
        Property("Status", Edm.ENUMERATION, BULK_STATUS_SQL, JOB_STATUS),
        Property(
            "StatusMessage",
            Edm.STRING,
            f"CASE WHEN cancelled <= :now THEN 'bulk was cancelled' WHEN {_OPEN} THEN 'batch orders are open'"
            f" WHEN {_FAILED} THEN 'a batch order failed' ELSE 'all batch orders are done' END",
        ),
        Property("FilterParam", Edm.STRING),
        Property("OrderbyParam", Edm.STRING),
        Property("BatchsizeProducts", Edm.INT64),
        Property("BatchsizeVolume", Edm.INT64),
        SUBMISSION_DATE,
        Property(
            "CompletedDate",
            Edm.INSTANT,
            f"CASE WHEN cancelled IS NULL AND NOT {_OPEN} AND NOT {_FAILED} THEN coalesce({_LAST}, submitted) END",
        ),
        *NOTIFICATION,
    ),
)
BATCH_ORDERS = EntitySet(
    name="BatchOrders",
    table="batch_orders",
    properties=(
        JOB_ID,
        STATUS,
        STATUS_MESSAGE,
        Property("OrderSize", Edm.INT64, "size"),
        SUBMISSION_DATE,
        ESTIMATED_DATE,
        COMPLETED_DATE,
        PRIORITY,
    ),
)


class BulkRequest(BaseModel):
    """The body of a new bulk; BatchsizeVolume is in gigabytes."""

    model_config = ConfigDict(extra="ignore")

    FilterParam: str = Field(min_length=1, max_length=16_384)
    OrderbyParam: str | None = Field(default=None, max_length=200)
    BatchsizeProducts: int = Field(ge=1)
    BatchsizeVolume: int = Field(ge=1)
    NotificationEndpoint: str | None = Field(default=None, pattern=r"^https?://[^\s]+$", max_length=2000)
    NotificationEpUsername: str | None = Field(default=None, max_length=200)
    NotificationEpPassword: str | None = Field(default=None, max_length=200)


class BatchOrderRequest(BaseModel):
    """The body of `OData.CSC.BatchOrder`."""

    model_config = ConfigDict(extra="ignore")

    Priority: int = Field(default=50, ge=0, le=100)
