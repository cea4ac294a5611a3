"""Who asks the catalog, and with which rights: the one object that every read and write is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rs_server.access.principals import Principal
from rs_server.access.resources import catalog_resource
from rs_server.access.rights import ResourceFilter, Rights
from rs_server.errors import Unauthenticated
from rs_server.stac.ids import CollectionId, parse_collection_id


class Grants(Protocol):
    """Where rights come from."""

    async def rights_of(self, principal: Principal) -> Rights:
        """Rights of `principal` now; raises BackendUnavailable when they cannot be read."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal with its rights in the catalog."""

    rights: Rights

    @property
    def principal(self) -> Principal:
        """Who calls."""
        return self.rights.principal

    def collection(self, text: str) -> CollectionId:
        """Read a public collection id, in which the caller's own name may be left out."""
        if ":" not in text and self.principal.anonymous:
            raise Unauthenticated(
                f"Collection {text!r} names no owner, which means your own: send x-api-key, or Authorization: Bearer."
            )
        return parse_collection_id(text, default_owner=self.principal.login or None)

    def require(self, action: str, collection: CollectionId) -> None:
        """Return if `action` on `collection` is allowed; raises what `Rights.require` raises."""
        self.rights.require(action, catalog_resource(collection), absent(collection))

    def may(self, action: str) -> ResourceFilter:
        """The collections on which `action` is allowed."""
        return self.rights.filter(action, "catalog")


def absent(collection: CollectionId) -> str:
    """What is said of a collection that does not exist, or that the caller may not know of: the same words."""
    return f"Collection {str(collection)!r} does not exist."
