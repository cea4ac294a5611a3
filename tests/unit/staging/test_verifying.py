"""Objects that are read back for their checksum: in several goes, each from where the one before came to."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import pytest

from rs_server.staging.hash_states import CONTEXTS, stateful_hash
from rs_server.storage.multipart import MEBIBYTE, PART_SIZE
from tests.unit.staging.checks import check_published
from tests.unit.staging.processes import Process
from tests.unit.staging.world import World

SIZE = 3 * PART_SIZE + 12_345
BODY = random.Random("S1/a.raw").randbytes(SIZE)


@pytest.mark.parametrize("name", CONTEXTS)
@pytest.mark.parametrize("cut", [0, 1, 63, 64, 100_001])
def test_a_hash_goes_on_from_its_state(name: str, cut: int) -> None:
    first, second = stateful_hash(name), stateful_hash(name)
    assert first is not None
    assert second is not None
    first.update(BODY[:cut])
    second.resume(first.state)
    second.update(BODY[cut:200_000])
    whole = hashlib.new(name, BODY[:200_000]).hexdigest()
    assert [second.hexdigest(), second.hexdigest(), second.name] == [whole, whole, name]
    with pytest.raises(ValueError, match="state of"):
        second.resume(first.state[4:])


def test_what_openssl_does_not_have_has_no_state() -> None:
    assert stateful_hash("blake3") is None


@dataclass
class Slow(Process):
    """A worker for which reading from the bucket takes 8 s of its minute, each time; it notes what it read."""

    world: World | None = None
    read: list[str] = field(default_factory=list)

    def run(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if "Range" in named:
            assert self.world
            self.world.clock.seconds += 8
            time.sleep(0.03)  # for the beat to see it
            self.read.append(named["Range"])
        return super().run(call, *arguments, **named)


async def test_reading_back_goes_on_where_the_time_of_a_function_ended(world: World) -> None:
    world.range_size, world.read_back, world.lease_beat_seconds = PART_SIZE, (2 * MEBIBYTE, 4 * MEBIBYTE), 0.01
    worker = Slow(world=world)
    job_id = await world.submit({"value": world.session("S1", {"a.raw": SIZE}, checksums=True)})
    await world.run(repeat(worker))
    assert (await world.job(job_id)).status == "successful", (await world.job(job_id)).message
    check_published(world)
    assert worker.read.count(f"bytes=0-{2 * MEBIBYTE - 1}") == 1
    checksum = "d50110" + hashlib.md5(world.station.files["a.raw"]).hexdigest()
    assert world.items["S1"]["assets"]["a.raw"]["file:checksum"] == checksum


async def test_a_worker_killed_while_it_reads_costs_what_it_read_since_its_last_note(world: World) -> None:
    world.range_size, world.read_back = PART_SIZE, (2 * MEBIBYTE, 4 * MEBIBYTE)
    await world.submit({"value": world.session("S1", {"a.raw": SIZE}, checksums=True)})
    killed, after = Dying(), Dying(dies_after=None)
    while world.queue.messages and not killed.dead:
        await world.step(killed)
    assert killed.dead
    await world.run(repeat(after))
    check_published(world)
    first = int(after.read[0].removeprefix("bytes=").split("-")[0])
    assert 0 < first <= 2 * MEBIBYTE * len(killed.read)


@dataclass
class Dying(Process):
    """A worker that dies at a certain piece that it reads back."""

    dies_after: int | None = 9
    read: list[str] = field(default_factory=list)

    def run(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if "Range" in named:
            self.read.append(named["Range"])
            self.dead = self.dead or len(self.read) == self.dies_after
        return super().run(call, *arguments, **named)
