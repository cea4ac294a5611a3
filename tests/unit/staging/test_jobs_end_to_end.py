"""Jobs from submission to publication, on real stores and a fake station."""

from __future__ import annotations

import hashlib

from tests.unit.staging.cast import COLLECTION
from tests.unit.staging.world import World


async def test_a_session_is_transferred_and_published(world: World) -> None:
    session = world.session("S1", {"a.raw": 3_000_000, "b.raw": 20_000_000, "empty.raw": 0})
    job_id = await world.submit({"value": session})
    await world.run()

    job = await world.job(job_id)
    assert (job.status, job.message, job.progress) == ("successful", "1 of 1 items are in the catalog.", 100)
    assert (job.files, job.files_left, job.bytes, job.bytes_done) == (3, 0, 23_000_000, 23_000_000)
    assert world.objects() == {f"alice/s1-l0/S1/{name}": body for name, body in world.station.files.items()}
    assert world.open_uploads() == []
    assert world.claims() == []
    published = world.items["S1"]
    assert published["collection"] == COLLECTION
    assert published["links"] == []
    for name, body in world.station.files.items():
        asset = published["assets"][name]
        assert asset["href"] == f"s3://{world.bucket}/alice/s1-l0/S1/{name}"
        assert asset["file:size"] == len(body)
        assert asset["file:checksum"] == "1220" + hashlib.sha256(body).hexdigest()
        assert asset["eviction_datetime"] == "2024-11-21T14:31:00Z"
        assert asset["roles"] == ["cadu"]
    assert published["properties"] == {
        "datetime": "2024-11-14T14:30:44.018Z",
        "rs:station": "cadip:mti",
        "rs:source": {
            "station": "cadip:mti",
            "published": "2024-11-14T14:31:11.032Z",
            "expires": "2024-11-21T14:31:00Z",
        },
    }
