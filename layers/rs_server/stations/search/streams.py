"""The rows of one station in the order of the search, fetched page by page as they are taken."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from rs_server.errors import BackendFailed, BackendUnavailable, RsServerError
from rs_server.stations.interfaces.model import Entity, Interface
from rs_server.stations.odata.client import ODataClient, Page, Row
from rs_server.stations.odata.http import ATTEMPTS, Deadline
from rs_server.stations.odata.query import ODataQuery, parse_datetime
from rs_server.stations.profiles.model import VirtualCollection
from rs_server.stations.search.order import Cursor, Key, KeySet, digest_of
from rs_server.stations.search.plan import StreamPlan, member_of
from rs_server.stations.search.windows import Windows

MOST_FRUITLESS = 20
"""Pages in a row that may hold nothing new: rows that were taken are asked for again where they share a key."""
LATE_ROWS = 100
"""Rows a page where each comes with all that hangs on it, only to be looked at."""


class Candidate(NamedTuple):
    """A row that was looked at: with the collection it is an item of, or None where it does not match."""

    row: Row
    key: Key
    digest: str
    """Of the entity's id, as cursors hold it."""
    collection: VirtualCollection | None
    entity: Entity | None = None
    """The row with what hangs on it, where that is there already."""


class Stream:
    """One planned query from a cursor on. `cursor` follows what was taken, not what was fetched.

    `wanted` rows are fetched at once, where the station's answer is that of the search; None: as many as it gives.
    With `with_count` the station says at the start how many there are, where that is what the search finds.
    """

    def __init__(
        self,
        plan: StreamPlan,
        client: ODataClient,
        interface: Interface,
        order: KeySet,
        cursor: Cursor,
        wanted: int | None,
        *,
        with_count: bool = False,
    ) -> None:
        self.plan = plan
        self.client = client
        self.interface = interface
        self.order = order
        self.start = self.cursor = cursor
        self.wanted = wanted
        self.counted: int | None = None
        self.failure: RsServerError | None = None
        self.exhausted = False
        self._position = cursor
        self._windows = self._windowed(cursor)
        self._counting = with_count and plan.countable and cursor.key is None and self._windows is None
        self._skip = cursor.skipped
        self._fruitless = 0
        self._ready: deque[Candidate] = deque()

    @property
    def head(self) -> Candidate | None:
        """The next row, once `fill` has brought it."""
        return self._ready[0] if self._ready else None

    @property
    def open(self) -> bool:
        """Whether there may be more rows."""
        return bool(self._ready) or not self.exhausted

    def take(self) -> Candidate:
        """Take the next row."""
        candidate = self._ready.popleft()
        self.cursor = self.cursor.after(candidate.key, candidate.digest)
        return candidate

    async def fill(self, deadline: Deadline) -> None:
        """Fetch until there is a next row or none is left; raises what the station's failure means."""
        while not self._ready and not self.exhausted:
            await self._fetch(deadline)

    async def _fetch(self, deadline: Deadline) -> None:
        query = self._query()
        page = await self._page(query, deadline)
        if page is None:
            return
        if query.with_count:
            self._counting, self.counted = False, page.total
        before = self._position.key
        rows = [(row, *new) for row in page.rows if (new := self._new(row))]
        self._skip = self._skip + len(page.rows) if self._position.key == before else self._position.skipped
        self._fruitless = 0 if rows else self._fruitless + 1
        if self._fruitless > MOST_FRUITLESS:
            raise BackendFailed(f"Station {self.plan.station.id} gives the same rows again and again.")
        if len(page.rows) < (query.top or 0) and not page.next_link:
            self.exhausted = self._windows is None or not self._windows.advance(found=bool(rows))
            self._skip = self._fruitless = 0
        self._ready.extend(await self._look(rows, deadline))

    async def _page(self, query: ODataQuery, deadline: Deadline) -> Page | None:
        """The station's answer; None where it refused a long window, and a shorter one is to be asked for."""
        long = self._windows is not None and self._windows.long
        try:
            return await self.client.get_page(
                self.interface.entity_set, query, deadline, attempts=1 if long else ATTEMPTS
            )
        except BackendUnavailable:
            if not long or self._windows is None:
                raise
            self._windows.shorten()
            return None

    def _query(self) -> ODataQuery:
        plan, key = self.plan, self._position.key
        bound = self.order.bound(plan.station, key) if key is not None else ""
        window = self._windows.condition(plan.station) if self._windows else ""
        whole = plan.late or plan.few or (plan.exact and self.wanted is not None)
        return ODataQuery(
            filter=" and ".join(filter(None, (plan.condition, bound, window))),
            orderby=self.order.orderby,
            top=min(self._rows(), plan.station.limits.max_top),
            skip=self._skip,
            expand=self.interface.expand(plan.station, whole=whole),
            with_count=self._counting,
        )

    def _windowed(self, cursor: Cursor) -> Windows | None:
        hours = self.plan.station.limits.window_hours
        if not hours or self.plan.few or self.order.column != self.interface.published:
            return None
        begin = min(parse_datetime(member.collection.start) for member in self.plan.members)
        now = datetime.fromtimestamp(self.client.timing.now(), UTC)
        windows = Windows(self.order, begin, now, timedelta(hours=hours))
        if isinstance(cursor.key, datetime):
            windows.start_at(cursor.key)
        return windows

    def _rows(self) -> int:
        if self.wanted is not None and self.plan.exact:
            return self.wanted + len(self._position.taken)
        return LATE_ROWS if self.plan.late else self.plan.station.limits.max_top

    def _new(self, row: Row) -> tuple[Key, str] | None:
        """The key and the digest of a row that was not fetched before; None for one that was."""
        key, digest = self.order.key(row, self.plan.station), digest_of(str(row.get("Id")))
        position = self._position
        if self.order.precedes(key, position.key) or (key == position.key and digest in position.taken):
            return None
        self._position = position.after(key, digest)
        return key, digest

    async def _look(self, rows: list[tuple[Row, Key, str]], deadline: Deadline) -> list[Candidate]:
        if not self.plan.late:
            return [Candidate(row, key, digest, self._collection(row, None)) for row, key, digest in rows]
        entities = await self.interface.complete(self.client, [row for row, _, _ in rows], deadline)
        return [
            Candidate(row, key, digest, self._collection(row, entity), entity)
            for (row, key, digest), entity in zip(rows, entities, strict=True)
        ]

    def _collection(self, row: Row, entity: Entity | None) -> VirtualCollection | None:
        """The collection that a row is an item of, if it passes the rest of the filter."""
        member = member_of(row, self.plan.members, self.interface)
        if member is None or member.passes is None:
            return member.collection if member else None
        station = self.client.station
        item = self.interface.item(entity, station) if entity else self.interface.properties(row, station)
        return member.collection if member.passes(item | {"collection": member.collection.id}) else None
