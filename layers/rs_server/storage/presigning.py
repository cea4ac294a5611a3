"""Addresses that let a browser or a tool fetch or write one object for a while, without a credential of ours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rs_server.storage.faults import call
from rs_server.storage.multipart import Upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Presigner:
    """Signs addresses with the function's own role, by Signature Version 4. Signing calls nobody."""

    s3: S3Client
    bucket: str
    seconds: int
    """How long an address works."""

    async def download(self, key: str, file_name: str) -> str:
        """Address of a GET of the object at `key`, which browsers save as `file_name`."""
        return await asyncio.to_thread(
            self._signed, "get_object", Key=key, ResponseContentDisposition=_attachment(file_name)
        )

    async def upload(self, key: str, content_type: str, size: int | None) -> str:
        """Address of a PUT of the object at `key`, with this content type, and of `size` bytes if that is given."""
        length = {} if size is None else {"ContentLength": size}
        return await asyncio.to_thread(self._signed, "put_object", Key=key, ContentType=content_type, **length)

    async def open_upload(self, key: str, content_type: str) -> Upload:
        """Open a multipart upload, whose parts come from elsewhere and need no checksum of their own."""
        answer = await call(self.s3.create_multipart_upload, Bucket=self.bucket, Key=key, ContentType=content_type)
        return Upload(key, answer["UploadId"])

    async def parts(self, upload: Upload, count: int) -> list[str]:
        """Addresses of the PUTs of an upload's parts 1 to `count`."""

        def sign() -> list[str]:
            numbers = range(1, count + 1)
            return [self._signed("upload_part", **_named(upload), PartNumber=number) for number in numbers]

        return await asyncio.to_thread(sign)

    async def complete(self, upload: Upload) -> str:
        """Address of the POST of a CompleteMultipartUpload document, which makes the object."""
        return await asyncio.to_thread(self._signed, "complete_multipart_upload", **_named(upload))

    async def abort(self, upload: Upload) -> str:
        """Address of the DELETE that drops an upload with its parts."""
        return await asyncio.to_thread(self._signed, "abort_multipart_upload", **_named(upload))

    def _signed(self, operation: str, **parameters: Any) -> str:
        return self.s3.generate_presigned_url(
            operation, Params={"Bucket": self.bucket, **parameters}, ExpiresIn=self.seconds
        )


def _named(upload: Upload) -> dict[str, str]:
    return {"Key": upload.key, "UploadId": upload.id}


def _attachment(file_name: str) -> str:
    """Content-Disposition of a download (RFC 6266): the name in ASCII, and whole where that is not enough."""
    plain = "".join(
        character if 32 <= ord(character) < 127 and character not in '"\\' else "_" for character in file_name
    )
    whole = "" if plain == file_name else f"; filename*=UTF-8''{quote(file_name, safe='')}"
    return f'attachment; filename="{plain}"{whole}'
