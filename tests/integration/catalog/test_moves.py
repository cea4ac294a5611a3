"""Collections that are moved between the shared index and their own: crashes, schedule, lack of time, bad copies."""

from __future__ import annotations

import os

import pytest

from rs_server.catalog.collections import read_collection
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.layout.placement import Placement
from rs_server.catalog.layout.schedule import Layout, Moved
from rs_server.errors import BackendFailed
from rs_server.settings import SearchEngineSettings
from tests.integration.catalog.moving import ITEMS, carry_on, move, mover_without_time, stand

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
        await mover.begin(name, own=True)
        move = Placement.of((await read_collection(made.catalog.engine, indices.collections, name)).source).move
        assert move
        await mover_without_time(made).advance(name)
        alien = item("alien") | {"collection": str(name), "rs_interval": {"moment": "2024-01-01T00:00:00Z"}}
        await made.catalog.engine.create(indices.own_index(move.id), "alien", alien, "true")
        with pytest.raises(BackendFailed, match="stays where it is"):
            await mover.advance(name)
        await made.put((0, 0))
        await made.check_at_rest()
        assert await mover.begin(name, own=True)
        assert await mover.advance(name)
        await mover.clean(name)
        await made.check_at_rest()


async def test_a_move_without_time_is_carried_on(search_engine: SearchEngineSettings, indices: Indices) -> None:
    async with stand(search_engine, indices) as made:
        layout = Layout(made.catalog.engine, indices, large=ITEMS)
        name = str(made.names[0])
        assert (await layout.move(made.names[0], lambda: 10, own=True)).unfinished == [name]
        await made.look()
        assert name in (await layout.run(lambda: 100)).moved
        await made.check_at_rest()
