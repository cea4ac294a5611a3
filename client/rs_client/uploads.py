"""Upload files as the assets of an item: straight into the bucket, by addresses that the server presigns."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from rs_client.addresses import in_path
from rs_client.errors import RsClientError, ServiceFailed, Unreachable
from rs_client.parallel import Stop, in_parallel

if TYPE_CHECKING:
    from rs_client.transport import Api

MEBIBYTE = 1024**2
ONE_PUT = 64 * MEBIBYTE
"""Largest file that is sent in one request; larger ones are sent in parts of this size, or larger for want of parts."""
MOST_PARTS = 1024
ATTEMPTS = 5
PIECE = MEBIBYTE
DEFAULT_TYPE = "application/octet-stream"

Sent = Callable[[int], None]
"""Told of bytes that were sent, each time of those since the last; negative for bytes that have to be sent again."""


class Uploads:
    """Files into items of the catalog."""

    def __init__(self, api: Api, one_put: int = ONE_PUT) -> None:
        self._api = api
        self._one_put = one_put

    def send(
        self,
        collection: str,
        item_id: str,
        asset: str,
        file: Path,
        *,
        content_type: str = "",
        threads: int = 4,
        sent: Sent = lambda _: None,
    ) -> dict[str, Any]:
        """Upload `file`, and give the asset by which the item is to point at it: `href`, `type`, size and checksum.

        The object is at its place when this returns; the item is yet to be written. What is interrupted is dropped.
        """
        kind = content_type or mimetypes.guess_type(file.name)[0] or DEFAULT_TYPE
        size = file.stat().st_size
        wanted: dict[str, Any] = {"size": size, "content_type": kind}
        if size > self._one_put:
            wanted["parts"] = min(MOST_PARTS, -(-size // self._one_put))
        place = f"/catalog/collections/{in_path(collection)}/items/{in_path(item_id)}/upload/{in_path(asset)}"
        plan = self._api.request("POST", place, json=wanted)
        if "parts" in plan:
            self._send_parts(plan, file, size, threads, sent)
        else:
            self._put(plan["url"], file, range(size), plan["headers"], sent)
        checksum = _multihash(file)
        return {"href": plan["href"], "type": kind, "file:size": size, "file:checksum": checksum}

    def _send_parts(self, plan: dict[str, Any], file: Path, size: int, threads: int, sent: Sent) -> None:
        """Send all parts, some at a time, and make them one object; drop them all where one cannot be sent."""
        length = int(plan["part_size"])

        def put(part: dict[str, Any], stop: Stop) -> str:
            start = (part["part_number"] - 1) * length

            def checked(count: int) -> None:
                stop.check()
                sent(count)

            return self._put(part["url"], file, range(start, min(start + length, size)), {}, checked)

        try:
            with closing(in_parallel(put, plan["parts"], threads)) as ended:
                tags = {part["part_number"]: tag.result() for part, tag in ended}
            self._complete(plan["complete"], tags)
        except BaseException:
            with suppress(RsClientError):
                self._api.send(self._api.build(plan["abort"]["method"], plan["abort"]["url"]))
            raise

    def _put(self, url: str, file: Path, bytes_of: range, headers: dict[str, str], sent: Sent) -> str:
        """Send some bytes of `file`, again where a connection breaks or the storage fails; gives their ETag."""
        headers = headers | {"content-length": str(len(bytes_of))}
        for attempts_left in reversed(range(ATTEMPTS)):
            body = _Body(file, bytes_of, sent)
            try:
                answer = self._api.send(self._api.build("PUT", url, content=iter(body), headers=headers))
            except (Unreachable, ServiceFailed):
                sent(-body.sent)
                if not attempts_left:
                    raise
            else:
                break
        return str(answer.headers.get("etag", ""))

    def _complete(self, request: dict[str, Any], tags: dict[int, str]) -> None:
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(tags[number])}</ETag></Part>"
            for number in sorted(tags)
        )
        document = f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()
        answer = self._api.send(
            self._api.build(request["method"], request["url"], content=document, headers=request["headers"])
        )
        if "<Error>" in answer.text:  # S3 may find out after it has answered 200
            raise ServiceFailed("The storage could not put the parts together.", "Upload the file again.")


class _Body:
    """Some bytes of a file, piece by piece, counted as they go."""

    def __init__(self, file: Path, bytes_of: range, count: Sent) -> None:
        self.sent = 0
        self._file, self._bytes, self._count = file, bytes_of, count

    def __iter__(self) -> Iterator[bytes]:
        with self._file.open("rb") as stream:
            stream.seek(self._bytes.start)
            while self.sent < len(self._bytes):
                piece = stream.read(min(PIECE, len(self._bytes) - self.sent))
                if not piece:
                    raise RsClientError(f"{self._file} became shorter while it was sent.", "Upload it again.")
                yield piece
                self.sent += len(piece)
                self._count(len(piece))


def _multihash(file: Path) -> str:
    """SHA-256 of a file as the file extension of STAC writes checksums: `1220`, then the digest in hexadecimal."""
    with file.open("rb") as stream:
        return "1220" + hashlib.file_digest(stream, "sha256").hexdigest()
