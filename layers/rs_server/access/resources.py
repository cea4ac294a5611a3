"""Resources that rights are about, and the patterns that grants name.

A resource is a tuple of tokens: `catalog:{owner}:{collection}`, `cadip:{station}` (also auxip, prip, lta),
`process:staging`. In a pattern `*` stands for a whole token, or for the end of the collection token.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rs_server.errors import InvalidRequest
from rs_server.stac.ids import COLLECTION, OWNER, CollectionId

STATION_SERVICES = ("cadip", "auxip", "prip", "lta")
STATION = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")

Resource = tuple[str, ...]


def catalog_resource(collection: CollectionId) -> Resource:
    """The resource of a catalog collection."""
    return ("catalog", collection.owner, collection.collection)


def station_resource(service: str, station: str) -> Resource:
    """The resource of a station behind a service, such as `cadip:mti`."""
    return (service, station)


STAGING: Resource = ("process", "staging")


class ResourcePattern(NamedTuple):
    """A resource, or a set of them written with `*`."""

    tokens: tuple[str, ...]

    def __str__(self) -> str:
        return ":".join(self.tokens)

    @classmethod
    def parse(cls, text: str) -> ResourcePattern:
        """Read a pattern; raises InvalidRequest saying what a resource looks like."""
        tokens = tuple(text.split(":"))
        if not _well_formed(tokens):
            raise InvalidRequest(
                f"Resource {text!r}: write 'catalog:OWNER:COLLECTION', '{{cadip|auxip|prip|lta}}:STATION' or "
                "'process:staging'; '*' stands for a whole part, or for the end of COLLECTION."
            )
        return cls(tokens)

    def covers(self, resource: Resource) -> bool:
        """Whether `resource` is one of those that this pattern means."""
        return len(resource) == len(self.tokens) and all(map(_token_covers, self.tokens, resource))

    def includes(self, other: ResourcePattern) -> bool:
        """Whether every resource that `other` means is one that this pattern means."""
        return len(other.tokens) == len(self.tokens) and all(map(_token_covers, self.tokens, other.tokens))

    def overlaps(self, other: ResourcePattern) -> bool:
        """Whether some resource is meant by both: each token of one is then within that of the other, or around it."""
        return len(other.tokens) == len(self.tokens) and all(
            _token_covers(mine, theirs) or _token_covers(theirs, mine)
            for mine, theirs in zip(self.tokens, other.tokens, strict=True)
        )

    @property
    def exact(self) -> bool:
        """Whether this means one resource only."""
        return not any(token.endswith("*") for token in self.tokens)


def _token_covers(pattern: str, token: str) -> bool:
    """Whether a token, or all that a token with `*` at its end means, is within `pattern`. No name has a `*` in it."""
    return token.startswith(pattern[:-1]) if pattern.endswith("*") else token == pattern


def _well_formed(tokens: tuple[str, ...]) -> bool:
    match tokens:
        case ("catalog", owner, collection):
            return (owner == "*" or bool(OWNER.fullmatch(owner))) and _is_collection_pattern(collection)
        case (service, station) if service in STATION_SERVICES:
            return station == "*" or bool(STATION.fullmatch(station))
        case ("process", process):
            return process in {"*", "staging"}
    return False


def _is_collection_pattern(text: str) -> bool:
    return text == "*" or bool(COLLECTION.fullmatch(text.removesuffix("*")))
