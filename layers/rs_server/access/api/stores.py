"""What the routes of the access service work with, made once and handed to each."""

from __future__ import annotations

from dataclasses import dataclass

from rs_server.access.grants import GrantReader
from rs_server.access.instants import Clock, utc_now
from rs_server.access.store.audit import AuditStore
from rs_server.access.store.grants import GrantStore
from rs_server.access.store.groups import GroupStore
from rs_server.access.store.identities import IdentityStore
from rs_server.access.store.keys import KeyStore
from rs_server.access.store.table import AccessTable
from rs_server.access.store.tokens import TokenStore
from rs_server.access.store.users import UserStore


@dataclass(frozen=True, slots=True)
class Stores:
    """The access table by noun. Rights are read with no cache, so that who manages them sees each change at once."""

    keys: KeyStore
    users: UserStore
    identities: IdentityStore
    groups: GroupStore
    grants: GrantStore
    audit: AuditStore
    reader: GrantReader
    now: Clock

    @classmethod
    def of(cls, table: AccessTable, now: Clock = utc_now) -> Stores:
        """All stores over one table."""
        grants = GrantStore(table, now)
        return cls(
            keys=KeyStore(table, now),
            users=UserStore(table, now),
            identities=IdentityStore(table, now),
            groups=GroupStore(table, now),
            grants=grants,
            audit=AuditStore(table, now),
            reader=GrantReader(grants, TokenStore(table, now), cache_seconds=0, now=now),
            now=now,
        )
