"""Failed attempts in the access table: `attempts#{address}`/`{five minutes}` holds which wrong credentials were tried.

Different ones are counted, not calls: a script that repeats one outdated key locks nobody out, while someone who
guesses is stopped after `MOST_DIFFERENT`. Credentials that are malformed are not counted, for nothing can be guessed
with them; nor are known ones that have expired, were revoked, or are of a disabled user.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from rs_server.access.instants import Clock, to_text, utc_now
from rs_server.access.store.audit import AuditEntry, entry_put
from rs_server.access.store.table import AccessTable, ConditionFailed, Record, RecordKey, add_to_set

MOST_DIFFERENT = 30
WINDOW = timedelta(minutes=5)
MARK_LENGTH = 16
"""Characters of a credential's SHA-256 that are kept to tell one from another."""
UNKNOWN = "unknown"
UNUSABLE = "unusable"


class AttemptStore:
    """Notes failed attempts by address, with an audit entry for each credential and window."""

    def __init__(self, table: AccessTable, now: Clock = utc_now) -> None:
        self.table = table
        self.now = now

    def failed(self, address: str, digest: str, kind: str, detail: str) -> None:
        """Note that a credential was refused: `UNKNOWN` ones count against the address, `UNUSABLE` ones do not."""
        now = self.now()
        mark = digest[:MARK_LENGTH]
        entry = AuditEntry("credential.refused", f"credential:{mark}", detail=detail, address=address)
        ends = {"ttl": int((now + 2 * WINDOW).timestamp())}
        try:
            self.table.write(
                add_to_set(attempts_key(address, now), kind, mark, MOST_DIFFERENT, ends), entry_put(entry, now)
            )
        except ConditionFailed:
            return


def attempts_key(address: str, now: datetime) -> RecordKey:
    """Where the failed attempts from an address in the window around `now` are."""
    start = now.timestamp() // WINDOW.total_seconds() * WINDOW.total_seconds()
    return (f"attempts#{_network(address)}", to_text(datetime.fromtimestamp(start, now.tzinfo)))


def too_many(attempts: Record | None) -> bool:
    """Whether an address has tried so many wrong credentials that it is refused for the rest of the window."""
    return attempts is not None and len(attempts.get(UNKNOWN, ())) >= MOST_DIFFERENT


def _network(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 network that an IPv6 host can choose from at will."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return address if parsed.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))
