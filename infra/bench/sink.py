"""A bucket that keeps nothing: it takes multipart uploads as S3 does, checks each part's CRC-32, and drops the bytes.

So what is measured is who fills it, whatever the size.
"""

from __future__ import annotations

import base64
import itertools
import zlib
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BUCKET = "bench"
MODEL = "http://s3.amazonaws.com/doc/2006-03-01/"
Parts = dict[int, int]
"""Bytes of each part."""


def create_app() -> Starlette:
    """The bucket, with path-style addresses."""
    uploads: dict[str, Parts] = {}
    numbers = itertools.count(1)

    async def post(request: Request) -> Response:
        if "uploads" in request.query_params:
            name = f"upload-{next(numbers)}"
            uploads[name] = {}
            return _xml("InitiateMultipartUploadResult", f"<Key>k</Key><UploadId>{name}</UploadId>")
        uploads.pop(request.query_params["uploadId"], None)
        await request.body()
        return _xml("CompleteMultipartUploadResult", '<ETag>"done"</ETag>')

    async def put(request: Request) -> Response:
        checksum = size = 0
        async for chunk in request.stream():
            checksum = zlib.crc32(chunk, checksum)
            size += len(chunk)
        declared = request.headers.get("x-amz-checksum-crc32", "")
        if declared and base64.b64decode(declared) != checksum.to_bytes(4):
            return Response(status_code=400)
        upload = request.query_params.get("uploadId")
        if upload in uploads:
            uploads[upload][int(request.query_params["partNumber"])] = size
        return Response(headers={"etag": f'"{checksum:08x}"', "x-amz-checksum-crc32": declared})

    async def get(request: Request) -> Response:
        parts = uploads.get(request.query_params.get("uploadId", ""), {})
        listed = "".join(
            f'<Part><PartNumber>{number}</PartNumber><Size>{size}</Size><ETag>"x"</ETag></Part>'
            for number, size in sorted(parts.items())
        )
        return _xml("ListPartsResult", f"<IsTruncated>false</IsTruncated>{listed}")

    async def delete(request: Request) -> Response:
        uploads.pop(request.query_params.get("uploadId", ""), None)
        return Response(status_code=204)

    methods: dict[str, Any] = {"POST": post, "PUT": put, "GET": get, "DELETE": delete}
    return Starlette(routes=[Route("/{path:path}", act, methods=[method]) for method, act in methods.items()])


def _xml(name: str, content: str) -> Response:
    return Response(f'<?xml version="1.0"?><{name} xmlns="{MODEL}">{content}</{name}>', media_type="application/xml")
