"""Grants in the access table: `subject#{subject}`/`grant#{resource}`, one for each subject and resource."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from rs_server.access.instants import Clock, from_text, to_text, utc_now
from rs_server.access.principals import ACTIONS
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from rs_server.access.store.audit import AuditEntry, entry_put
from rs_server.access.store.table import (
    BY_LOGIN,
    BY_RESOURCE,
    AccessTable,
    ConditionFailed,
    Record,
    RecordKey,
    delete,
    put,
)
from rs_server.errors import NotFound

ANY_OWNER = "*"
"""The `login` of grants that reach over all owners, in the index by owner."""
NO_GRANT = "There is no such grant."


class StoredGrant(NamedTuple):
    """A grant, and who gave it when."""

    grant: Grant
    granted_by: str
    created: datetime

    @property
    def id(self) -> str:
        """Names the grant in URLs: its subject and resource, made URL-safe. Whoever knows it gains nothing."""
        return grant_id(self.grant.subject, self.grant.resource)


class GrantStore:
    """Puts, finds, lists and deletes grants."""

    def __init__(self, table: AccessTable, now: Clock = utc_now) -> None:
        self.table = table
        self.now = now

    def put(self, stored: StoredGrant, entry: AuditEntry) -> None:
        """Store a grant in place of an earlier one on the same subject and resource."""
        self.table.write(put(_grant_record(stored)), entry_put(entry, self.now()))

    def find(self, subject: str, resource: ResourcePattern) -> StoredGrant | None:
        """The grant of `subject` on exactly this pattern, or None."""
        record = self.table.get(_grant_key(subject, resource))
        return read_grant(record) if record else None

    def delete(self, stored: StoredGrant, entry: AuditEntry) -> None:
        """Withdraw a grant; raises NotFound where it is gone already."""
        key = _grant_key(stored.grant.subject, stored.grant.resource)
        try:
            self.table.write(delete(key), entry_put(entry, self.now()))
        except ConditionFailed as error:
            raise NotFound(NO_GRANT) from error

    def of_subject(self, subject: str) -> Sequence[StoredGrant]:
        """All grants of a subject; one that was written a moment ago is among them."""
        return [read_grant(record) for record in self.table.query(f"subject#{subject}", "grant#")]

    def on(self, resource: ResourcePattern) -> Sequence[StoredGrant]:
        """All grants that share a resource with this pattern."""
        found = [read_grant(record) for record in self._near(resource)]
        return [stored for stored in found if stored.grant.resource.overlaps(resource)]

    def page(
        self, limit: int, position: Mapping[str, str] | None = None
    ) -> tuple[Sequence[StoredGrant], Record | None]:
        """Grants of everyone, a part of the table at a time: a page may be short, or empty, and not be the last."""
        page = self.table.scan("grant#", start=dict(position) if position else None, limit=limit)
        return [read_grant(record) for record in page.records], page.last

    def _near(self, resource: ResourcePattern) -> Sequence[Record]:
        service, first, *_ = resource.tokens
        if service == "catalog" and first == ANY_OWNER:
            return self._all()
        if service == "catalog":
            owners = (first, ANY_OWNER)
            return [record for owner in owners for record in self.table.query(owner, "grant#", index=BY_LOGIN)]
        if first == "*":
            return self._all()
        patterns = (str(resource), f"{service}:*")
        return [record for text in patterns for record in self.table.query(text, "subject#", index=BY_RESOURCE)]

    def _all(self) -> list[Record]:
        page = self.table.scan("grant#")
        records = page.records
        while page.last is not None:
            page = self.table.scan("grant#", start=page.last)
            records += page.records
        return records


def grant_id(subject: str, resource: ResourcePattern) -> str:
    """The id of the grant of `subject` on `resource`."""
    return base64.urlsafe_b64encode(f"{subject} {resource}".encode()).decode().rstrip("=")


def parse_grant_id(text: str) -> tuple[str, ResourcePattern]:
    """Subject and resource of a grant id; raises NotFound for what is none."""
    try:
        subject, _, resource = (
            base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True).decode().partition(" ")
        )
    except (binascii.Error, ValueError) as error:
        raise NotFound(NO_GRANT) from error
    tokens = tuple(resource.split(":"))
    if len(tokens) < 2:
        raise NotFound(NO_GRANT)
    return subject, ResourcePattern(tokens)


def read_grant(record: Record) -> StoredGrant:
    """Read a record that `GrantStore.put` wrote; actions that are none are left out."""
    expires = record.get("expires")
    grant = Grant(
        subject=record["pk"].removeprefix("subject#"),
        resource=ResourcePattern(tuple(record["resource"].split(":"))),
        actions=frozenset(record["actions"]) & frozenset(ACTIONS),
        expires=from_text(expires) if expires else None,
    )
    return StoredGrant(grant, record["granted_by"], from_text(record["created"]))


def _grant_key(subject: str, resource: ResourcePattern) -> RecordKey:
    return (f"subject#{subject}", f"grant#{resource}")


def _grant_record(stored: StoredGrant) -> Record:
    grant = stored.grant
    pk, sk = _grant_key(grant.subject, grant.resource)
    service, first, *_ = grant.resource.tokens
    return {
        "pk": pk,
        "sk": sk,
        "resource": str(grant.resource),
        "login": first if service == "catalog" else None,
        "actions": sorted(grant.actions),
        "expires": to_text(grant.expires) if grant.expires else None,
        "ttl": int(grant.expires.timestamp()) if grant.expires else None,
        "granted_by": stored.granted_by,
        "created": to_text(stored.created),
    }
