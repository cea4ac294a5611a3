"""A running station: its profile, its data, and what the ASGI application needs of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulators.clock import Clock
from simulators.profiles import Profile
from simulators.root import ServiceRoot
from simulators.service.faults import FaultPlan
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
