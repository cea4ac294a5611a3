"""What must hold when jobs have ended."""

from __future__ import annotations

import hashlib

from rs_server.staging.jobs import Job
from tests.unit.staging.world import World


def check_idle(world: World) -> None:
    """Nothing lies about: no message, no dead letter, no open upload, no claim."""
    assert (world.queue.messages, world.queue.dead) == ([], [])
    assert (world.open_uploads(), world.claims()) == ([], [])
    assert set(world.under_way()) <= {0}


def check_nothing_left(world: World) -> None:
    """Nothing is published, and nothing lies about."""
    assert (world.objects(), world.items) == ({}, {})
    check_idle(world)


def check_published(world: World, item: str = "S1") -> None:
    """Every file of the station is there, byte for byte, and in the item; every object has its item."""
    objects = world.objects()
    assert set(objects) == {f"alice/s1-l0/{item}/{name}" for name in world.station.files}
    for name, body in world.station.files.items():
        assert objects[f"alice/s1-l0/{item}/{name}"] == body, name
    assert set(world.items[item]["assets"]) == set(world.station.files)
    check_idle(world)


def check_true(world: World) -> None:
    """Every object is what its item says, by MD5; and nothing lies about."""
    objects = world.objects()
    for name, item in world.items.items():
        for asset in item["assets"].values():
            body = objects[asset["href"].removeprefix(f"s3://{world.bucket}/")]
            assert asset["file:checksum"] == f"d50110{hashlib.md5(body).hexdigest()}", name
    check_idle(world)


def reason_of(job: Job) -> tuple[int, str]:
    """Status and reason of a failed job."""
    assert job.status == "failed"
    assert job.failure is not None
    assert job.message == job.failure.reason
    return job.failure.status, job.failure.reason
