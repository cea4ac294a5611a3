"""An archive in memory that takes orders."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.unit.stations.station_double import Row, StationDouble

ORDER = re.compile(r"/Products\(([^)]+)\)/OData\.CSC\.Order$")
CANCEL = re.compile(r"/Orders\(([^)]+)\)/OData\.CSC\.Cancel$")
SHOWN = re.compile(r"/Orders\(([^)]+)\)$")


class ArchiveDouble(StationDouble):
    """Orders get the ids 1, 2, ... as Guids; a test moves them on by their `Status`."""

    def __init__(self, name: str, products: list[Row]) -> None:
        super().__init__(products)
        self.name = name
        self.orders: dict[str, Row] = {}
        self.ordered: list[str] = []
        self.failing = 0
        """Status to answer orders with."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if placed := ORDER.search(path):
            return self._place(placed[1])
        if cancelled := CANCEL.search(path):
            self.orders[cancelled[1]]["Status"] = "cancelled"
            return httpx.Response(204)
        if shown := SHOWN.search(path):
            found = self.orders.get(shown[1])
            return httpx.Response(200, json=found) if found else httpx.Response(404)
        return super().__call__(request)

    def _place(self, product: str) -> httpx.Response:
        if self.failing:
            return httpx.Response(self.failing)
        self.ordered.append(product)
        key = f"{sum(map(ord, self.name)):08d}-aaaa-4000-8000-{len(self.ordered):012d}"
        self.orders[key] = {
            "Id": key,
            "Status": "queued",
            "StatusMessage": "request is queued",
            "SubmissionDate": "2024-11-14T12:00:00.000Z",
            "EstimatedDate": "2024-11-14T12:02:00.000Z",
            "CompletedDate": None,
            "EvictionDate": None,
            "Priority": 50,
        }
        return httpx.Response(201, json=self.orders[key])

    def move(self, status: str, **changes: Any) -> None:
        """Bring the last order to a state."""
        self.orders[list(self.orders)[-1]] |= {"Status": status} | changes
