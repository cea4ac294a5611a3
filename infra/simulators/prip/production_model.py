"""Production orders: table, entity set, and what clients send."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from simulators.odata.types import Edm, EntitySet, Property
from simulators.products.jobs import (
    COMPLETED_DATE,
    DONE,
    ESTIMATED_DATE,
    EVICTION_DATE,
    JOB_COLUMNS,
    JOB_ID,
    NOTIFICATION,
    PRIORITY,
    STATUS,
    STATUS_MESSAGE,
    SUBMISSION_DATE,
    OrderRequest,
)

SCHEMA = f"""CREATE TABLE production_orders (rowid INTEGER PRIMARY KEY, {JOB_COLUMNS}, WorkflowId TEXT,
WorkflowName TEXT, input TEXT, options TEXT, output INTEGER, size INTEGER)"""

PRODUCTION_ORDERS = EntitySet(
    name="ProductionOrders",
    table="production_orders",
    properties=(
        JOB_ID,
        STATUS,
        STATUS_MESSAGE,
        SUBMISSION_DATE,
        ESTIMATED_DATE,
        COMPLETED_DATE,
        EVICTION_DATE,
        Property("OrderOutputSize", Edm.INT64, f"CASE WHEN {DONE} THEN size END"),
        PRIORITY,
        Property("WorkflowId", Edm.GUID),
        Property("WorkflowName", Edm.STRING),
        *NOTIFICATION,
    ),
    hidden=("input", "options"),
)


class InputProductReference(BaseModel):
    """The product to work on."""

    model_config = ConfigDict(extra="allow")

    Reference: str = Field(min_length=1, max_length=500)


class WorkflowOption(BaseModel):
    """A choice for an option of the workflow."""

    model_config = ConfigDict(extra="ignore")

    Name: str
    Value: list[str] | str


class ProductionRequest(OrderRequest):
    """The body of a production order."""

    InputProductReference: InputProductReference
    WorkflowId: str = ""
    WorkflowName: str = ""
    WorkflowOptions: list[WorkflowOption] = Field(default=[], max_length=50)
