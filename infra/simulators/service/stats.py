"""What a station was asked, for tests that check how a client behaves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Gauge:
    """How many of something there are now, and the most there have been at once."""

    now: int = 0
    most: int = 0

    def up(self) -> None:
        """One more."""
        self.now += 1
        self.most = max(self.most, self.now)

    def down(self) -> None:
        """One less."""
        self.now -= 1


@dataclass(slots=True)
class Statistics:
    """Counters since the start or the last reset."""

    requests: Gauge = field(default_factory=Gauge)
    downloads: Gauge = field(default_factory=Gauge)
    requests_by_kind: Counter[str] = field(default_factory=Counter)
    answers_by_status: Counter[str] = field(default_factory=Counter)
    requests_by_resource: Counter[str] = field(default_factory=Counter)
    tokens_by_grant: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    bytes_served: int = 0
    notices_pushed: int = 0
    notices_lost: int = 0

    def reset(self) -> None:
        """Forget everything but what is going on now."""
        for gauge in (self.requests, self.downloads):
            gauge.most = gauge.now
        for counter in (self.requests_by_kind, self.answers_by_status, self.requests_by_resource):
            counter.clear()
        self.tokens_by_grant.clear()
        self.faults.clear()
        self.bytes_served = self.notices_pushed = self.notices_lost = 0

    def report(self) -> dict[str, Any]:
        """The counters as JSON."""
        return {
            "requests": sum(self.requests_by_kind.values()),
            "requests_by_kind": dict(self.requests_by_kind),
            "requests_by_resource": dict(self.requests_by_resource),
            "answers_by_status": dict(self.answers_by_status),
            "requests_at_once": {"now": self.requests.now, "most": self.requests.most},
            "downloads_at_once": {"now": self.downloads.now, "most": self.downloads.most},
            "tokens_issued": sum(self.tokens_by_grant.values()),
            "tokens_by_grant": dict(self.tokens_by_grant),
            "bytes_served": self.bytes_served,
            "notices": {"pushed": self.notices_pushed, "lost": self.notices_lost},
            "faults": dict(self.faults),
        }
