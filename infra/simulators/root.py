"""A service root: reading, writing, and the notices it pushes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulators.notices import Notice, NoticeSource
from simulators.odata.actions import ActionTable, Reply
from simulators.odata.service import ODataService
from simulators.payload import Payload

type Evict = Callable[[str, int], bool]
"""Takes the product with an Id offline, at an instant; False where there is none such."""


class ServiceRoot:
    """What a station answers below its service root."""

    def __init__(
        self,
        reading: ODataService,
        writing: ActionTable,
        notice_sources: Sequence[NoticeSource] = (),
        evict: Evict = lambda _product, _now: False,
    ) -> None:
        self._reading = reading
        self._writing = writing
        self._notice_sources = notice_sources
        self._evict = evict

    def get(self, path: str, query: str, now: int, root: str) -> Mapping[str, Any] | Payload:
        """Answer a GET."""
        return self._reading.get(path, query, now, root)

    def post(self, path: str, body: bytes, now: int, *, failing: bool) -> Reply:
        """Answer a POST."""
        return self._writing.post(path, body, now, failing=failing)

    def notices(self, now: int) -> list[Notice]:
        """The notices that are due."""
        return [notice for source in self._notice_sources for notice in source(now)]

    def evict(self, product: str, now: int) -> bool:
        """Take a product offline; False where there is none such, and where products do not go offline."""
        return self._evict(product, now)
