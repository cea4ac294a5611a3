"""What lies below a prefix of the bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rs_server.storage.faults import call

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


async def list_sizes(s3: S3Client, bucket: str, prefix: str) -> dict[str, int]:
    """Bytes of each object whose key starts with `prefix`, by key; raises BackendUnavailable."""
    sizes: dict[str, int] = {}
    token: dict[str, str] = {}
    while True:
        page = await call(s3.list_objects_v2, Bucket=bucket, Prefix=prefix, **token)
        sizes |= {entry["Key"]: entry["Size"] for entry in page.get("Contents", [])}
        if not page.get("IsTruncated"):
            return sizes
        token = {"ContinuationToken": page["NextContinuationToken"]}
