"""Notices that a station pushes to its clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

type NoticeSource = Callable[[int], list[Notice]]
"""Yields the notices that are due at an instant; each only once."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A push: where to, with which HTTP Basic credentials, and what."""

    endpoint: str
    username: str | None
    password: str | None
    body: dict[str, Any]


def notice_body(date: str, **members: Any) -> dict[str, Any]:
    """The body of a push."""
    return {"@odata.context": "$metadata#Notification/$entity", **members, "NotificationDate": date}
