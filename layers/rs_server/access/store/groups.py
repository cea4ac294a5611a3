"""Groups in the access table: `group#{group}`/`member#{login}`, and the same in the member's profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rs_server.access.instants import Clock, utc_now
from rs_server.access.principals import MAX_GROUPS
from rs_server.access.store.audit import AuditEntry, entry_put
from rs_server.access.store.table import (
    BY_RESOURCE,
    CONFLICT_TRIES,
    AccessTable,
    ConditionFailed,
    Record,
    RecordKey,
    delete,
    put,
    update,
)
from rs_server.errors import BackendUnavailable, Conflict, NotFound

GROUP_MARKER = "group"
"""The `resource` under which the index lists all memberships."""


class GroupStore:
    """Adds, removes and lists members of groups. A group exists while it has members."""

    def __init__(self, table: AccessTable, now: Clock = utc_now) -> None:
        self.table = table
        self.now = now

    def add(self, group: str, login: str, entry: AuditEntry) -> None:
        """Make a user a member; to do so again changes nothing. Raises NotFound for an unknown user."""
        for _ in range(CONFLICT_TRIES):
            before = self._groups_of(login)
            if group in before:
                return
            if len(before) >= MAX_GROUPS:
                raise Conflict(f"User {login!r} is in {MAX_GROUPS} groups, which is the most there can be.")
            if self._replaced(login, before, sorted({*before, group}), put(member_record(group, login)), entry):
                return
        raise BackendUnavailable(f"The groups of {login!r} are being changed by others. Try again.")

    def remove(self, group: str, login: str, entry: AuditEntry) -> None:
        """End a membership; raises NotFound where there is none."""
        for _ in range(CONFLICT_TRIES):
            before = self._groups_of(login)
            if group not in before:
                raise NotFound(f"User {login!r} is no member of group {group!r}.")
            after = [name for name in before if name != group]
            if self._replaced(login, before, after, delete(member_key(group, login)), entry):
                return
        raise BackendUnavailable(f"The groups of {login!r} are being changed by others. Try again.")

    def all(self) -> Mapping[str, Sequence[str]]:
        """Every group with its members, in alphabetical order."""
        groups: dict[str, list[str]] = {}
        for record in self.table.query(GROUP_MARKER, "group#", index=BY_RESOURCE):
            groups.setdefault(record["pk"].removeprefix("group#"), []).append(record["login"])
        return {group: sorted(members) for group, members in groups.items()}

    def _groups_of(self, login: str) -> Sequence[str]:
        profile = self.table.get((f"user#{login}", "profile"))
        if profile is None:
            raise NotFound(f"There is no user {login!r}.")
        return list(profile.get("groups", ()))

    def _replaced(
        self,
        login: str,
        before: Sequence[str],
        after: Sequence[str],
        membership: Mapping[str, object],
        entry: AuditEntry,
    ) -> bool:
        profile = update(
            (f"user#{login}", "profile"),
            {"groups": list(after)},
            "#groups = :before",
            {":before": list(before)},
        )
        try:
            self.table.write(profile, membership, entry_put(entry, self.now()))
        except ConditionFailed:
            return False
        return True


def member_key(group: str, login: str) -> RecordKey:
    """Where a membership is."""
    return (f"group#{group}", f"member#{login}")


def member_record(group: str, login: str) -> Record:
    """The record of a membership."""
    pk, sk = member_key(group, login)
    return {"pk": pk, "sk": sk, "resource": GROUP_MARKER, "login": login}
