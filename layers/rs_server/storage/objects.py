"""Objects of the bucket: JSON documents of jobs, and what became of staged files."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from rs_server.errors import BackendUnavailable, NotFound
from rs_server.storage.faults import call
from rs_server.storage.multipart import MADE_BY
from rs_server.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AHEAD = 4
"""Pieces of an object that are asked for at once."""
ANOTHER_BY_NOW = frozenset({"PreconditionFailed", "NoSuchKey"})
"""What S3 says of an object that was to be deleted if it has an ETag, and does not have it."""
DELETE_BATCH = 1000
"""Keys that one DeleteObjects takes (S3 API reference)."""


JOURNAL = "journal.json"
"""Document of a job in which the catalog keeps what it may have to take back; there only while that may be so."""


def job_document_key(job_id: str, name: str) -> str:
    """Key of a document that belongs to a job, such as its `plan.json`."""
    return f"jobs/{job_id}/{name}"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What is known of an object without reading it."""

    size: int
    made_by: str = ""
    """Id of the job whose upload it was."""
    etag: str = ""


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
        except ClientError as error:
            try:
                return await self.read_json(key)
            except NotFound:  # the other writer has not come to its end either
                raise BackendUnavailable("Another request is writing the same. Try again in a moment.") from error
        return document

    async def find(self, key: str) -> StoredObject | None:
        """What is at `key`; None where there is nothing."""
        try:
            answer = await call(self.s3.head_object, Bucket=self.bucket, Key=key)
        except NotFound:
            return None
        return StoredObject(answer["ContentLength"], answer["Metadata"].get(MADE_BY, ""), answer["ETag"])

    async def pieces(self, key: str, *, start: int, stop: int, size: int) -> AsyncGenerator[bytes]:
        """The bytes of an object from `start` up to `stop`, in order, in pieces of `size`.

        Several are asked for at once: one answer of S3 comes with some 90 MB/s, which is less than a hash can take.
        """
        coming: deque[asyncio.Task[bytes]] = deque()
        try:
            for first in range(start, stop, size):
                coming.append(asyncio.create_task(self._piece(key, first, min(first + size, stop) - 1)))
                if len(coming) == AHEAD:
                    yield await coming.popleft()
            while coming:
                yield await coming.popleft()
        finally:
            for task in coming:
                task.cancel()
            await asyncio.gather(*coming, return_exceptions=True)

    async def _piece(self, key: str, first: int, last: int) -> bytes:
        def read() -> bytes:
            answer = self.s3.get_object(Bucket=self.bucket, Key=key, Range=f"bytes={first}-{last}")
            return answer["Body"].read()

        return await call(read)

    async def delete(self, keys: Iterable[str], etags: Mapping[str, str] | None = None) -> None:
        """Delete objects; those that are not there count as deleted. Raises BackendUnavailable if one was not.

        With `etags` by key an object stays that is another by now, which counts as well.
        """
        remaining = [{"Key": key} | ({"ETag": etags[key]} if etags else {}) for key in keys]
        while remaining:
            batch, remaining = remaining[:DELETE_BATCH], remaining[DELETE_BATCH:]
            answer = await call(self.s3.delete_objects, Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})
            if errors := [error for error in answer.get("Errors", []) if error.get("Code") not in ANOTHER_BY_NOW]:
                codes = sorted({error.get("Code", "") for error in errors})
                logger.error("storage did not delete objects", count=len(errors), codes=codes)
                raise BackendUnavailable(f"The storage did not delete {len(errors)} objects. Try again later.")

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
