"""Moving a collection between the shared index and one of its own, while it is read and written.

1. *begin*: the collection's document names the move, so whoever finds it can carry it on.
2. *copy*: the documents go over in the order of their writes, again and again until few are left. Readers see nothing
   of it. A copy carries the number of the write that it is of, so an older one never replaces a newer one.
3. *freeze*: writes are refused for some seconds; what was written before is copied, and both sides are counted.
4. *show*: in one step searches and reads by id see the copies instead of the originals; the move's way into its target
   is closed in the same step, so that a copier that lags behind writes nothing any more.
5. *settle*: the document names the new place, and writes go there.
6. *clean*: what was left goes, a minute later, when no search that began before can still need it.

Each step can be done again, by the same process or by another, so a crash anywhere costs nothing but time. All of them
change the collection's document in the version that they have read, as its deletion does: one of the two gives way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from rs_server.catalog.collections import read_collection
from rs_server.catalog.engine import copies
from rs_server.catalog.engine.client import Document, Engine, VersionConflict
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import LAYOUT
from rs_server.catalog.layout.copying import Copier
from rs_server.catalog.layout.exposure import Exposure
from rs_server.catalog.layout.placement import Left, Move, Placement
from rs_server.catalog.rights_clause import PRESENT, all_of, of_collection
from rs_server.catalog.times import now
from rs_server.errors import BackendFailed, Conflict
from rs_server.stac.ids import CollectionId

FEW = 500
"""Documents that may be left to copy when writes are held up."""
ATTEMPTS = 10


def for_ever() -> bool:
    """There is always time."""
    return True


@dataclass(frozen=True, slots=True)
class Mover:
    """Moves collections. Several may work on one move at the same time: that is of no use, and does no harm."""

    engine: Engine
    indices: Indices
    clock: Callable[[], str] = now
    new_id: Callable[[], str] = lambda: uuid4().hex
    time_left: Callable[[], bool] = for_ever
    """Whether there is time for another page of copies, or for the last steps."""

    async def begin(self, collection: CollectionId, *, own: bool, keep: bool = False) -> bool:
        """Note that a collection is to be moved; False if it lies there. Raises NotFound, Conflict while it moves.

        With `keep` it then stays there, whatever its size: an operator wants it so. Else what an operator keeps stays.
        """
        document = await read_collection(self.engine, self.indices.collections, collection)
        placement = Placement.of(document.source)
        if placement.kept and not keep:
            return False
        wanted = replace(placement, kept=keep)
        if placement.move and placement.move.own == own:
            moves = True
        elif placement.move is None and bool(placement.index) == own:
            moves = False
        elif placement.move or placement.left:
            raise Conflict(f"Collection {str(collection)!r} is being moved. Ask again when that is done.")
        else:
            move = Move(id=self.new_id(), own=own)
            moves, wanted = True, replace(wanted, move=move, kept_before=placement.kept)
        if wanted != placement:
            await self._store(document, wanted)
        return moves

    async def release(self, collection: CollectionId) -> None:
        """Let a collection's size decide again where it lies. Raises NotFound, Conflict."""
        document = await read_collection(self.engine, self.indices.collections, collection)
        placement = Placement.of(document.source)
        if placement.kept:
            await self._store(document, replace(placement, kept=False, kept_before=False))

    async def advance(self, collection: CollectionId) -> bool:
        """Carry a move on as far as time allows; True when the collection is in its new place.

        Raises Conflict where somebody else changes the collection at the same moment: it can be tried again.
        """
        document = await read_collection(self.engine, self.indices.collections, collection)
        placement = Placement.of(document.source)
        move = placement.move
        if move is None:
            return True
        if not move.frozen:
            if not await self._copier(collection, placement, move).nearly_done(FEW, self.time_left):
                return False
            placement = replace(placement, move=replace(move, frozen=True))
            await self._store(document, placement)
        await self._finish(collection, placement)
        return True

    async def clean(self, collection: CollectionId) -> None:
        """Delete what a finished move has left; for searches that began before its end, a minute after it."""
        document = await read_collection(self.engine, self.indices.collections, collection)
        placement = Placement.of(document.source)
        if placement.left is None:
            return
        if placement.left.index:
            await self.engine.remove(f"/{placement.left.index}")
        else:
            await self.engine.delete_by_query(self.indices.shared, of_collection(collection))
        await self._store(document, replace(placement, left=None))

    async def _finish(self, collection: CollectionId, placement: Placement) -> None:
        """From the freeze to the new place."""
        move = placement.move
        assert move
        copier = self._copier(collection, placement, move)
        if await copier.is_open():  # else a process that ended has shown the copies already
            try:
                await copier.finish()
                await self._check_complete(collection, copier)
            except BackendFailed:
                await self._give_up(collection, copier, move)
                raise
            await self._show(collection, placement, move)
        if not await Exposure(self.engine, self.indices).shows(collection, move.id, own=move.own):
            await self._stay(collection, move)
            raise Conflict(f"The move of collection {str(collection)!r} was given up by somebody else.")
        await self._settle(collection, move)

    async def _give_up(self, collection: CollectionId, copier: Copier, move: Move) -> None:
        """Leave the collection where it is and let writes go on, unless the copies are shown by now."""
        if await copier.close():
            await self._stay(collection, move)

    async def _stay(self, collection: CollectionId, move: Move) -> None:
        """End a move that shows nothing; doing it again changes nothing."""
        if move.own:
            await self.engine.remove(f"/{self.indices.own_index(move.id)}")
        document = await read_collection(self.engine, self.indices.collections, collection)
        placement = Placement.of(document.source)
        if placement.move and placement.move.id == move.id:
            await self._store(document, replace(placement, move=None, kept=placement.kept_before, kept_before=False))

    async def _settle(self, collection: CollectionId, move: Move) -> None:
        """Let writes go to the new place. Who changes the collection meanwhile must not keep it frozen."""
        for attempt in range(ATTEMPTS):
            document = await read_collection(self.engine, self.indices.collections, collection)
            placement = Placement.of(document.source)
            if placement.move != replace(move, frozen=True):
                return  # somebody else has settled it
            left = Left(index=placement.index, since=self.clock())
            index = self.indices.own_index(move.id) if move.own else ""
            try:
                settled = replace(
                    placement,
                    index=index,
                    generation=placement.generation + 1,
                    kept_before=False,
                    move=None,
                    left=left,
                )
                await self._store(document, settled)
            except Conflict:
                if attempt == ATTEMPTS - 1:
                    raise
            else:
                return

    async def _show(self, collection: CollectionId, placement: Placement, move: Move) -> None:
        exposure = Exposure(self.engine, self.indices)
        if move.own:
            await exposure.to_own(collection, move.id)
        else:
            await exposure.to_shared(collection, move.id, placement.index)

    async def _check_complete(self, collection: CollectionId, copier: Copier) -> None:
        shown = all_of(of_collection(collection), PRESENT)
        originals = await copies.count(self.engine, copier.source, shown)
        made = await copies.count(self.engine, copier.loading, shown)
        if originals != made:
            raise BackendFailed(f"Of {originals} items of {collection} there are {made} copies. It stays where it is.")

    async def _store(self, document: Document, placement: Placement) -> None:
        """Write the collection's document with another placement; raises Conflict if it has changed since."""
        source = {name: value for name, value in document.source.items() if name != LAYOUT}
        if placed := placement.to_json():
            source[LAYOUT] = placed
        try:
            await self.engine.replace(self.indices.collections, source["id"], source, document.version, "true")
        except VersionConflict as error:
            raise Conflict(f"Collection {source['id']!r} was changed at the same moment.") from error

    def _copier(self, collection: CollectionId, placement: Placement, move: Move) -> Copier:
        return Copier(
            engine=self.engine,
            indices=self.indices,
            query=of_collection(collection),
            source=placement.home(self.indices),
            move=move,
            generation=placement.generation + 1,
        )
