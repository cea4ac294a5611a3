"""Points in time as the access table and the access API write them: UTC, whole seconds, RFC 3339."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present time, in UTC."""


def utc_now() -> datetime:
    """The present time; the clock of everything that is not a test."""
    return datetime.now(UTC)


def to_text(instant: datetime) -> str:
    """Write an instant, such as `2026-11-23T06:55:00Z`; texts sort as the instants do."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_text(text: str) -> datetime:
    """Read what `to_text` wrote."""
    return datetime.fromisoformat(text)
