"""The bucket as the catalog uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rs_server.storage.listing import list_sizes
from rs_server.storage.objects import ObjectStore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Bucket:
    """The objects of items, in S3."""

    s3: S3Client
    bucket: str

    async def sizes(self, prefix: str) -> dict[str, int]:
        """Bytes of the objects below `prefix`, by key."""
        return await list_sizes(self.s3, self.bucket, prefix)

    async def delete_prefix(self, prefix: str) -> None:
        """Delete all objects below `prefix`."""
        await ObjectStore(self.s3, self.bucket).delete_prefix(prefix)
