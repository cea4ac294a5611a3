"""Uploading an asset's object: addresses that write to the one place where the item may point at it.

Small objects are one PUT. Others are a multipart upload, which the client does alone: it PUTs the parts, then POSTs
their list, and nobody sees the object before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from rs_server.errors import InvalidRequest
from rs_server.stac.ids import CollectionId, check_asset_name, check_item_id, object_key
from rs_server.storage.multipart import MEBIBYTE, Upload, part_count
from rs_server.storage.presigning import Presigner

GIBIBYTE = 1024 * MEBIBYTE
MAX_PUT = 5 * GIBIBYTE
"""Largest object of one PUT, and largest part of an upload (S3 quotas)."""
MIN_PART = 5 * MEBIBYTE
"""Smallest part of an upload but the last (S3 quotas)."""
MAX_PARTS = 1024
"""How many addresses an answer has: of the largest parts they are the largest object, and Lambda's 6 MB hold them."""
MAX_SIZE = MAX_PARTS * MAX_PUT
PART_SIZE = 64 * MEBIBYTE
"""Size of parts where the client has not said how many it wants, and 1024 of them do."""


class UploadRequest(BaseModel):
    """What a client says of the object that it will upload."""

    model_config = ConfigDict(extra="forbid", strict=True)

    size: Annotated[int, Field(ge=0, le=MAX_SIZE, description="Bytes of the object.")] | None = None
    content_type: Annotated[
        str, Field(max_length=255, pattern=r"^[!-.0-~]+/[ -.0-~]+$", description="Media type of the object.")
    ] = "application/octet-stream"
    parts: Annotated[int, Field(ge=1, le=MAX_PARTS, description="Asks for a multipart upload.")] | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """How an object is cut: how many parts, and the size of each but the last, where that is known."""

    count: int
    size: int | None

    @classmethod
    def of(cls, wanted: UploadRequest) -> Parts | None:
        """The parts of an upload, None for one PUT; raises InvalidRequest for parts that S3 does not take."""
        size, count = wanted.size, wanted.parts
        if size is None:
            return cls(count, None) if count else None
        if count:
            return cls._cut(size, count)
        if size <= MAX_PUT:
            return None
        part_size = max(PART_SIZE, -(-size // MAX_PARTS))
        return cls(part_count(size, part_size), part_size)

    @classmethod
    def _cut(cls, size: int, count: int) -> Parts:
        part_size = max(1, -(-size // count))
        if part_size > MAX_PUT or (count > 1 and part_size < MIN_PART):
            raise InvalidRequest(f"parts: {size} bytes in {count} parts; a part has 5 MiB to 5 GiB.")
        return cls(part_count(size, part_size), part_size)


async def plan_upload(
    presigner: Presigner, collection: CollectionId, item_id: str, asset_name: str, wanted: UploadRequest
) -> dict[str, Any]:
    """The requests by which the object of an asset is uploaded; raises InvalidRequest for names that cannot be.

    `href` of the answer is what the item's asset is to point at, once the object is there.
    """
    key = object_key(collection, check_item_id(item_id), check_asset_name(asset_name))
    parts = Parts.of(wanted)
    place = {"href": f"s3://{presigner.bucket}/{key}", "expires_in": presigner.seconds}
    if parts is None:
        length = {} if wanted.size is None else {"content-length": str(wanted.size)}
        url = await presigner.upload(key, wanted.content_type, wanted.size)
        return place | {"method": "PUT", "url": url, "headers": {"content-type": wanted.content_type} | length}
    upload = await presigner.open_upload(key, wanted.content_type)
    return place | await _multipart(presigner, upload, parts)


async def _multipart(presigner: Presigner, upload: Upload, parts: Parts) -> dict[str, Any]:
    urls = await presigner.parts(upload, parts.count)
    return {
        "upload_id": upload.id,
        "part_size": parts.size,
        "parts": [{"part_number": number, "method": "PUT", "url": url} for number, url in enumerate(urls, start=1)],
        "complete": {
            "method": "POST",
            "url": await presigner.complete(upload),
            "headers": {"content-type": "application/xml"},
        },
        "abort": {"method": "DELETE", "url": await presigner.abort(upload)},
    }
