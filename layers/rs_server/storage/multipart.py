"""Multipart uploads: objects that come in parts, survive their writer, and are seen by no one until completed.

Parts of one upload all have the same size but the last, so a part's number says where its bytes belong, and the list
of parts that S3 keeps is the one truth about how far an upload has come.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rs_server.storage.faults import UploadGone, call

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MEBIBYTE = 1024 * 1024
PART_SIZE = 8 * MEBIBYTE
MAX_PARTS = 10_000
"""Parts of one upload (S3 quotas)."""
MADE_BY = "made-by"
"""Metadata of an object: id of the job whose upload it was."""


def part_size_of(size: int | None) -> int:
    """Size of the parts of an object of `size` bytes (None: not known): 8 MiB, more where 10 000 would not do."""
    if size is None:
        return 2 * PART_SIZE
    smallest = -(-size // MAX_PARTS)
    return max(PART_SIZE, -(-smallest // MEBIBYTE) * MEBIBYTE)


def part_count(size: int, part_size: int) -> int:
    """How many parts an object has; an empty one has one, which is empty."""
    return max(1, -(-size // part_size))


@dataclass(frozen=True, slots=True)
class Part:
    """A part that S3 holds."""

    number: int
    size: int
    etag: str
    checksum: str = ""
    """CRC-32 in base64, where the storage tells it."""

    def listed(self) -> dict[str, Any]:
        """The part as CompleteMultipartUpload names it."""
        return {"PartNumber": self.number, "ETag": self.etag} | (
            {"ChecksumCRC32": self.checksum} if self.checksum else {}
        )


class PartsMissing(Exception):
    """An upload cannot be completed, because parts are missing or have the wrong size."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An open multipart upload."""

    key: str
    id: str
    begun: datetime | None = field(default=None, compare=False)
    """When it was opened, to the second, where that was asked for."""


class MultipartUploads:
    """The multipart uploads of the bucket."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self.s3 = s3
        self.bucket = bucket

    async def create(self, key: str, made_by: str, content_type: str = "application/octet-stream") -> Upload:
        """Open an upload for `key`; its object will say that `made_by` (a job's id) made it."""
        answer = await call(
            self.s3.create_multipart_upload,
            Bucket=self.bucket,
            Key=key,
            ContentType=content_type,
            Metadata={MADE_BY: made_by},
            ChecksumAlgorithm="CRC32",
        )
        return Upload(key, answer["UploadId"])

    async def put(self, upload: Upload, number: int, body: bytes | bytearray) -> Part:
        """Write one part; S3 checks it against its CRC-32. Raises UploadGone when the upload is no longer open."""
        return await call(self._put, upload=upload, number=number, body=body)

    def _put(self, upload: Upload, number: int, body: bytes | bytearray) -> Part:
        checksum = base64.b64encode(zlib.crc32(body).to_bytes(4)).decode()
        answer = self.s3.upload_part(
            Bucket=self.bucket,
            Key=upload.key,
            UploadId=upload.id,
            PartNumber=number,
            Body=body,  # type: ignore[arg-type]  # botocore takes a bytearray, its stubs do not
            ChecksumCRC32=checksum,
        )
        return Part(number, len(body), answer["ETag"], checksum)

    async def parts(self, upload: Upload) -> list[Part]:
        """The parts that are there, by number. Raises UploadGone when the upload is no longer open."""
        found: list[Part] = []
        marker: dict[str, int] = {}
        while True:
            page = await call(self.s3.list_parts, Bucket=self.bucket, Key=upload.key, UploadId=upload.id, **marker)
            found.extend(
                Part(part["PartNumber"], part["Size"], part["ETag"], part.get("ChecksumCRC32", ""))
                for part in page.get("Parts", [])
            )
            if not page.get("IsTruncated"):
                return found
            marker = {"PartNumberMarker": page["NextPartNumberMarker"]}

    async def whole(self, upload: Upload, size: int, part_size: int) -> list[Part]:
        """The parts of an upload that could be completed as an object of `size` bytes.

        Raises PartsMissing when they do not add up to it, UploadGone when the upload is no longer open.
        """
        parts = await self.parts(upload)
        check_parts(parts, size, part_size)
        return parts

    async def complete(self, upload: Upload, size: int, part_size: int) -> None:
        """Make the object of `size` bytes from its parts; raises what `whole` raises."""
        parts = await self.whole(upload, size, part_size)
        await call(
            self.s3.complete_multipart_upload,
            Bucket=self.bucket,
            Key=upload.key,
            UploadId=upload.id,
            MultipartUpload={"Parts": [part.listed() for part in parts]},
        )

    async def abort(self, upload: Upload) -> None:
        """Drop an upload and its parts; one that is not open counts as dropped."""
        try:
            await call(self.s3.abort_multipart_upload, Bucket=self.bucket, Key=upload.key, UploadId=upload.id)
        except UploadGone:
            return

    async def open_uploads(self, prefix: str) -> list[Upload]:
        """Every open upload whose key starts with `prefix`."""
        found: list[Upload] = []
        marker: dict[str, str] = {}
        while True:
            page = await call(self.s3.list_multipart_uploads, Bucket=self.bucket, Prefix=prefix, **marker)
            uploads = page.get("Uploads", [])
            found.extend(Upload(upload["Key"], upload["UploadId"], upload["Initiated"]) for upload in uploads)
            if not page.get("IsTruncated"):
                return found
            marker = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}

    async def abort_all(self, prefix: str, keys: Iterable[str], *, begun_until: datetime) -> None:
        """Drop every upload below `prefix` that is for one of `keys` and was opened until a moment.

        By key alone nobody can tell whose they are; those of a later user of the keys were opened later.
        """
        wanted = frozenset(keys)
        for upload in await self.open_uploads(prefix):
            if upload.key in wanted and upload.begun and upload.begun <= begun_until:
                await self.abort(upload)


def check_parts(parts: Sequence[Part], size: int, part_size: int) -> None:
    """Raise PartsMissing unless `parts` are all parts of an object of `size` bytes, each of its size."""
    count = part_count(size, part_size)
    expected = dict.fromkeys(range(1, count), part_size) | {count: size - (count - 1) * part_size}
    if {part.number: part.size for part in parts} != expected:
        held = sum(part.size for part in parts)
        raise PartsMissing(f"{len(parts)} parts with {held} bytes are there; {count} with {size} bytes are needed.")
