"""A running station: its profile, its data, and what the ASGI application needs of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from simulators.clock import Clock
from simulators.payload import Payload
from simulators.profiles import Profile
from simulators.service.faults import FaultPlan
from simulators.service.stats import Statistics
from simulators.service.tokens import TokenStore
from simulators.storage import Database


class StationService(Protocol):
    """The OData service of a station."""

    def get(self, path: str, query: str, now: int, root: str) -> dict[str, Any] | Payload:
        """Answer a GET."""
        ...


@dataclass(frozen=True, slots=True)
class Station:
    """Everything a station consists of."""

    profile: Profile
    database: Database
    service: StationService
    clock: Clock
    tokens: TokenStore
    faults: FaultPlan = field(default_factory=FaultPlan)
    stats: Statistics = field(default_factory=Statistics)
