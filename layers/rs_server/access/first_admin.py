"""The first administrator: made once by the deployment, with a key that it puts where only operators can read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rs_server.access.credentials import digest_of, is_key, new_id, new_key
from rs_server.access.instants import Clock, to_text, utc_now
from rs_server.access.store.audit import AuditEntry, entry_put
from rs_server.access.store.keys import ApiKey, key_record
from rs_server.access.store.table import AccessTable, ConditionFailed, put, update
from rs_server.access.store.users import User, profile_key, user_record

LOGIN = "admin"
KEY_LIFETIME = timedelta(days=90)
SAVED_WITHIN = timedelta(minutes=15)
"""A deployment has saved the key that it was given by then, or it died: no Lambda function runs longer."""


def ensure_first_admin(table: AccessTable, known_key: str = "", now: Clock = utc_now) -> str | None:
    """Make sure that the user `admin` exists and has the key that the deployment holds.

    `known_key` is what the deployment's secret holds now, or empty. Returns the text of a key when one was made, which
    the caller must save at once; None when there is nothing to save. Of callers at the same time only one gets a key;
    a key that was never saved, because its caller died, is replaced by a call `SAVED_WITHIN` later. A known key that
    was revoked or has expired stays so: make another with `POST /access/keys`.
    """
    moment = now()
    if is_key(known_key):
        # In a table that knows the user, a key that is not there was withdrawn or has expired, and its record too.
        _once(table, put(_profile(moment), if_absent=True), put(key_record(_first_key(known_key, moment))))
        return None
    key = new_key()
    operations = (put(key_record(_first_key(key, moment)), if_absent=True), entry_put(_entry(moment), moment))
    if _once(table, put(_profile(moment), if_absent=True), *operations):
        return key
    deadline = {":deadline": to_text(moment - SAVED_WITHIN)}
    again = update(profile_key(LOGIN), {"first_key_made": to_text(moment)}, "#first_key_made < :deadline", deadline)
    return key if _once(table, again, *operations) else None


def _once(table: AccessTable, *operations: Mapping[str, Any]) -> bool:
    try:
        table.write(*operations)
    except ConditionFailed:
        return False
    return True


def _profile(now: datetime) -> dict[str, Any]:
    return user_record(User(LOGIN, admin=True, created=now)) | {"first_key_made": to_text(now)}


def _first_key(key: str, now: datetime) -> ApiKey:
    return ApiKey(digest_of(key), new_id(), LOGIN, "first key, made by the deployment", now, now + KEY_LIFETIME)


def _entry(now: datetime) -> AuditEntry:
    return AuditEntry("user.created", f"user:{LOGIN}", by="deployment", detail=f"first administrator, {to_text(now)}")
