"""An order as the archive tells it and as we show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rs_server.errors import InvalidRequest
from rs_server.stations.interfaces.values import instant, present, text
from rs_server.stations.odata.client import Row
from rs_server.stations.odata.query import GUID

STATES: Mapping[str, str] = {
    "queued": "ordered",
    "in_progress": "shipping",
    "completed": "succeeded",
    "failed": "failed",
    "cancelled": "canceled",
}
"""JobStatus of the archive, and `order:status` of the STAC order extension."""
UNDER_WAY = frozenset({"ordered", "pending", "shipping"})
ONLINE = "succeeded"


@dataclass(frozen=True, slots=True)
class OrderId:
    """The public id of an order: the archive, and the id that it gave the order."""

    station: str
    key: str

    def __str__(self) -> str:
        return f"{self.station}:{self.key}"

    @classmethod
    def parse(cls, given: str) -> OrderId:
        """Read `station:guid`; raises InvalidRequest for anything else."""
        station, colon, key = given.partition(":")
        if not colon or not GUID.fullmatch(key):
            raise InvalidRequest(f"{given!r} is no order id: it has the form 'archive:id'.")
        return cls(station, key)


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an order is for, and who placed it."""

    collection: str
    item: str
    product: str
    """Id of the product at the archive."""
    login: str


@dataclass(frozen=True, slots=True)
class Order:
    """An order at an archive, or the word that none is needed."""

    station: str
    """Such as `lta:acri`."""
    status: str
    """`order:status`: ordered, shipping, succeeded, failed, canceled."""
    id: OrderId | None = None
    message: str | None = None
    submitted: str | None = None
    estimated: str | None = None
    completed: str | None = None
    expires: str | None = None
    new: bool = False
    """Whether this request placed it."""

    @classmethod
    def of(cls, row: Row, station: str, *, new: bool = False) -> Order:
        """The order that an archive's entity (or the answer to placing it) tells of."""
        name = station.partition(":")[2]
        return cls(
            station=station,
            status=STATES.get(str(row.get("Status")), "pending"),
            id=OrderId(name, str(row.get("Id"))),
            message=text(row.get("StatusMessage")),
            submitted=instant(row.get("SubmissionDate")),
            estimated=instant(row.get("EstimatedDate")),
            completed=instant(row.get("CompletedDate")),
            expires=instant(row.get("EvictionDate")),
            new=new,
        )

    def to_json(self) -> dict[str, Any]:
        """The order as our API shows it; names of the order extension where it has them."""
        return present(
            {
                "id": str(self.id) if self.id else None,
                "rs:station": self.station,
                "order:status": self.status,
                "order:id": self.id.key if self.id else None,
                "order:date": self.submitted,
                "message": self.message,
                "estimated": self.estimated,
                "completed": self.completed,
                "expires": self.expires,
            }
        )
