"""A station that sends fewer bytes than it says: the job fails with the reason, and nothing of it is left."""

from __future__ import annotations

import pytest

from rs_client import Refused


def test_a_file_that_is_cut_short_fails_the_job_and_nothing_is_published(
    alice, collection, products, path_of, prip_faults, ended, stack, aws
):
    short, *others = products
    (name,) = short.assets
    assert len(others) == 3
    prip_faults.add("wrong_length", path=path_of(short), difference=-1000)
    job = ended(alice.jobs.stage(collection, products).id, 240)
    assert job.status == "failed"
    assert name in job.message
    assert "Traceback" not in str(job.document)

    assert list(alice.search("catalog", collections=[f"alice:{collection}"]).items()) == []
    for item in products:
        with pytest.raises(Refused) as refused:
            alice.catalog.item(collection, item.id)
        assert refused.value.status == 404
    s3 = aws.client("s3")
    prefix = f"alice/{collection}/"
    assert s3.list_objects_v2(Bucket=stack.bucket, Prefix=prefix)["KeyCount"] == 0
    uploads = s3.list_multipart_uploads(Bucket=stack.bucket, Prefix=prefix).get("Uploads", [])
    assert [upload["Key"] for upload in uploads] == []


def test_a_connection_that_is_cut_once_is_taken_up_again(alice, collection, products, path_of, prip_faults, ended):
    item = products[0]
    (name,) = item.assets
    cut = prip_faults.add("cut_download", path=path_of(item), count=1)
    job = alice.jobs.stage(collection, [item])
    assert ended(job.id, 120).status == "successful"
    assert prip_faults.struck(cut)
    published, announced = (
        each.assets[name].extra_fields["file:size"] for each in (alice.catalog.item(collection, item.id), item)
    )
    assert published == announced
