"""Addresses that let a browser or a tool fetch one object for a while, without a credential of ours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

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
            self.s3.generate_presigned_url,
            "get_object",
            Params={"Bucket": self.bucket, "Key": key, "ResponseContentDisposition": _attachment(file_name)},
            ExpiresIn=self.seconds,
        )


def _attachment(file_name: str) -> str:
    """Content-Disposition of a download (RFC 6266): the name in ASCII, and whole where that is not enough."""
    plain = "".join(
        character if 32 <= ord(character) < 127 and character not in '"\\' else "_" for character in file_name
    )
    whole = "" if plain == file_name else f"; filename*=UTF-8''{quote(file_name, safe='')}"
    return f'attachment; filename="{plain}"{whole}'
