"""Users in the access table: `user#{login}`/`profile`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rs_server.access.instants import Clock, from_text, to_text, utc_now
from rs_server.access.store.audit import AuditEntry, entry_put
from rs_server.access.store.groups import member_record
from rs_server.access.store.table import (
    BY_RESOURCE,
    AccessTable,
    ConditionFailed,
    Record,
    RecordKey,
    put,
    update,
)
from rs_server.errors import Conflict, NotFound

USER_MARKER = "user"
"""The `resource` under which the index lists all users. No resource pattern is without a colon."""


@dataclass(frozen=True, slots=True)
class User:
    """Someone who may have credentials."""

    login: str
    groups: frozenset[str] = field(default_factory=frozenset)
    admin: bool = False
    disabled: bool = False
    created: datetime | None = None
    identity: tuple[str, str] | None = None
    """Issuer and subject of the OpenID Connect identity that this login is bound to."""


class UserStore:
    """Creates, finds, lists and changes users."""

    def __init__(self, table: AccessTable, now: Clock = utc_now) -> None:
        self.table = table
        self.now = now

    def find(self, login: str) -> User | None:
        """The user with this login, or None."""
        record = self.table.get(profile_key(login))
        return read_user(record) if record else None

    def create(self, user: User, entry: AuditEntry) -> None:
        """Store a new user with their groups; raises Conflict where the login is taken."""
        members = [put(member_record(group, user.login)) for group in sorted(user.groups)]
        try:
            self.table.write(put(user_record(user), if_absent=True), *members, entry_put(entry, self.now()))
        except ConditionFailed as error:
            raise Conflict(f"There is a user {user.login!r} already.") from error

    def change(self, login: str, entry: AuditEntry, *, disabled: bool | None = None, admin: bool | None = None) -> None:
        """Set what is not None; raises NotFound where there is no such user."""
        wanted = {"disabled": disabled, "admin": admin}
        changes = {name: value for name, value in wanted.items() if value is not None}
        try:
            self.table.write(update(profile_key(login), changes), entry_put(entry, self.now()))
        except ConditionFailed as error:
            raise NotFound(f"There is no user {login!r}.") from error

    def page(self, limit: int, after: str = "") -> tuple[Sequence[User], str]:
        """Up to `limit` users in the order of their logins, after the login `after`; and where to go on."""
        start = {"resource": USER_MARKER, "pk": f"user#{after}", "sk": "profile"} if after else None
        page = self.table.page(USER_MARKER, "user#", index=BY_RESOURCE, start=start, limit=limit)
        last = page.last["pk"].removeprefix("user#") if page.last else ""
        return [read_user(record) for record in page.records], last


def profile_key(login: str) -> RecordKey:
    """Where the user with this login is."""
    return (f"user#{login}", "profile")


def user_record(user: User) -> dict[str, Any]:
    """The record of a user."""
    pk, sk = profile_key(user.login)
    return {
        "pk": pk,
        "sk": sk,
        "resource": USER_MARKER,
        "login": user.login,
        "groups": sorted(user.groups),
        "admin": user.admin,
        "disabled": user.disabled,
        "created": to_text(user.created) if user.created else None,
        "issuer": user.identity[0] if user.identity else None,
        "identity_subject": user.identity[1] if user.identity else None,
    }


def read_user(record: Record | Mapping[str, Any]) -> User:
    """Read a record that `user_record` wrote."""
    created = record.get("created")
    return User(
        login=record["login"],
        groups=frozenset(record.get("groups", ())),
        admin=record.get("admin") is True,
        disabled=record.get("disabled") is True,
        created=from_text(created) if created else None,
        identity=(record["issuer"], record["identity_subject"]) if "issuer" in record else None,
    )
