"""Which requests upload an object: one, or those of a multipart upload, by the quotas of S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from moto import mock_aws
from pydantic import ValidationError

from rs_server.catalog.uploads import UploadRequest, plan_upload
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import CollectionId
from rs_server.storage.presigning import Presigner
from tests import aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "rs-bucket"
MIB = 1024**2
GIB = 1024**3
COLLECTION = CollectionId("alice", "s1-l0")


@pytest.fixture
def s3() -> Iterator[S3Client]:
    with mock_aws():
        client = aws.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


async def plan(s3: S3Client, item: str = "one", asset: str = "data.raw", **wanted: Any) -> dict[str, Any]:
    return await plan_upload(Presigner(s3, BUCKET, 600), COLLECTION, item, asset, UploadRequest(**wanted))


async def test_a_small_object_is_one_put_to_the_place_of_its_asset(s3: S3Client) -> None:
    answer = await plan(s3, size=10, content_type="application/zip")
    assert answer["href"] == "s3://rs-bucket/alice/s1-l0/one/data.raw"
    assert answer["method"] == "PUT"
    assert answer["expires_in"] == 600
    assert answer["headers"] == {"content-type": "application/zip", "content-length": "10"}
    address = urlsplit(answer["url"])
    assert address.path.endswith("/alice/s1-l0/one/data.raw")
    query = parse_qs(address.query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    assert query["X-Amz-Expires"] == ["600"]


async def test_a_size_that_is_not_known_is_not_signed(s3: S3Client) -> None:
    answer = await plan(s3)
    assert answer["headers"] == {"content-type": "application/octet-stream"}
    assert parse_qs(urlsplit(answer["url"]).query)["X-Amz-SignedHeaders"] == ["content-type;host"]
    assert s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []


@pytest.mark.parametrize(
    ("wanted", "count", "part_size"),
    [
        ({"size": 5 * GIB + 1}, 81, 64 * MIB),
        ({"size": 5 * 1024 * GIB}, 1024, 5 * GIB),
        ({"size": 10 * MIB, "parts": 2}, 2, 5 * MIB),
        ({"size": 10 * MIB + 1, "parts": 2}, 2, 5 * MIB + 1),
        ({"size": 3, "parts": 1}, 1, 3),
        ({"size": 0, "parts": 1}, 1, 1),
        ({"parts": 3}, 3, None),
    ],
)
async def test_a_large_object_or_one_in_parts(
    s3: S3Client, wanted: dict[str, int], count: int, part_size: int | None
) -> None:
    answer = await plan(s3, content_type="application/x-tar", **wanted)
    assert answer["part_size"] == part_size
    assert [part["part_number"] for part in answer["parts"]] == list(range(1, count + 1))
    (opened,) = s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    assert opened["Key"] == "alice/s1-l0/one/data.raw"
    assert opened["UploadId"] == answer["upload_id"]
    urls = [*(part["url"] for part in answer["parts"]), answer["complete"]["url"], answer["abort"]["url"]]
    assert len(set(urls)) == count + 2
    for url in urls:
        assert urlsplit(url).path.endswith("/alice/s1-l0/one/data.raw")
        assert parse_qs(urlsplit(url).query)["uploadId"] == [answer["upload_id"]]
    assert parse_qs(urlsplit(urls[0]).query)["partNumber"] == ["1"]
    assert (answer["complete"]["method"], answer["abort"]["method"]) == ("POST", "DELETE")


@pytest.mark.parametrize("wanted", [{"size": 10 * MIB, "parts": 3}, {"size": 11 * GIB, "parts": 2}])
async def test_parts_that_s3_does_not_take_are_refused(s3: S3Client, wanted: dict[str, int]) -> None:
    with pytest.raises(InvalidRequest, match="5 MiB to 5 GiB"):
        await plan(s3, **wanted)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "a|b", "a\nb", "x" * 256])
async def test_names_that_would_lead_elsewhere_are_refused(s3: S3Client, name: str) -> None:
    with pytest.raises(InvalidRequest, match="Asset name"):
        await plan(s3, asset=name)
    with pytest.raises(InvalidRequest, match="Item id"):
        await plan(s3, item=name)


@pytest.mark.parametrize(
    "wanted",
    [
        {"size": -1},
        {"size": 5 * 1024 * GIB + 1},
        {"size": "10"},
        {"size": True},
        {"parts": 0},
        {"parts": 1025},
        {"content_type": "zip"},
        {"content_type": "a/b\r\nx-amz-acl: public-read"},
        {"key": "bob/x"},
    ],
)
def test_a_request_is_checked(wanted: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        UploadRequest(**wanted)
