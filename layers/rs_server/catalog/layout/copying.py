"""The copies that a move makes: in the order of the writes, through an alias that is there as long as the move may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from rs_server.catalog.engine import copies
from rs_server.catalog.engine.client import BulkWrite, Engine
from rs_server.catalog.engine.copies import Numbered
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.replies import accepted
from rs_server.catalog.layout.placement import Move
from rs_server.catalog.rights_clause import Query
from rs_server.errors import BackendFailed, BackendUnavailable, Conflict

GENERATION = 2**40
"""Ranks of the copies of one move: more than an index has writes. Those of later moves are higher."""
NOTED = 20
"""Pages of copies after which it is noted how far they have got."""
PAUSES = (0.2, 1.0, 3.0, 10.0)
"""Seconds to wait before copies that the engine had no room for are offered again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copier:
    """Copies the documents of a collection from `source` into the target of a move."""

    engine: Engine
    indices: Indices
    query: Query
    source: str
    move: Move
    generation: int

    @property
    def loading(self) -> str:
        """The alias of the target, through which all copies go."""
        return self.indices.loading(self.move.id)

    async def is_open(self) -> bool:
        """Whether copies can be made: the target is there, and its copies are not shown yet."""
        return bool(await self.engine.aliases(self.loading))

    async def close(self) -> bool:
        """Let no copies be made any more; False if somebody else has done that, or has shown them."""
        [target] = await self.engine.aliases(self.loading) or [""]
        gone = {"remove": {"index": target, "alias": self.loading, "must_exist": True}}
        return bool(target) and await self.engine.change_aliases([gone])

    async def nearly_done(self, few: int, time_left: Callable[[], bool]) -> bool:
        """Copy until at most `few` documents are left to copy; False when time runs out before."""
        await self._open()
        done, left = await self._noted(), few + 1
        while left > few:
            upto = await copies.written(self.engine, self.source)
            left = 0
            async for page in copies.written_between(self.engine, self.source, self.query, done, upto):
                await self._copy(page)
                left += len(page)
                done = page[-1].number
                if left // copies.PAGE % NOTED == NOTED - 1 or not time_left():
                    await self._note(done)
                if not time_left():
                    return False
            done = upto
            await self._note(done)
        return True

    async def finish(self) -> None:
        """Copy what is left of a collection that is frozen, and have it found."""
        upto = await copies.written(self.engine, self.source)
        async for page in copies.written_between(self.engine, self.source, self.query, await self._noted(), upto):
            await self._copy(page)
        await self.engine.refresh(self.loading)

    async def _open(self) -> None:
        """Make the target, once: the alias that says so comes with it, or after what must be done before."""
        if await self.is_open():
            return
        if self.move.own:
            reply = await self.engine.put(f"/{self.indices.own_index(self.move.id)}", {"aliases": {self.loading: {}}})
            accepted(reply)
            return
        await self.engine.delete_by_query(self.indices.shared, self.query)  # what a write too late may have left
        [shared] = await self.engine.aliases(self.indices.shared)
        await self.engine.change_aliases([{"add": {"index": shared, "alias": self.loading}}])

    async def _copy(self, page: Sequence[Numbered]) -> None:
        base = self.generation * GENERATION
        writes = [BulkWrite("index", entry.id, entry.source, rank=base + entry.number) for entry in page]
        for pause in (*PAUSES, None):
            outcomes = await self.engine.bulk(self.loading, writes, "false", alias_only=True)
            statuses = {outcome.status for outcome in outcomes if outcome.version is None}
            if HTTPStatus.NOT_FOUND in statuses:
                raise Conflict("The move was finished, or given up, by somebody else.")
            refused = [outcome for outcome in outcomes if outcome.status == HTTPStatus.BAD_REQUEST]
            if refused:
                raise BackendFailed(f"The engine refused {len(refused)} copies: {refused[0].reason}")
            if not statuses - {HTTPStatus.CONFLICT}:  # a conflict: that write, or a later one, has been copied
                return
            if pause is not None:
                await asyncio.sleep(pause)
        raise BackendUnavailable("The catalog's search engine is overloaded. Try again shortly.", retry_after=5)

    async def _noted(self) -> int:
        """How far the copies have got. Moves into the shared index are of few documents, and begin anew."""
        return await copies.remembered(self.engine, self.loading) if self.move.own else -1

    async def _note(self, number: int) -> None:
        if self.move.own:
            await copies.remember(self.engine, self.loading, number)
