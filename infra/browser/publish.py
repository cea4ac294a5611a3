"""Putting the built browser and our pages into their bucket: only what has changed, and nothing else is left there."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGES = Path(__file__).parent / "pages"
FOREVER = "public, max-age=31536000, immutable"
CHECKED = "no-cache"
"""Kept by browsers, but asked for again each time: names that stay while contents change."""
AT_ONCE = 8
TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One object of the site."""

    content: bytes
    media_type: str
    caching: str

    @property
    def etag(self) -> str:
        """What the bucket calls this content."""
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'


def settings(outputs: Mapping[str, str]) -> dict[str, object]:
    """What pages must know of a deployment, out of its stack's outputs."""
    issuer = outputs.get("OidcIssuer", "")
    oidc = {"issuer": issuer, "clientId": outputs["OidcClientId"]} if issuer else None
    return {"apiUrl": outputs["ApiUrl"], "oidc": oidc}


def site(built: Path, values: Mapping[str, object]) -> dict[str, StaticFile]:
    """All files by key: those of the build, our pages, and `config.js` with the deployment's values."""
    files = {key: path.read_bytes() for folder in (built, PAGES) for key, path in _files(folder)}
    files["config.js"] = f"window.RS_SERVER = {json.dumps(values)};\n".encode()
    return {key: StaticFile(content, media_type(key), caching(key)) for key, content in files.items()}


def media_type(key: str) -> str:
    """The media type of a file, by its name's end."""
    return TYPES.get(Path(key).suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream"


def caching(key: str) -> str:
    """How long a browser may keep a file: the build's own names hold a digest of the content."""
    return FOREVER if key.startswith(("css/", "js/", "img/", "fonts/")) else CHECKED


def publish(s3: S3Client, bucket: str, files: Mapping[str, StaticFile]) -> int:
    """Make `files` the whole content of the bucket; gives how many had to be written."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    there = {found["Key"]: found["ETag"] for page in pages for found in page.get("Contents", [])}
    changed = {key: file for key, file in files.items() if there.get(key) != file.etag}

    def put(key: str) -> None:
        file = changed[key]
        s3.put_object(Bucket=bucket, Key=key, Body=file.content, ContentType=file.media_type, CacheControl=file.caching)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(put, changed))
    for key in there.keys() - files.keys():
        s3.delete_object(Bucket=bucket, Key=key)
    return len(changed)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    return ((path.relative_to(folder).as_posix(), path) for path in sorted(folder.rglob("*")) if path.is_file())
