"""Names of items' properties that are not mapped from the start: how many of them one owner may bring in.

All owners' items share a mapping, in which each name takes a field, and never gives it back. So each new name is noted
with the owner of the first collection that it came into, and nobody can use up the room of all. A name that is noted
costs nobody anything, and is not looked up again in the life of the process.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from rs_server.catalog.engine.client import BulkWrite, Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import ITEM_PROPERTIES
from rs_server.errors import InvalidRequest

MAX_NAMES = 200
"""How many names an owner may bring in; nine owners have to do so before the mapping is full."""
MAPPED = frozenset(ITEM_PROPERTIES)


@dataclass(frozen=True, slots=True)
class PropertyNames:
    """Notes new names, and says for which there is no room."""

    engine: Engine
    indices: Indices

    async def without_room(self, owner: str, names: Sequence[str]) -> frozenset[str]:
        """Note those of `names` that are new, and give those back that are too many of their owner's."""
        noted = self.engine.noted(self.indices.names)
        unknown = set(names) - MAPPED - noted
        if not unknown:
            return frozenset()
        noted.update(await self.engine.get_many(self.indices.names, sorted(unknown)))
        new = [name for name in dict.fromkeys(names) if name in unknown and name not in noted]
        room = MAX_NAMES - await self._count(owner) if new else 0
        admitted, refused = new[: max(room, 0)], new[max(room, 0) :]
        if await self._note(owner, admitted):
            noted.update(admitted)
            return frozenset(refused)
        return frozenset(new)

    async def _note(self, owner: str, names: list[str]) -> bool:
        """Note `names`; False, with none of them noted, if others have brought in too many at the same moment."""
        if not names:
            return True
        writes = [BulkWrite("create", name, {"owner": owner}) for name in names]
        outcomes = await self.engine.bulk(self.indices.names, writes, "true")
        if await self._count(owner) <= MAX_NAMES and all(
            outcome.version or outcome.status == HTTPStatus.CONFLICT for outcome in outcomes
        ):
            return True
        made = [
            BulkWrite("delete", write.id, {}, outcome.version)
            for write, outcome in zip(writes, outcomes, strict=True)
            if outcome.version
        ]
        await self.engine.bulk(self.indices.names, made, "true")
        return False

    async def _count(self, owner: str) -> int:
        body = {"size": 0, "track_total_hits": True, "query": {"term": {"owner": owner}}}
        return int((await self.engine.search(self.indices.names, body))["hits"]["total"]["value"])


def no_room(item_id: str, names: Collection[str]) -> InvalidRequest:
    """The error of an item with names for which its owner has no room left."""
    shown = ", ".join(repr(name) for name in sorted(names)[:5])
    return InvalidRequest(
        f"Item {item_id!r} has properties with names that are new here ({shown}), and its owner has brought in "
        f"{MAX_NAMES} already, which is the limit. Use names that other items have, or put the values into one object, "
        "which is kept and not indexed."
    )
