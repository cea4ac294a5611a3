"""What bearer tokens say, in the access table: `token#{SHA-256 of the token}`/`token`, until the token expires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from rs_server.access.instants import Clock, from_text, to_text, utc_now
from rs_server.access.principals import ACTIONS
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from rs_server.access.store.table import AccessTable, Record, RecordKey, put

KEY_ID_PREFIX = "token:"
"""The `key_id` of a principal who came with a bearer token: this and the token's SHA-256."""


class TokenRoles(NamedTuple):
    """The roles of one bearer token, as grants to the user it is of."""

    digest: str
    grants: Sequence[Grant]
    expires: datetime


class TokenStore:
    """Keeps the roles of bearer tokens where the services find them."""

    def __init__(self, table: AccessTable, now: Clock = utc_now) -> None:
        self.table = table
        self.now = now

    def put(self, roles: TokenRoles) -> None:
        """Store what a token says; the same token always says the same, so writing it twice is harmless."""
        pk, sk = token_key(roles.digest)
        record = {
            "pk": pk,
            "sk": sk,
            "roles": [
                {"subject": grant.subject, "resource": str(grant.resource), "actions": sorted(grant.actions)}
                for grant in roles.grants
            ],
            "expires": to_text(roles.expires),
            "ttl": int(roles.expires.timestamp()),
        }
        self.table.write(put(record))

    def known(self, digest: str) -> bool:
        """Whether the roles of the token with this SHA-256 are stored."""
        return self.table.get(token_key(digest)) is not None

    def grants(self, key_id: str) -> Sequence[Grant]:
        """Grants of the token that a principal's `key_id` names; none once it has expired, or for an API key."""
        if not key_id.startswith(KEY_ID_PREFIX):
            return ()
        record = self.table.get(token_key(key_id.removeprefix(KEY_ID_PREFIX)))
        return read_token_grants(record) if record else ()


def token_key(digest: str) -> RecordKey:
    """Where the token with this SHA-256 is."""
    return (f"token#{digest}", "token")


def read_token_grants(record: Record) -> Sequence[Grant]:
    """The grants of a record that `TokenStore.put` wrote, each ending with the token."""
    expires = from_text(record["expires"])
    return [
        Grant(
            role["subject"],
            ResourcePattern(tuple(role["resource"].split(":"))),
            frozenset(role["actions"]) & frozenset(ACTIONS),
            expires,
        )
        for role in record["roles"]
    ]
