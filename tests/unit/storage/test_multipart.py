"""Multipart uploads: part sizes by S3's limits, completion only when whole, and uploads that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from rs_server.storage.faults import UploadGone
from rs_server.storage.multipart import (
    MEBIBYTE,
    PART_SIZE,
    MultipartUploads,
    Part,
    PartsMissing,
    Upload,
    check_parts,
    part_count,
    part_size_of,
)
from rs_server.storage.objects import ObjectStore
from tests import aws

BUCKET = "objects"
MOTO_BEGINS = datetime(2010, 11, 10, 20, 48, 33, tzinfo=UTC)
"""When moto says that every upload was opened."""
GIBIBYTE = 1024 * MEBIBYTE


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with mock_aws():
        client = aws.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def uploads(s3: Any) -> MultipartUploads:
    return MultipartUploads(s3, BUCKET)


@pytest.mark.parametrize("size", [0, 1, PART_SIZE, PART_SIZE + 1, 54 * 10**9, 80 * GIBIBYTE, 5 * 1024 * GIBIBYTE])
def test_parts_keep_within_the_limits_of_s3(size: int) -> None:
    """At most 10 000 parts, each but the last of 5 MiB to 5 GiB (S3 quotas)."""
    part = part_size_of(size)
    assert part_count(size, part) <= 10_000
    assert 5 * MEBIBYTE <= part <= 5 * GIBIBYTE
    assert part % MEBIBYTE == 0


def test_a_file_of_usual_size_has_parts_of_8_mib() -> None:
    assert part_size_of(314_571_600) == 8 * MEBIBYTE


@pytest.mark.parametrize(
    ("size", "count"), [(0, 1), (1, 1), (PART_SIZE, 1), (PART_SIZE + 1, 2), (2 * PART_SIZE, 2), (2 * PART_SIZE + 1, 3)]
)
def test_how_many_parts(size: int, count: int) -> None:
    assert part_count(size, PART_SIZE) == count


def parts(*sizes: int) -> list[Part]:
    return [Part(number, size, "e") for number, size in enumerate(sizes, 1)]


@pytest.mark.parametrize(("sizes", "total"), [([0], 0), ([7], 7), ([10], 10), ([10, 1], 11), ([10, 10], 20)])
def test_parts_that_are_whole(sizes: list[int], total: int) -> None:
    check_parts(parts(*sizes), total, 10)


@pytest.mark.parametrize(
    ("sizes", "total"), [([], 0), ([], 5), ([10], 11), ([10, 2], 11), ([1, 10], 11), ([10, 10, 1], 20), ([9, 2], 11)]
)
def test_parts_that_are_not(sizes: list[int], total: int) -> None:
    with pytest.raises(PartsMissing, match=f"{total} bytes are needed"):
        check_parts(parts(*sizes), total, 10)


async def test_an_object_is_not_seen_before_it_is_completed(uploads: MultipartUploads, s3: Any) -> None:
    objects = ObjectStore(s3, BUCKET)
    upload = await uploads.create("a/b", made_by="job-1")
    bodies = [b"x" * PART_SIZE, b"yz"]
    for number in (2, 1):
        await uploads.put(upload, number, bodies[number - 1])
    assert await objects.find("a/b") is None
    assert [part.size for part in await uploads.parts(upload)] == [PART_SIZE, 2]
    await uploads.complete(upload, PART_SIZE + 2, PART_SIZE)
    found = await objects.find("a/b")
    assert found is not None
    assert (found.size, found.made_by) == (PART_SIZE + 2, "job-1")
    pieces = objects.pieces("a/b", start=0, stop=PART_SIZE + 2, size=PART_SIZE)
    assert [piece async for piece in pieces] == bodies


async def test_what_is_not_whole_is_not_completed(uploads: MultipartUploads) -> None:
    upload = await uploads.create("a/c", made_by="job-1")
    await uploads.put(upload, 1, b"x")
    with pytest.raises(PartsMissing):
        await uploads.complete(upload, 2, PART_SIZE)
    await uploads.abort(upload)


async def test_an_upload_that_is_gone(uploads: MultipartUploads) -> None:
    upload = await uploads.create("a/d", made_by="job-1")
    await uploads.abort(upload)
    await uploads.abort(upload)
    with pytest.raises(UploadGone):
        await uploads.parts(upload)
    with pytest.raises(UploadGone):
        await uploads.complete(upload, 1, PART_SIZE)


class WithoutUpload:
    """A storage to which the upload of a part is not open."""

    def upload_part(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "NoSuchUpload", "Message": ""}}, "UploadPart")


async def test_a_part_of_an_upload_that_is_gone() -> None:
    uploads = MultipartUploads(WithoutUpload(), BUCKET)  # type: ignore[arg-type]  # stands in for the client
    with pytest.raises(UploadGone):
        await uploads.put(Upload("a/d", "u"), 1, b"x")


async def test_ending_the_uploads_of_some_keys_only(uploads: MultipartUploads) -> None:
    kept = await uploads.create("p/kept", made_by="job-1")
    await uploads.create("p/dropped", made_by="job-1")
    await uploads.create("p/dropped", made_by="job-1")
    await uploads.create("q/dropped", made_by="job-1")
    await uploads.abort_all("p/", ["p/dropped"], begun_until=MOTO_BEGINS - timedelta(seconds=1))
    assert len(await uploads.open_uploads("p/")) == 3
    await uploads.abort_all("p/", ["p/dropped"], begun_until=MOTO_BEGINS)
    assert await uploads.open_uploads("p/") == [kept]
    assert [upload.key for upload in await uploads.open_uploads("q/")] == ["q/dropped"]
