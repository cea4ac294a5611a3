"""Whose sharing is whose: which grants a principal may see, give and withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta

from rs_server.access.api.models import GrantRequest
from rs_server.access.api.stores import Stores
from rs_server.access.principals import Principal
from rs_server.access.resources import STATION_SERVICES, ResourcePattern
from rs_server.access.rights import Grant, Rights
from rs_server.access.store.grants import StoredGrant
from rs_server.access.subjects import PUBLIC, check_subject
from rs_server.errors import Forbidden, InvalidRequest

SERVICES = ("catalog", *STATION_SERVICES, "process")
FARTHEST = timedelta(days=36500)


def require_manage(rights: Rights, pattern: ResourcePattern, absent: str) -> None:
    """Raise what the caller may know, unless they may `manage` every resource that `pattern` means.

    One resource: NotFound with `absent` where the caller does not see it, else Forbidden. A set of resources is
    no thing that could be hidden: Forbidden, alike for any that the caller does not manage whole.
    """
    if rights.filter("manage", pattern.tokens[0]).includes(pattern):
        return
    if pattern.exact:
        rights.require("manage", pattern.tokens, absent)
    raise Forbidden(f"You do not manage all of {pattern}. Name what you own.", refused=f"manage {pattern}")


def grant_of(body: GrantRequest, stores: Stores) -> Grant:
    """The grant that a request asks for; raises InvalidRequest for one that makes no sense."""
    subject = check_subject(body.subject)
    actions = frozenset[str](body.actions)
    if subject == PUBLIC and not actions <= {"read", "download"}:
        raise InvalidRequest("actions: 'public' means anyone, without a credential, and can only read and download.")
    now = stores.now()
    if body.expires is not None and not now < body.expires < now + FARTHEST:
        raise InvalidRequest("expires: it must be in the future, within 100 years. Leave it out for no end.")
    expires = body.expires.astimezone(UTC).replace(microsecond=0) if body.expires else None
    return Grant(subject, ResourcePattern.parse(body.resource), actions, expires)


def grants_managed(stores: Stores, rights: Rights) -> Sequence[StoredGrant]:
    """All grants on anything that the principal manages."""
    found: dict[str, StoredGrant] = {}
    for service in SERVICES:
        managed = rights.filter("manage", service)
        for pattern in managed.allowed:
            found |= {stored.id: stored for stored in stores.grants.on(pattern)}
    return [stored for stored in found.values() if _concerns(rights, stored)]


def is_own_subject(principal: Principal, subject: str) -> bool:
    """Whether grants of `subject` are the principal's own, which they may always see."""
    return subject in principal.subjects


def _concerns(rights: Rights, stored: StoredGrant) -> bool:
    pattern = stored.grant.resource
    managed = rights.filter("manage", pattern.tokens[0])
    within = managed.within
    return within is None or any(part.overlaps(pattern) for part in within)
