"""Faults that a test or a person switches on while the station runs."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Set
from enum import StrEnum
from random import Random
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class FaultKind(StrEnum):
    """What can go wrong."""

    UNAUTHORIZED = "unauthorized"
    TOO_MANY_REQUESTS = "too_many_requests"
    UNAVAILABLE = "unavailable"
    SLOW_ANSWER = "slow_answer"
    SLOW_BYTES = "slow_bytes"
    CUT_DOWNLOAD = "cut_download"
    WRONG_LENGTH = "wrong_length"
    RANGE_IGNORED = "range_ignored"
    WRONG_BYTES = "wrong_bytes"
    REDIRECT = "redirect"
    CONNECTION_LIMIT = "connection_limit"
    TOKEN_DOWN = "token_down"  # a fault's name
    MALFORMED_JSON = "malformed_json"
    ORDER_FAILS = "order_fails"


type RequestKind = Literal["metadata", "download", "token", "order"]

OF_BODIES = frozenset(
    {FaultKind.SLOW_BYTES, FaultKind.CUT_DOWNLOAD, FaultKind.WRONG_LENGTH, FaultKind.RANGE_IGNORED}
    | {FaultKind.WRONG_BYTES, FaultKind.CONNECTION_LIMIT}
)
"""They strike where bytes are served, not where a download is sent elsewhere."""
OF_DOWNLOADS = OF_BODIES | {FaultKind.REDIRECT}
AT_THE_GATE = frozenset(FaultKind) - OF_DOWNLOADS
"""They strike before a request is looked at."""


OWN_TARGET: dict[FaultKind, RequestKind] = {
    FaultKind.TOKEN_DOWN: "token",
    FaultKind.MALFORMED_JSON: "metadata",
    FaultKind.ORDER_FAILS: "order",
}


class Fault(BaseModel):
    """A fault: its kind, which requests it meets, and how it shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    target: Literal["metadata", "download", "token", "order", "all"] | None = None
    """The requests it meets; by default those the kind is about (`all` but token calls, where it fits any)."""
    path: str | None = Field(default=None, max_length=200)
    """A regular expression that must be found in the request's path and query."""
    rate: float = Field(default=1.0, ge=0, le=1)
    """The share of these requests that it hits."""
    after: int = Field(default=0, ge=0)
    """How many of these requests pass first."""
    count: int | None = Field(default=None, ge=1)
    """How many it hits at most."""
    duration: float | None = Field(default=None, gt=0)
    """Real seconds until it ends."""

    retry_after: int | None = Field(default=None, ge=0)
    """`too_many_requests`, `unavailable`: the Retry-After header, in seconds; none if not given."""
    quota_body: bool = False
    """`too_many_requests`: answer with the body of CDSE's quota."""
    revoke: bool = False
    """`unauthorized`: end all access tokens, so that only a new one helps."""
    seconds: float = Field(default=2.0, ge=0, le=600)
    """`slow_answer`: how long the answer takes."""
    bytes_per_second: int = Field(default=100_000, ge=1)
    """`slow_bytes`: how fast the body comes."""
    at_byte: int | None = Field(default=None, ge=0)
    """`cut_download`, `wrong_bytes`: the place in the answer's body; default its middle."""
    difference: int = -1
    """`wrong_length`: added to Content-Length. Less: the body ends there; more: the connection ends too early."""
    host: str | None = None
    """`redirect`: scheme, host and port to send to; default this station under its other name."""
    presigned: bool = False
    """`redirect`: to a URL that carries its own signature, and refuses an Authorization header as S3 does."""
    connections: int = Field(default=1, ge=0)
    """`connection_limit`: the downloads each client may have at once."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            re.compile(self.path or "")
        except re.error as error:
            raise ValueError(f"path is no regular expression: {error}.") from None
        if self.kind in OF_DOWNLOADS and self.target not in {None, "download"}:
            raise ValueError(f"{self.kind} is about downloads.")
        return self

    def meets(self, request: RequestKind) -> bool:
        """Whether it is about requests of this kind."""
        if self.target is not None:
            return self.target in {"all", request}
        if self.kind in OWN_TARGET:
            return request == OWN_TARGET[self.kind]
        return request == "download" if self.kind in OF_DOWNLOADS else request != "token"


class ActiveFault:
    """A fault that was switched on, and how often it has struck."""

    def __init__(self, number: int, fault: Fault, ends: float | None) -> None:
        self.number = number
        self.fault = fault
        self.ends = ends
        self.met = 0
        self.struck = 0
        self._random = Random(number)
        self._path = re.compile(fault.path) if fault.path else None

    def strikes(self, request: RequestKind, path: str) -> bool:
        """Whether it hits this request; counts it."""
        if not self.fault.meets(request) or (self._path and not self._path.search(path)):
            return False
        self.met += 1
        if self.met <= self.fault.after or self._random.random() >= self.fault.rate:
            return False
        self.struck += 1
        return True

    def over(self, now: float) -> bool:
        """Whether its time or its count has run out."""
        spent = self.fault.count is not None and self.struck >= self.fault.count
        return spent or (self.ends is not None and now >= self.ends)

    def report(self) -> dict[str, Any]:
        """The fault as JSON."""
        settings = self.fault.model_dump(exclude_unset=True, mode="json")
        return {"id": self.number, **settings, "met": self.met, "struck": self.struck}


class FaultPlan:
    """The faults that are switched on."""

    def __init__(self, real_seconds: Callable[[], float] = time.monotonic) -> None:
        self._real_seconds = real_seconds
        self._numbers = itertools.count(1)
        self._active: dict[int, ActiveFault] = {}

    def add(self, fault: Fault) -> ActiveFault:
        """Switch a fault on."""
        ends = None if fault.duration is None else self._real_seconds() + fault.duration
        active = ActiveFault(next(self._numbers), fault, ends)
        self._active[active.number] = active
        return active

    def remove(self, number: int) -> bool:
        """Switch one off; False if there is none with this number."""
        return self._active.pop(number, None) is not None

    def clear(self) -> None:
        """Switch all off."""
        self._active.clear()

    def active(self) -> list[ActiveFault]:
        """Those that are on, oldest first."""
        now = self._real_seconds()
        return [each for each in self._active.values() if not each.over(now)]

    def striking(self, request: RequestKind, path: str, kinds: Set[FaultKind]) -> dict[FaultKind, Fault]:
        """The faults among `kinds` that hit this request, one of a kind."""
        found: dict[FaultKind, Fault] = {}
        for each in self.active():
            kind = each.fault.kind
            if kind in kinds and kind not in found and each.strikes(request, path):
                found[each.fault.kind] = each.fault
        return found
