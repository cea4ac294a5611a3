"""A job that is dismissed while its files come: five seconds later no byte is read any more, and nothing is left."""

from __future__ import annotations

import time

SESSION = "S1A_20241114143038056552"
STOPS_WITHIN = 5.0


def test_no_byte_is_read_five_seconds_after_a_job_was_dismissed(alice, collection, faults, ended, stack, aws):
    faults.add("slow_bytes", bytes_per_second=5_000)
    job = alice.jobs.stage(collection, alice.search_url("cadip", collections=["s1_mti"], ids=[SESSION]))
    for _ in range(600):
        if faults.stats()["downloads_at_once"]["now"] >= 3:
            break
        time.sleep(0.2)
    before = faults.stats()
    assert before["downloads_at_once"]["now"] >= 3
    assert alice.jobs.dismiss(job.id).status == "dismissed"
    time.sleep(STOPS_WITHIN)
    stopped = faults.stats()
    assert stopped["downloads_at_once"]["now"] == 0
    time.sleep(3)
    assert faults.stats()["bytes_served"] == stopped["bytes_served"]

    faults.clear()
    prefix = f"alice/{collection}/"
    s3 = aws.client("s3")
    for _ in range(300):
        uploads = s3.list_multipart_uploads(Bucket=stack.bucket, Prefix=prefix).get("Uploads", [])
        if not uploads:
            break
        time.sleep(0.2)
    assert uploads == []
    assert s3.list_objects_v2(Bucket=stack.bucket, Prefix=prefix)["KeyCount"] == 0
