"""A running station: its profile, its data, and what the ASGI application needs of it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from simulators.clock import Clock
from simulators.profiles.model import Profile
from simulators.root import ServiceRoot
from simulators.service.faults import Fault, FaultKind, FaultPlan, RequestKind
from simulators.service.stats import Statistics
from simulators.service.tokens import TokenStore
from simulators.storage import Database


@dataclass(frozen=True, slots=True)
class Station:
    """Everything a station consists of."""

    profile: Profile
    database: Database
    root: ServiceRoot
    clock: Clock
    tokens: TokenStore
    faults: FaultPlan = field(default_factory=FaultPlan)
    stats: Statistics = field(default_factory=Statistics)

    def struck(self, request: RequestKind, target: str, kinds: Set[FaultKind]) -> dict[FaultKind, Fault]:
        """The faults among `kinds` that hit a request; counts them."""
        faults = self.faults.striking(request, target, kinds)
        self.stats.faults.update(kind.value for kind in faults)
        return faults
