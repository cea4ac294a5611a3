"""Whatever is written, deleted and searched while collections move, nothing is lost or leaked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rs_server.catalog.engine.indices import Indices
from rs_server.settings import SearchEngineSettings
from tests.integration.catalog.moving import COLLECTIONS, ITEMS, Stand, carry_on, move, stand

Write = tuple[Literal["put", "delete"], int, int]
writes = st.lists(
    st.tuples(st.sampled_from(["put", "put", "delete"]), st.integers(0, COLLECTIONS - 1), st.integers(0, ITEMS)),
    min_size=5,
    max_size=25,
)
moves = st.lists(
    st.tuples(st.integers(0, COLLECTIONS - 1), st.one_of(st.none(), st.integers(1, 25))), min_size=1, max_size=3
)


@settings(
    max_examples=int(os.environ.get("RS_TEST_EXAMPLES", "4")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(written=writes, moved=moves)
def test_nothing_is_lost_or_leaked_while_collections_move(
    search_engine: SearchEngineSettings,
    indices: Indices,
    written: Sequence[Write],
    moved: Sequence[tuple[int, int | None]],
) -> None:
    asyncio.run(move_and_work(search_engine, indices, written, moved))


async def move_and_work(
    search_engine: SearchEngineSettings,
    indices: Indices,
    written: Sequence[Write],
    moved: Sequence[tuple[int, int | None]],
) -> None:
    async with stand(search_engine, indices) as made:
        moving = asyncio.create_task(move_all(made, moved))
        lanes = [asyncio.create_task(write_all(made, written[lane::2], lane)) for lane in range(2)]
        async with asyncio.timeout(120):
            while not moving.done() or not all(lane.done() for lane in lanes):
                await made.look()
            await asyncio.gather(moving, *lanes)
        await made.finish_deletions()
        await made.check_at_rest()


async def move_all(stand: Stand, moved: Sequence[tuple[int, int | None]]) -> None:
    for number, crash_at in moved:
        await move(stand, number, crash_at)
        await carry_on(stand, number)


async def write_all(stand: Stand, written: Sequence[Write], lane: int) -> None:
    """The writes of one client, who has items of its own so that the order of their states is known."""
    for kind, number, name in written:
        key = (number, name - name % 2 + lane)
        await (stand.put(key) if kind == "put" else stand.delete(key))
