"""The principal: who is calling, as the authorizer found out, and how that travels to the services.

The authorizer puts it into the gateway's context as strings; staging puts the same strings into the events with which
it calls a service for a job's owner. Services trust the context, because only the gateway and staging's role may invoke
them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from rs_server.access.resources import ResourcePattern
from rs_server.errors import InvalidRequest

ACTIONS = ("read", "download", "write", "manage")
"""What can be done to a resource. No action implies another."""

MAX_GROUPS = 30
"""Most groups of one user: with names of 63 characters at most, a principal then fits into the gateway's context."""
MAX_SCOPE = 1500
"""Most characters of a scope as JSON, for the same reason."""


class Scope(NamedTuple):
    """What a narrowed key is limited to: these actions, on these resources."""

    actions: frozenset[str]
    resources: tuple[ResourcePattern, ...]

    def to_json(self) -> str:
        """The form in which a scope is stored, shown and sent."""
        return json.dumps({"actions": sorted(self.actions), "resources": [str(pattern) for pattern in self.resources]})

    @classmethod
    def from_json(cls, text: str) -> Scope:
        """Read what `to_json` wrote; raises InvalidRequest for an action or a resource that is none."""
        document = json.loads(text)
        unknown = set(document["actions"]) - set(ACTIONS)
        if unknown:
            raise InvalidRequest(f"Action {min(unknown)!r}: it must be one of {', '.join(ACTIONS)}.")
        return cls(frozenset(document["actions"]), tuple(ResourcePattern.parse(item) for item in document["resources"]))

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed with this scope."""
        return not self.actions & {"write", "manage"}


class Principal(NamedTuple):
    """Who is calling. An empty login is the anonymous principal, who sees public things only."""

    login: str = ""
    groups: frozenset[str] = frozenset()
    admin: bool = False
    key_id: str = ""
    """Id of the API key that was used, or of the bearer token's record; the key itself never travels."""
    scope: Scope | None = None

    @property
    def anonymous(self) -> bool:
        """Whether no credential was given."""
        return not self.login

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects whose grants apply to this principal."""
        if self.anonymous:
            return ("public",)
        groups = tuple(f"group:{group}" for group in sorted(self.groups))
        return (f"user:{self.login}", *groups, "authenticated", "public")

    def to_context(self) -> dict[str, str]:
        """The principal as the gateway's authorizer context: strings only, under 4 kB."""
        return {
            "login": self.login,
            "groups": ",".join(sorted(self.groups)),
            "admin": "true" if self.admin else "false",
            "key_id": self.key_id,
            "scope": self.scope.to_json() if self.scope else "",
        }

    @classmethod
    def from_context(cls, context: Mapping[str, str]) -> Principal:
        """Read what `to_context` wrote; a context without login is the anonymous principal, whatever else it says."""
        login, scope = context.get("login", ""), context.get("scope", "")
        if not login:
            return ANONYMOUS
        return cls(
            login=login,
            groups=frozenset(filter(None, context.get("groups", "").split(","))),
            admin=context.get("admin") == "true",
            key_id=context.get("key_id", ""),
            scope=Scope.from_json(scope) if scope else None,
        )


ANONYMOUS = Principal()
