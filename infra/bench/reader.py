"""Who asks the catalog in benchmarks: a reader with a grant for each collection, of an owner without objects."""

from __future__ import annotations

from rs_server.access.principals import Principal
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant, Rights

OWNER = "bench"


class ReadGrants:
    """Grants to read each of the collections, one by one: rights that a query has to carry."""

    def __init__(self, collections: list[str]) -> None:
        self.grants = [
            Grant("user:reader", ResourcePattern.parse(f"catalog:{name}"), frozenset({"read"})) for name in collections
        ]

    async def rights_of(self, principal: Principal) -> Rights:
        """The rights of `principal`."""
        return Rights.of(principal, self.grants)


class NoObjects:
    """An empty bucket."""

    bucket = "bench"

    async def sizes(self, prefix: str) -> dict[str, int]:  # noqa: ARG002
        """Nothing is there."""
        return {}

    async def delete_prefix(self, prefix: str) -> None:
        """There is nothing to delete."""
