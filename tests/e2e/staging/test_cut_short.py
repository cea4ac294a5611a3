"""A station that sends fewer bytes than it says: the job fails with the reason, and nothing of it is left."""

from __future__ import annotations

import re

import pytest

from rs_client import Refused

SESSION = "S1A_20241114143038056552"
CHUNK = f"DCS_04_{SESSION}_ch1_DSDB_00007.raw"


def source_of(item, name):
    """A regular expression for the address of one file at the station."""
    return re.escape(item.assets[name].href.partition("/Files(")[2].removesuffix(")/$value"))


def test_a_chunk_that_is_cut_short_fails_the_job_and_nothing_is_published(alice, collection, faults, ended, stack, aws):
    (item,) = alice.search("cadip", collections=["s1_mti"], ids=[SESSION]).items()
    faults.add("wrong_length", path=source_of(item, CHUNK), difference=-1000)
    job = ended(alice.jobs.stage(collection, alice.search_url("cadip", collections=["s1_mti"], ids=[SESSION])).id, 240)
    assert job.status == "failed"
    assert CHUNK in job.message
    assert "Traceback" not in str(job.document)

    assert list(alice.search("catalog", collections=[f"alice:{collection}"]).items()) == []
    with pytest.raises(Refused) as refused:
        alice.catalog.item(collection, SESSION)
    assert refused.value.status == 404
    s3 = aws.client("s3")
    prefix = f"alice/{collection}/"
    assert s3.list_objects_v2(Bucket=stack.bucket, Prefix=prefix)["KeyCount"] == 0
    uploads = s3.list_multipart_uploads(Bucket=stack.bucket, Prefix=prefix).get("Uploads", [])
    assert [upload["Key"] for upload in uploads] == []


def test_a_connection_that_is_cut_once_is_taken_up_again(alice, collection, faults, ended):
    (item,) = alice.search("cadip", collections=["s1_mti"], ids=[SESSION]).items()
    faults.add("cut_download", path=source_of(item, CHUNK), count=1)
    job = alice.jobs.stage(collection, [item], asset_names=[CHUNK])
    assert ended(job.id, 120).status == "successful"
    assert (
        alice.catalog.item(collection, SESSION).assets[CHUNK].extra_fields["file:size"]
        == (item.assets[CHUNK].extra_fields["file:size"])
    )
