"""The one decision: may this principal do this to that resource; and the one filter that lists and searches use.

Every route of every service asks `Rights`; only who owns jobs, keys and orders is seen where these are kept. It fails
closed: without grants it allows nothing, and its filter then matches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from rs_server.access.principals import ACTIONS, Principal
from rs_server.access.resources import Resource, ResourcePattern
from rs_server.errors import Forbidden, NotFound, Unauthenticated

CREDENTIAL_NEEDED = "This needs a credential: send x-api-key, or Authorization: Bearer."


class Grant(NamedTuple):
    """A subject may do `actions` on the resources of a pattern, until `expires`."""

    subject: str
    resource: ResourcePattern
    actions: frozenset[str]
    expires: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether the grant has not expired."""
        return self.expires is None or now < self.expires


class ResourceFilter(NamedTuple):
    """The resources that an action is allowed on: those of `allowed` that are also of `within`.

    `within` is None where no narrowed key limits them. An empty `allowed` matches nothing, and whoever turns the
    filter into a query must then write a clause that is impossible, never leave it out.
    """

    allowed: frozenset[ResourcePattern]
    within: frozenset[ResourcePattern] | None = None

    def matches(self, resource: Resource) -> bool:
        """Whether `resource` passes."""
        return any(pattern.covers(resource) for pattern in self.allowed) and (
            self.within is None or any(pattern.covers(resource) for pattern in self.within)
        )

    def includes(self, pattern: ResourcePattern) -> bool:
        """Whether every resource that `pattern` means passes; by one of the patterns here, not by several together."""
        return any(allowed.includes(pattern) for allowed in self.allowed) and (
            self.within is None or any(within.includes(pattern) for within in self.within)
        )


class Rights(NamedTuple):
    """What a principal may do, from the grants of its subjects; expired grants are left out by `of`."""

    principal: Principal
    grants: tuple[Grant, ...] = ()

    @classmethod
    def of(cls, principal: Principal, grants: Iterable[Grant], now: datetime | None = None) -> Rights:
        """Rights of `principal` at `now` from `grants`, of which those of other subjects do not count."""
        moment = now or datetime.now(UTC)
        subjects = set(principal.subjects)
        return cls(principal, tuple(grant for grant in grants if grant.subject in subjects and grant.in_force(moment)))

    def allows(self, action: str, resource: Resource) -> bool:
        """Whether the principal may do `action` to `resource`."""
        return self.filter(action, resource[0]).matches(resource)

    def sees(self, resource: Resource) -> bool:
        """Whether the principal may know that `resource` exists: any action on it is enough."""
        return any(self.allows(action, resource) for action in ACTIONS)

    def require(self, action: str, resource: Resource, absent: str) -> None:
        """Return if `action` is allowed; else raise what the caller may know.

        Unauthenticated for the anonymous principal, whether the thing exists or not; NotFound with the message
        `absent` (the same that a thing which does not exist gets) where the resource is not seen; else Forbidden.
        """
        if self.allows(action, resource):
            return
        name = ":".join(resource)
        refused = f"{action} {name}"
        if self.principal.anonymous:
            raise Unauthenticated(CREDENTIAL_NEEDED, refused=refused)
        if not self.sees(resource):
            raise NotFound(absent, refused=refused)
        raise Forbidden(f"You have no right to {action} {name}. Ask its owner for it.", refused=refused)

    def filter(self, action: str, service: str) -> ResourceFilter:
        """The resources of `service` (`catalog`, `cadip`, ..., `process`) on which `action` is allowed."""
        scope = self.principal.scope
        if scope and action not in scope.actions:
            return ResourceFilter(frozenset())
        within = frozenset(pattern for pattern in scope.resources if pattern.tokens[0] == service) if scope else None
        return ResourceFilter(self._granted(action, service), within)

    def _granted(self, action: str, service: str) -> frozenset[ResourcePattern]:
        if self.principal.admin:
            return frozenset({_everything(service)})
        granted = {
            grant.resource for grant in self.grants if action in grant.actions and grant.resource.tokens[0] == service
        }
        if service == "catalog" and not self.principal.anonymous:
            granted.add(ResourcePattern(("catalog", self.principal.login, "*")))
        return frozenset(granted)


def _everything(service: str) -> ResourcePattern:
    return ResourcePattern(("catalog", "*", "*") if service == "catalog" else (service, "*"))
