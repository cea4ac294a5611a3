"""Which login an identity of the provider has: `identity#{SHA-256 of issuer and subject}`/`identity`.

An identity is bound to a login when it is first seen and keeps it, whatever name the provider gives it later.
"""

from __future__ import annotations

from rs_server.access.credentials import digest_of
from rs_server.access.instants import Clock, utc_now
from rs_server.access.store.audit import AuditEntry, entry_put
from rs_server.access.store.table import AccessTable, ConditionFailed, RecordKey, delete, put, update
from rs_server.access.store.users import User, profile_key, user_record
from rs_server.errors import Conflict

Identity = tuple[str, str]
"""Issuer and subject."""


class IdentityStore:
    """Binds identities to logins."""

    def __init__(self, table: AccessTable, now: Clock = utc_now) -> None:
        self.table = table
        self.now = now

    def bind_new(self, login: str, identity: Identity) -> bool:
        """Make a user with this identity; False where the login, or the identity, has become taken."""
        now = self.now()
        user = User(login, created=now, identity=identity)
        entry = AuditEntry("identity.bound", f"user:{login}", by=login, detail=_in_words(identity))
        try:
            self.table.write(_binding(login, identity), put(user_record(user), if_absent=True), entry_put(entry, now))
        except ConditionFailed:
            return False
        return True

    def bind(self, user: User, identity: Identity, entry: AuditEntry) -> None:
        """Bind a user to an identity in place of an earlier one; raises Conflict for one that has another login."""
        if user.identity == identity:
            return
        change = {"issuer": identity[0], "identity_subject": identity[1]}
        condition, before, freed = "attribute_exists(pk) AND attribute_not_exists(#issuer)", {}, []
        if user.identity is not None:
            condition = "#issuer = :issuer AND #identity_subject = :subject"
            before = {":issuer": user.identity[0], ":subject": user.identity[1]}
            freed = [delete(identity_key(user.identity))]
        operations = [update(profile_key(user.login), change, condition, before), *freed]
        try:
            self.table.write(_binding(user.login, identity), *operations, entry_put(entry, self.now()))
        except ConditionFailed as error:
            raise Conflict("This identity has another login, or the user has just been changed.") from error

    def login_of(self, identity: Identity) -> str | None:
        """The login that an identity is bound to, or None."""
        record = self.table.get(identity_key(identity))
        return str(record["bound_to"]) if record else None


def identity_key(identity: Identity) -> RecordKey:
    """Where an identity is."""
    return (f"identity#{digest_of(chr(10).join(identity))}", "identity")


def _binding(login: str, identity: Identity) -> dict[str, object]:
    pk, sk = identity_key(identity)
    return put({"pk": pk, "sk": sk, "bound_to": login}, if_absent=True)


def _in_words(identity: Identity) -> str:
    return f"issuer {identity[0]}, subject {identity[1]}"
