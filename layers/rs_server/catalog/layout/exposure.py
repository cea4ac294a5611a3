"""What searches see, changed in one step.

The alias for searches holds the shared index with a filter that leaves out collections with an index of their own, and
those indices. Aliases, filter and all, are changed by the engine in one step, so at each moment every item is found
once. The filter names all these collections, so two changes must not overwrite each other: each one takes away the
alias that counts the changes and sets the next, and the engine refuses all of it if somebody else was quicker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.errors import BackendUnavailable
from rs_server.stac.ids import CollectionId

Action = dict[str, Any]
ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What the shared index shows."""

    index: str
    """Its name behind the alias."""
    change: int
    elsewhere: frozenset[str]
    """Collections that have an index of their own."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Changes what searches see."""

    engine: Engine
    indices: Indices

    async def to_own(self, collection: CollectionId, move: str) -> None:
        """Show a collection's own index in the place of what the shared one has; doing it again changes nothing."""
        index, loading = self.indices.own_index(move), self.indices.loading(move)
        await self._change(
            index,
            loading,
            lambda seen: seen.elsewhere | {str(collection)},
            [
                {"add": {"index": index, "alias": self.indices.items}},
                {"add": {"index": index, "alias": self.indices.own(collection)}},
                {"remove": {"index": index, "alias": loading, "must_exist": True}},
            ],
        )

    async def to_shared(self, collection: CollectionId, move: str, left: str) -> None:
        """Show what the shared index has of a collection in the place of `left`; doing it again changes nothing."""
        loading = self.indices.loading(move)
        await self._change(
            self.indices.shared,
            loading,
            lambda seen: seen.elsewhere - {str(collection)},
            [
                {"remove": {"index": left, "alias": self.indices.items}},
                {"remove": {"index": left, "alias": self.indices.own(collection)}},
                {"remove": {"index": self.indices.shared, "alias": loading, "must_exist": True}},
            ],
        )

    async def forget(self, collection: CollectionId) -> None:
        """Show what the shared index has of a collection whose own index is gone, as of any new one."""
        await self._change(self.indices.shared, "", lambda seen: seen.elsewhere - {str(collection)}, [])

    async def shows(self, collection: CollectionId, move: str, *, own: bool) -> bool:
        """Whether searches see what a move has copied."""
        if own:
            return self.indices.own(collection) in await self._aliases_of(self.indices.own_index(move))
        return str(collection) not in (await self.seen()).elsewhere

    async def seen(self) -> Seen:
        """What the shared index shows now."""
        [(index, aliases)] = (await self.engine.aliases(self.indices.shared)).items()
        changes = [int(name.removeprefix(self.indices.layout)) for name in aliases if self._counts(name)]
        query = aliases[self.indices.items].get("filter")
        elsewhere = query["bool"]["must_not"][0]["terms"]["collection"] if query else ()
        return Seen(index, changes[0], frozenset(elsewhere))

    async def _change(
        self, index: str, loading: str, wanted: Callable[[Seen], frozenset[str]], actions: Sequence[Action]
    ) -> None:
        """Do `actions` with the filter that is `wanted`, unless the alias `loading` of `index` shows it was done."""
        for _ in range(ATTEMPTS):
            seen = await self.seen()
            elsewhere = wanted(seen)
            if not loading and elsewhere == seen.elsewhere:
                return
            if loading and loading not in await self._aliases_of(index):
                return
            if await self.engine.change_aliases([*self._next(seen, elsewhere), *self._named(actions, seen)]):
                return
        raise BackendUnavailable("The catalog's layout is changed all the time. Try again shortly.", retry_after=5)

    async def _aliases_of(self, index: str) -> set[str]:
        return {name for aliases in (await self.engine.aliases(index)).values() for name in aliases}

    def _next(self, seen: Seen, elsewhere: frozenset[str]) -> list[Action]:
        shown: dict[str, Any] = {"index": seen.index, "alias": self.indices.items, "is_write_index": True}
        if elsewhere:
            shown["filter"] = {"bool": {"must_not": [{"terms": {"collection": sorted(elsewhere)}}]}}
        count = self.indices.layout
        return [
            {"remove": {"index": seen.index, "alias": f"{count}{seen.change}", "must_exist": True}},
            {"add": {"index": seen.index, "alias": f"{count}{seen.change + 1}"}},
            {"add": shown},
        ]

    def _named(self, actions: Sequence[Action], seen: Seen) -> list[Action]:
        """The actions with the shared index by its own name, since aliases are not given to aliases."""
        return [
            {
                verb: arguments | {"index": seen.index} if arguments["index"] == self.indices.shared else arguments
                for verb, arguments in action.items()
            }
            for action in actions
        ]

    def _counts(self, alias: str) -> bool:
        return alias.startswith(self.indices.layout) and alias.removeprefix(self.indices.layout).isdecimal()
