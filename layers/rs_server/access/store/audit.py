"""The audit trail: who changed what, and who was refused what. Entries are added and never changed or removed by hand.

An entry is under its day, `audit#{yyyy-mm-dd}`, and by the owner of the collection it is about, so that owners read
their own collections' trail with one query. It goes after `RETENTION`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from rs_server.access.credentials import new_id
from rs_server.access.instants import Clock, to_text, utc_now
from rs_server.access.store.table import BY_LOGIN, AccessTable, Record, put
from rs_server.errors import InvalidRequest
from rs_server.stac.pagination import NOT_OURS

RETENTION = timedelta(days=400)
DAYS_PER_PAGE = 40
"""How many empty days a page looks back over before it ends short, with a way to go on."""
MAX_TEXT = 1000
PREFIX = "audit#"
END_OF_DAY = "~"
"""In a position: from the day's last entry on."""


class AuditEntry(NamedTuple):
    """One change or refusal."""

    event: str
    """What happened: `key.created`, `grant.put`, `refused`, `credential.refused`, `admin.request`, ..."""
    about: str
    """The thing: a resource such as `catalog:alice:s1-l0`, `user:bob`, `key:{id}`, or a method and path."""
    by: str = ""
    """Login of who did it; empty where nobody was identified."""
    detail: str = ""
    address: str = ""
    request_id: str = ""

    @property
    def owner(self) -> str:
        """Owner of the collections that this is about; empty for anything else."""
        service, _, rest = self.about.partition(":")
        return rest.partition(":")[0] if service == "catalog" else ""


class AuditPage(NamedTuple):
    """Entries as stored, newest first, and the position to go on from."""

    entries: list[Record]
    position: dict[str, str] | None


class AuditStore:
    """Writes and lists audit entries."""

    def __init__(self, table: AccessTable, now: Clock = utc_now) -> None:
        self.table = table
        self.now = now

    def record(self, entry: AuditEntry) -> None:
        """Add an entry by itself; a change adds its own within its transaction (`entry_put`)."""
        self.table.write(entry_put(entry, self.now()))

    def all(self, limit: int, position: Mapping[str, str] | None = None) -> AuditPage:
        """Entries of everyone, day by day backwards; a page may be short, or empty, and not be the last."""
        today = self.now()
        day, sk = (position["day"], position["sk"]) if position else (_day(today), END_OF_DAY)
        oldest = _day(today - RETENTION)
        entries: list[Record] = []
        for _ in range(DAYS_PER_PAGE):
            if day < oldest:
                return AuditPage(entries, None)
            if len(entries) == limit:
                break
            start = {"pk": f"audit#{day}", "sk": sk} if sk != END_OF_DAY else None
            page = self.table.page(f"audit#{day}", start=start, limit=limit - len(entries), newest_first=True)
            entries += page.records
            if page.last is not None:
                return AuditPage(entries, {"day": day, "sk": page.last["sk"]})
            day, sk = _day_before(day), END_OF_DAY
        return AuditPage(entries, {"day": day, "sk": END_OF_DAY})

    def of_owner(self, owner: str, limit: int, position: Mapping[str, str] | None = None) -> AuditPage:
        """Entries about the collections of one owner."""
        start = None
        if position and position["sk"] != END_OF_DAY:
            start = {"login": owner, "pk": f"audit#{position['day']}", "sk": position["sk"]}
        page = self.table.page(owner, PREFIX, index=BY_LOGIN, start=start, limit=limit, newest_first=True)
        last = page.last
        return AuditPage(
            page.records, {"day": last["pk"].removeprefix("audit#"), "sk": last["sk"]} if last is not None else None
        )


def entry_put(entry: AuditEntry, now: datetime) -> dict[str, Any]:
    """Operation that adds an entry, to be written together with the change it tells of."""
    record = {
        "pk": f"audit#{_day(now)}",
        "sk": f"audit#{to_text(now)}.{now.microsecond:06d}#{new_id()}",
        "time": to_text(now),
        "event": entry.event,
        "about": entry.about[:MAX_TEXT],
        "by": entry.by or None,
        "detail": entry.detail[:MAX_TEXT] or None,
        "address": entry.address or None,
        "request_id": entry.request_id or None,
        "login": entry.owner or None,
        "ttl": int((now + RETENTION).timestamp()),
    }
    return put(record, if_absent=True)


def check_position(position: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """Return a position that came back from outside, if it is one; else raise InvalidRequest."""
    if position is None:
        return None
    try:
        date.fromisoformat(position["day"])
    except ValueError as error:
        raise InvalidRequest(NOT_OURS) from error
    if position["sk"] != END_OF_DAY and not position["sk"].startswith(PREFIX):
        raise InvalidRequest(NOT_OURS)
    return position


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _day(instant: datetime) -> str:
    return to_text(instant)[:10]
