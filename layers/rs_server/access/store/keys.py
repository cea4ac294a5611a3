"""API keys in the access table: `key#{SHA-256 of the key}`/`key`. The key itself is nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rs_server.access.instants import Clock, from_text, to_text, utc_now
from rs_server.access.principals import Scope
from rs_server.access.store.audit import AuditEntry, entry_put
from rs_server.access.store.table import (
    BY_LOGIN,
    BY_RESOURCE,
    AccessTable,
    ConditionFailed,
    Record,
    RecordKey,
    put,
    update,
)

KEPT_AFTER_EXPIRY = timedelta(days=30)
"""For so long an expired key is still listed, and known as expired."""
USE_RECORDED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of an API key."""

    digest: str
    key_id: str
    login: str
    name: str
    created: datetime
    expires: datetime
    scope: Scope | None = None
    revoked: bool = False
    last_used: datetime | None = None
    """Last use, to the hour."""

    def usable(self, now: datetime) -> bool:
        """Whether the key opens anything at `now`."""
        return not self.revoked and now < self.expires


class KeyStore:
    """Creates, finds, lists and revokes API keys."""

    def __init__(self, table: AccessTable, now: Clock = utc_now) -> None:
        self.table = table
        self.now = now

    def create(self, key: ApiKey, entry: AuditEntry) -> None:
        """Store a new key, with its audit entry."""
        self.table.write(put(key_record(key), if_absent=True), entry_put(entry, self.now()))

    def by_id(self, key_id: str) -> ApiKey | None:
        """The key with this id, or None."""
        return next(map(read_key, self.table.query(_marker(key_id), index=BY_RESOURCE)), None)

    def of_user(self, login: str) -> Sequence[ApiKey]:
        """All keys of a user that have not expired long ago, newest first."""
        found = map(read_key, self.table.query(login, "key", index=BY_LOGIN))
        return sorted(found, key=lambda key: key.created, reverse=True)

    def revoke(self, key: ApiKey, entry: AuditEntry) -> None:
        """End a key for good; to revoke it again changes nothing."""
        change = update(
            record_key(key.digest), {"revoked": True}, "attribute_exists(pk) AND attribute_not_exists(#revoked)"
        )
        try:
            self.table.write(change, entry_put(entry, self.now()))
        except ConditionFailed:
            return

    def used(self, key: ApiKey) -> None:
        """Remember that the key was used, at most once an hour."""
        now = self.now()
        if key.last_used is not None and now - key.last_used < USE_RECORDED_EVERY:
            return
        try:
            self.table.write(update(record_key(key.digest), {"last_used": to_text(now)}))
        except ConditionFailed:
            return


def record_key(digest: str) -> RecordKey:
    """Where the key with this SHA-256 is."""
    return (f"key#{digest}", "key")


def read_key(record: Record) -> ApiKey:
    """Read a record that `key_record` wrote."""
    scope, last_used = record.get("scope"), record.get("last_used")
    return ApiKey(
        digest=record["pk"].removeprefix("key#"),
        key_id=record["key_id"],
        login=record["login"],
        name=record["name"],
        created=from_text(record["created"]),
        expires=from_text(record["expires"]),
        scope=Scope.from_json(scope) if scope else None,
        revoked=bool(record.get("revoked")),
        last_used=from_text(last_used) if last_used else None,
    )


def key_record(key: ApiKey) -> Record:
    """The record of a new key; `resource` is there for the index alone, which finds it by its id."""
    pk, sk = record_key(key.digest)
    return {
        "pk": pk,
        "sk": sk,
        "key_id": key.key_id,
        "resource": _marker(key.key_id),
        "login": key.login,
        "name": key.name,
        "created": to_text(key.created),
        "expires": to_text(key.expires),
        "scope": key.scope.to_json() if key.scope else None,
        "ttl": int((key.expires + KEPT_AFTER_EXPIRY).timestamp()),
    }


def _marker(key_id: str) -> str:
    return f"key:{key_id}"
