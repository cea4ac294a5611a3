"""The one way by which items come into the catalog, whether from the API or from staging's last step.

Rights and collection are checked once a batch, then each item by itself: its form, its place, its objects. The server
sets `owner` and the timestamps. Writing the same item again changes nothing, so a batch can be repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from http import HTTPStatus
from itertools import batched
from typing import Any

from rs_server.catalog.assets import Objects, check_objects, has_objects
from rs_server.catalog.batches import Batches
from rs_server.catalog.caller import Caller
from rs_server.catalog.engine.client import BulkOutcome, BulkWrite, Document, Engine, Refresh, Source, each
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import INTERVAL, NUMBER_OF_COLLECTION
from rs_server.catalog.fates import Fate, Mode, Wish, first_refusal, held_back, refused
from rs_server.catalog.journal import Entries, Journal, noted, undoing
from rs_server.catalog.layout.place import MOVING, RETRY_AFTER, Place, confirm, open_place
from rs_server.catalog.numbers import numbers_of
from rs_server.catalog.property_names import MAPPED, PropertyNames, no_room
from rs_server.catalog.stored import stored_item
from rs_server.catalog.times import interval_of, now
from rs_server.catalog.validation import check_item
from rs_server.errors import BackendUnavailable, InvalidRequest, NotFound, RsServerError
from rs_server.stac.ids import CollectionId, document_id
from rs_server.telemetry import logger

LISTINGS = 16
"""How many items' objects are looked up at a time."""
AT_A_TIME = 100
"""Items that are looked at together; a session of CADUs may have 100 kB."""
PAUSES = (0.2, 1.0, 3.0)
"""Seconds to wait before items that the engine had no room for are offered again."""

NOT_OURS = frozenset({HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND})
"""What the engine says of a write that is to be undone, and was not the last one."""
Writes = Iterable[BulkWrite] | AsyncIterable[BulkWrite]
Written = tuple[BulkWrite, BulkOutcome]


@dataclass(frozen=True, slots=True)
class ItemWriter:
    """Writes batches of items into collections."""

    engine: Engine
    indices: Indices
    objects: Objects
    clock: Callable[[], str] = now
    pauses: Sequence[float] = PAUSES

    async def write(
        self,
        caller: Caller,
        collection: CollectionId,
        items: Sequence[Any],
        mode: Mode,
        *,
        if_match: str | None = None,
        refresh: Refresh = "wait_for",
        together: Journal | None = None,
    ) -> list[Fate]:
        """Write `items` and say in the same order what became of each.

        Raises what `Caller.require` raises, NotFound for a collection that is not there, and BackendUnavailable while
        the collection is moved. An item at fault does not hinder the others: its fate has the error. Where all
        are to be written `together`, it does: none is written, and what was is taken back. What cannot be now, since
        this function dies or the engine is away, is by the next who is given the batch and its journal.
        """
        caller.require("write", collection)
        moment = self.clock()
        # What replaces is written in the version that is there, and makes nothing.
        makes = mode != "replace"
        batch = Batches(self.engine, self.indices).under_way(collection, moment) if makes else nullcontext()
        async with batch:
            place = await open_place(self.engine, self.indices, collection)
            wish = Wish(collection, mode, moment, if_match, place.keep_days)
            return await self._write(caller, items, place, wish, refresh, together)

    async def _write(
        self,
        caller: Caller,
        items: Sequence[Any],
        place: Place,
        wish: Wish,
        refresh: Refresh,
        together: Journal | None,
    ) -> list[Fate]:
        existing: dict[str, Document] = {}
        decided = self._decided(caller, items, place, wish, existing)
        if together:
            return await self._together(
                place, wish, [decision async for decision in decided], existing, together, refresh
            )
        decisions: list[Fate | BulkWrite] = []

        async def writes() -> AsyncIterator[BulkWrite]:
            async for decision in decided:
                decisions.append(decision)
                if isinstance(decision, BulkWrite):
                    yield decision

        done = iter(await self._bulk(place, writes(), refresh))
        return [wish.fate_of(*next(done)) if isinstance(decision, BulkWrite) else decision for decision in decisions]

    async def _decided(
        self, caller: Caller, items: Sequence[Any], place: Place, wish: Wish, existing: dict[str, Document]
    ) -> AsyncIterator[Fate | BulkWrite]:
        """What is decided of each item; some at a time, so that these are written while the next ones are looked at.

        What is stored of them is put into `existing`, by the documents' ids.
        """
        fixed = await self._fixed(place.collection)
        seen: set[str] = set()
        for some in batched(items, AT_A_TIME, strict=False):
            prepared = self._prepare(caller, place.collection, some, fixed, seen)
            prepared = await self._with_objects(place.collection, prepared)
            prepared = await self._with_room(place.collection, prepared)
            if wish.mode != "create":
                existing |= await self._existing(place, prepared)
            for source in prepared:
                if isinstance(source, Fate):
                    yield source
                else:
                    stored = existing.get(document_id(place.collection, source["id"])) if existing else None
                    yield wish.decide(source, stored)
            await asyncio.sleep(0)  # what is being sent, and other requests, have their turn

    def _prepare(
        self, caller: Caller, collection: CollectionId, items: Sequence[Any], fixed: Source, seen: set[str]
    ) -> list[Source | Fate]:
        """The stored form of each item, or the fate of one that has none, or that was `seen` before."""
        prepared: list[Source | Fate] = []
        for item in items:
            try:
                source = _stored(item, collection, caller, fixed)
            except InvalidRequest as error:
                prepared.append(refused(_id_of(item), error))
                continue
            again = InvalidRequest(f"Item {source['id']!r} is twice in this batch.") if source["id"] in seen else None
            prepared.append(refused(source["id"], again) if again else source)
            seen.add(source["id"])
        return prepared

    async def _with_objects(self, collection: CollectionId, prepared: list[Source | Fate]) -> list[Source | Fate]:
        """As `prepared`, with a refusal for each item whose objects are not there or not its own."""
        gate = asyncio.Semaphore(LISTINGS)

        async def looked_up(at: int, source: Source) -> None:
            try:
                async with gate:
                    await check_objects(self.objects, collection, source["id"], source["assets"])
            except InvalidRequest as error:
                prepared[at] = refused(source["id"], error)

        sources = ((at, entry) for at, entry in enumerate(prepared) if not isinstance(entry, Fate))
        await asyncio.gather(*(looked_up(at, source) for at, source in sources if has_objects(source["assets"])))
        return prepared

    async def _with_room(self, collection: CollectionId, prepared: list[Source | Fate]) -> list[Source | Fate]:
        """As `prepared`, with a refusal for each item whose properties the mapping has no room for."""
        names = [name for source in _sources(prepared) for name in source["properties"] if name not in MAPPED]
        if not names:
            return prepared
        homeless = await PropertyNames(self.engine, self.indices).without_room(collection.owner, names)
        return [
            refused(source["id"], no_room(source["id"], homeless & source["properties"].keys()))
            if not isinstance(source, Fate) and not homeless.isdisjoint(source["properties"])
            else source
            for source in prepared
        ]

    async def _fixed(self, collection: CollectionId) -> Source:
        """The members that all items of a collection are stored with."""
        numbered = await numbers_of(self.engine, self.indices)
        number = {NUMBER_OF_COLLECTION: numbered(str(collection))} if numbered else {}
        return {"collection": str(collection), **number}

    async def _existing(self, place: Place, prepared: Sequence[Source | Fate]) -> dict[str, Document]:
        ids = [document_id(place.collection, source["id"]) for source in _sources(prepared)]
        return await self.engine.get_many(place.index, ids)

    async def _together(
        self,
        place: Place,
        wish: Wish,
        decisions: Sequence[Fate | BulkWrite],
        existing: Mapping[str, Document],
        journal: Journal,
        refresh: Refresh,
    ) -> list[Fate]:
        """Write all; where one is refused, take back the others, and what an earlier attempt at them wrote.

        New ones are written first, so that nothing is replaced where one of them is refused.
        """
        writes = [decision for decision in decisions if isinstance(decision, BulkWrite)]
        refusal = first_refusal(decision for decision in decisions if isinstance(decision, Fate))
        entries = await journal.read() if len(decisions) > 1 else {}  # one item is written or it is not
        if not refusal and len(decisions) > 1 and writes:
            entries = noted(entries, writes, existing)
            await journal.write(entries)
        done: list[Written] = []
        for part in ([write for write in writes if not write.version], [write for write in writes if write.version]):
            if refusal:
                break
            try:
                done += await self._bulk(place, part, refresh)
            except RsServerError:
                await self._leave(place, entries)
                raise
            refusal = first_refusal(wish.fate_of(*written) for written in done)
        if entries and refusal:
            await self._undo(place, entries, refresh)
        if entries:
            await journal.clear()
        if refusal:
            return held_back(decisions, refusal)
        fates = {write.id: wish.fate_of(write, outcome) for write, outcome in done}
        return [fates[decision.id] if isinstance(decision, BulkWrite) else decision for decision in decisions]

    async def take_back(self, collection: CollectionId, journal: Journal) -> None:
        """Take back what was written of a batch that nobody goes on with; raises what should be tried again."""
        entries = await journal.read()
        if not entries:
            return
        with suppress(NotFound):  # with the collection its items are gone
            await self._undo(await open_place(self.engine, self.indices, collection), entries, "wait_for")
        await journal.clear()

    async def _leave(self, place: Place, entries: Entries) -> None:
        """Take back what was written before the engine failed, if it can; else that is for who comes next."""
        try:
            await self._undo(place, entries, "false")
        except RsServerError as error:
            logger.warning("a batch is left half written", collection=str(place.collection), reason=error.message)

    async def _undo(self, place: Place, entries: Entries, refresh: Refresh) -> None:
        """Put back what was there before a batch; raises BackendUnavailable where that may have to be done again."""
        if place.moving:
            raise BackendUnavailable(MOVING.format(str(place.collection)), retry_after=RETRY_AFTER)
        for some in batched(entries, AT_A_TIME, strict=False):
            stored = await self.engine.get_many(place.index, some)
            undo = list(undoing({name: entries[name] for name in some}, stored))
            check_undone(await self._offer(place, undo, refresh))
        await confirm(self.engine, self.indices, place)

    async def _bulk(self, place: Place, writes: Writes, refresh: Refresh) -> list[Written]:
        """Write, and offer again what the engine had no room for; raises what `confirm` raises."""
        done = await self._offer(place, writes, refresh)
        await self._confirm(place, done)
        return done

    async def _offer(self, place: Place, writes: Writes, refresh: Refresh) -> list[Written]:
        offered: list[BulkWrite] = []

        async def kept() -> AsyncIterator[BulkWrite]:
            async for write in each(writes):
                offered.append(write)
                yield write

        outcomes = await self.engine.bulk(place.index, kept(), refresh, alias_only=True)
        for pause in self.pauses:
            crowded = [at for at, outcome in enumerate(outcomes) if outcome.status == HTTPStatus.TOO_MANY_REQUESTS]
            if not crowded:
                break
            await asyncio.sleep(pause)
            again = await self.engine.bulk(place.index, [offered[at] for at in crowded], refresh, alias_only=True)
            for at, outcome in zip(crowded, again, strict=True):
                outcomes[at] = outcome
        return list(zip(offered, outcomes, strict=True))

    async def _confirm(self, place: Place, done: Sequence[Written]) -> None:
        """Return if what was written is in the catalog; raises what `confirm` raises.

        Writes into a collection whose deletion began meanwhile are undone, since it may have passed their items by. A
        deletion that begins later finds the items itself.
        """
        if not done:
            return
        try:
            await confirm(self.engine, self.indices, place)
        except NotFound:
            written = [BulkWrite("delete", write.id, {}, outcome.version) for write, outcome in done if outcome.version]
            check_undone(await self._offer(place, written, "false"))
            raise


def check_undone(undone: Iterable[Written]) -> None:
    """Return if nothing is left of what was to be undone; raises BackendUnavailable."""
    if any(not outcome.version and outcome.status not in NOT_OURS for _, outcome in undone):
        raise BackendUnavailable("The catalog's search engine is overloaded. Try again shortly.", retry_after=5)


def _stored(item: Any, collection: CollectionId, caller: Caller, fixed: Source) -> Source:
    """The item as it will be stored, with what is `fixed`, but for the timestamps; raises InvalidRequest."""
    if not isinstance(item, dict):
        raise InvalidRequest("An item must be a JSON object.")
    check_item(item)
    named = item.get("collection")
    if named is not None and named != fixed["collection"] and not _names(named, collection, caller):
        raise InvalidRequest(f"Item {item['id']!r}: its collection is {named!r}, not {str(collection)!r}.")
    source = stored_item(item) | {INTERVAL: interval_of(item["properties"])} | fixed
    source["properties"]["owner"] = collection.owner
    return source


def _names(named: object, collection: CollectionId, caller: Caller) -> bool:
    """Whether an item's member `collection` means this one, in which its owner may be left out."""
    return isinstance(named, str) and caller.collection(named) == collection


def _sources(prepared: Iterable[Source | Fate]) -> Iterator[Source]:
    return (source for source in prepared if not isinstance(source, Fate))


def _id_of(item: Any) -> str:
    return str(item.get("id", "")) if isinstance(item, dict) else ""
