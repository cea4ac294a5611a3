"""Collections that are moved between the shared index and their own: crashes, schedule, lack of time, bad copies."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest

from rs_server.catalog.collections import read_collection
from rs_server.catalog.engine.connections import connect
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.layout.placement import Placement
from rs_server.catalog.layout.schedule import Layout, Moved
from rs_server.errors import BackendFailed, Conflict
from rs_server.settings import SearchEngineSettings
from rs_server.stac.ids import CollectionId
from tests.integration.catalog.moving import (
    ITEMS,
    Crash,
    CrashingConnection,
    Stand,
    carry_on,
    move,
    mover_of,
    mover_without_time,
    stand,
)

from .conftest import item

CRASHES_APART = 1 if "RS_TEST_EXAMPLES" in os.environ else 3
"""A long run crashes before each call of a move, a short one before every third."""


async def test_a_move_that_crashes_anywhere_is_carried_on(
    search_engine: SearchEngineSettings, indices: Indices
) -> None:
    """Into the own index and out of it, with a crash before each call; readers see all items in between."""
    async with stand(search_engine, indices) as made:
        await made.delete((0, ITEMS - 1))
        crash_at = calls = 0
        while calls == crash_at:
            crash_at, calls = crash_at + CRASHES_APART, 0
            for _ in range(2):
                calls = max(calls, await move(made, 0, crash_at, grace=0))
                await made.look()
                await carry_on(made, 0, grace=0)
        assert crash_at > 20
        await made.check_at_rest()


async def test_the_schedule_moves_what_has_grown_large(search_engine: SearchEngineSettings, indices: Indices) -> None:
    async with stand(search_engine, indices) as made:
        await made.catalog.engine.refresh(indices.shared)
        layout = Layout(made.catalog.engine, indices, large=ITEMS)
        assert await layout.run(lambda: 100) == Moved(moved=[str(name) for name in made.names])
        await made.put((0, ITEMS))
        await made.check_at_rest()
        assert (await layout.run(lambda: 100)) == Moved()  # what was left is kept for a while
        later = Layout(made.catalog.engine, indices, large=ITEMS, clock=lambda: "2099-01-01T00:00:00.000Z")
        assert (await later.run(lambda: 100)).cleaned == [str(name) for name in made.names]
        assert (await layout.move(made.names[0], lambda: 100, own=False)).moved == [str(made.names[0])]
        await made.check_at_rest()
        assert await later.run(lambda: 100) == Moved(cleaned=[str(made.names[0])]), "it stays where an operator put it"
        await layout.release(made.names[0])
        assert (await later.run(lambda: 100)).moved == [str(made.names[0])]


async def test_a_move_whose_copies_are_not_the_same_is_given_up(
    search_engine: SearchEngineSettings, indices: Indices
) -> None:
    async with stand(search_engine, indices) as made:
        mover, name = made.mover(), made.names[0]
        await spoil(made, name)
        with pytest.raises(BackendFailed, match="stays where it is"):
            await mover.advance(name)
        await made.put((0, 0))
        await made.check_at_rest()
        assert await mover.begin(name, own=True)
        assert await mover.advance(name)
        await mover.clean(name)
        await made.check_at_rest()


async def spoil(made: Stand, name: CollectionId) -> None:
    """Begin the operator's move of a collection into its own index so that it will be given up."""
    await made.mover().begin(name, own=True, keep=True)
    move = (await placement_of(made, name)).move
    assert move
    await mover_without_time(made).advance(name)
    alien = item("alien") | {"collection": str(name), "rs_interval": {"moment": "2024-01-01T00:00:00Z"}}
    await made.catalog.engine.create(made.catalog.indices.own_index(move.id), "alien", alien, "true")


async def placement_of(made: Stand, name: CollectionId) -> Placement:
    document = await read_collection(made.catalog.engine, made.catalog.indices.collections, name)
    return Placement.of(document.source)


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("released", [True, False])
async def test_an_operators_move_that_is_given_up_leaves_what_he_had_chosen_before(
    search_engine: SearchEngineSettings, indices: Indices, kept: bool, released: bool
) -> None:
    async with stand(search_engine, indices) as made:
        name = made.names[0]
        await made.mover().begin(name, own=False, keep=kept)
        await spoil(made, name)
        if released:
            await made.mover().release(name)
        with pytest.raises(BackendFailed, match="stays where it is"):
            await made.mover().advance(name)
        stays = kept and not released
        assert await placement_of(made, name) == Placement(kept=stays)

        await made.catalog.engine.refresh(indices.shared)
        moved = await Layout(made.catalog.engine, indices, large=ITEMS).run(lambda: 100)
        assert (str(name) in moved.moved) != stays
        await made.check_at_rest()


async def test_a_process_that_dies_while_it_gives_a_move_up_leaves_no_collection_frozen(
    search_engine: SearchEngineSettings, indices: Indices
) -> None:
    async with stand(search_engine, indices) as made:
        name, crash_at, crashed = made.names[0], 0, True
        while crashed:
            crash_at += CRASHES_APART
            await spoil(made, name)
            process = CrashingConnection(
                connect(search_engine.search_engine, search_engine.search_engine_url, {}), crash_at
            )
            with pytest.raises((BackendFailed, Crash)) as raised:
                await mover_of(process, indices).advance(name)
            await process.close()
            crashed = isinstance(raised.value, Crash)
            with suppress(BackendFailed, Conflict):
                await made.mover().advance(name)
            assert await placement_of(made, name) == Placement()
            await made.put((0, 0))
            assert await made.catalog.engine.aliases(f"{indices.items}-own-*") == {}
        assert crash_at > 10
        await made.check_at_rest()


async def test_a_move_that_is_done_forgets_what_was_chosen_before(
    search_engine: SearchEngineSettings, indices: Indices
) -> None:
    async with stand(search_engine, indices) as made:
        mover, name = made.mover(), made.names[0]
        await mover.begin(name, own=False, keep=True)
        await mover.begin(name, own=True, keep=True)
        await mover.advance(name)
        await mover.clean(name)
        placement = await placement_of(made, name)
        assert (placement.kept, placement.kept_before) == (True, False)


async def test_a_move_without_time_is_carried_on(search_engine: SearchEngineSettings, indices: Indices) -> None:
    async with stand(search_engine, indices) as made:
        layout = Layout(made.catalog.engine, indices, large=ITEMS)
        name = str(made.names[0])
        assert (await layout.move(made.names[0], lambda: 10, own=True)).unfinished == [name]
        await made.look()
        assert name in (await layout.run(lambda: 100)).moved
        await made.check_at_rest()
