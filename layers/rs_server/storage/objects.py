"""Objects of the bucket: JSON documents of jobs, and what became of staged files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from rs_server.errors import NotFound
from rs_server.storage.faults import call
from rs_server.storage.multipart import MADE_BY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DELETE_BATCH = 1000
"""Keys that one DeleteObjects takes (S3 API reference)."""


def job_document_key(job_id: str, name: str) -> str:
    """Key of a document that belongs to a job, such as its `items.json`."""
    return f"jobs/{job_id}/{name}"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What is known of an object without reading it."""

    size: int
    made_by: str = ""
    """Id of the job whose upload it was."""


class ObjectStore:
    """The bucket, by whole objects."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self.s3 = s3
        self.bucket = bucket

    def uri(self, key: str) -> str:
        """The `s3://` address of an object."""
        return f"s3://{self.bucket}/{key}"

    async def read_json(self, key: str) -> Any:
        """The document at `key`; raises NotFound where there is none."""
        answer = await call(self.s3.get_object, Bucket=self.bucket, Key=key)
        return json.loads(await asyncio.to_thread(answer["Body"].read))

    async def write_json(self, key: str, document: Any) -> None:
        """Write `document` to `key`, over what is there."""
        await call(self.s3.put_object, Bucket=self.bucket, Key=key, Body=_encode(document), ContentType=JSON)

    async def write_json_once(self, key: str, document: Any) -> Any:
        """Write `document` unless `key` is taken, and answer what is there: of several writers the first one wins."""
        body = _encode(document)
        try:
            await call(self.s3.put_object, Bucket=self.bucket, Key=key, Body=body, ContentType=JSON, IfNoneMatch="*")
        except ClientError:
            return await self.read_json(key)
        return document

    async def find(self, key: str) -> StoredObject | None:
        """What is at `key`; None where there is nothing."""
        try:
            answer = await call(self.s3.head_object, Bucket=self.bucket, Key=key)
        except NotFound:
            return None
        return StoredObject(answer["ContentLength"], answer["Metadata"].get(MADE_BY, ""))

    async def chunks(self, key: str, size: int) -> AsyncIterator[bytes]:
        """The bytes of an object in pieces of `size`, read one after the other."""
        body = (await call(self.s3.get_object, Bucket=self.bucket, Key=key))["Body"]
        while chunk := await call(body.read, amt=size):
            yield chunk

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; those that are not there count as deleted."""
        remaining = [{"Key": key} for key in keys]
        while remaining:
            batch, remaining = remaining[:DELETE_BATCH], remaining[DELETE_BATCH:]
            await call(self.s3.delete_objects, Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})

    async def delete_prefix(self, prefix: str) -> None:
        """Delete every object whose key starts with `prefix`."""
        token: dict[str, str] = {}
        while True:
            page = await call(self.s3.list_objects_v2, Bucket=self.bucket, Prefix=prefix, **token)
            await self.delete(entry["Key"] for entry in page.get("Contents", []))
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}


JSON = "application/json"


def _encode(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
