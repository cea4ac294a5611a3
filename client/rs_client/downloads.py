"""Download an asset to a folder: resumed where it stopped, checked against the item, and only then given its name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from rs_client.addresses import is_below
from rs_client.errors import Damaged, Refused, ServiceFailed, Unreachable

if TYPE_CHECKING:
    import httpx
    from pystac import Asset

    from rs_client.transport import Api

ATTEMPTS = 5
"""Connections in a row that may break without a byte."""
MULTIHASHES = {"1114": "sha1", "1220": "sha256", "1340": "sha512", "d50110": "md5"}
"""Prefix of a multihash in hexadecimal (code and length) to the algorithm's name (multiformats table)."""

Received = Callable[[int], None]
"""Told how many bytes of the asset are on disk now."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that was downloaded, and how sure it is."""

    path: Path
    size: int
    checked: tuple[str, ...]
    """What was compared with the item: `size` and the name of the checksum's algorithm."""


class Downloads:
    """Files of the assets of catalog items."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def fetch(self, asset: Asset, name: str, folder: Path, received: Received = lambda _: None) -> Downloaded:
        """Download `asset` to `folder/name`; what an earlier attempt left in `name.part` is gone on with.

        A file that is there already and is what the item says is left alone. Raises Damaged where size or checksum
        of what came are not those of the item; then nothing of it is kept.
        """
        path = folder / safe_name(name)
        part = path.with_name(path.name + ".part")
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            checked, fault = compare(path, asset)
            if checked and not fault:
                return Downloaded(path, path.stat().st_size, checked)
        self._receive(asset.href, part, asset.extra_fields.get("file:size"), received)
        checked, fault = compare(part, asset)
        if fault:
            part.unlink()
            raise Damaged(f"{path.name}: {fault}", "What came was thrown away. Run the command again.")
        part.replace(path)
        return Downloaded(path, path.stat().st_size, checked)

    def _receive(self, href: str, part: Path, size: int | None, received: Received) -> None:
        """Bring `part` to its whole length; a connection that breaks is taken up again while bytes arrive."""
        failures, before = 0, _kept(part, size)
        while before != size or not part.exists():
            try:
                self._append(href, part, before, received)
            except Unreachable:
                arrived = part.stat().st_size if part.exists() else 0
                failures = 0 if arrived > before else failures + 1
                if failures >= ATTEMPTS:
                    raise
                before = arrived
            else:
                return

    def _append(self, href: str, part: Path, start: int, received: Received) -> None:
        """Write the bytes from `start` on to the end of `part`, or all of them where the server gives no part."""
        import httpx

        answer = self._open(href, start)
        try:
            if answer.status_code == HTTPStatus.OK:
                start = 0
            elif not answer.headers.get("content-range", "").startswith(f"bytes {start}-"):
                raise ServiceFailed(f"The server answered with other bytes of {part.stem} than were asked for.")
            with part.open("r+b" if start else "wb") as file:
                file.seek(start)
                for chunk in answer.iter_bytes():
                    file.write(chunk)
                    received(file.tell())
        except httpx.HTTPError as error:
            raise Unreachable(
                f"The connection broke after {part.stat().st_size} bytes of {part.stem}: {error}.",
                "Run the same command again: it goes on where it stopped.",
            ) from error
        finally:
            answer.close()

    def _open(self, href: str, start: int) -> httpx.Response:
        """Ask for the bytes from `start` on. The key goes to our server only, which redirects to the storage."""
        headers = {"accept-encoding": "identity"} | ({"range": f"bytes={start}-"} if start else {})
        try:
            answer = self._api.send(self._api.build("GET", href, headers=headers), stream=True)
            if answer.is_redirect:
                answer.close()
                location = str(answer.url.join(answer.headers["location"]))
                answer = self._api.send(self._api.build("GET", location, headers=headers), stream=True)
        except Refused as refused:
            if is_below(href, self._api.url):
                raise
            hint = "The asset is at a station: stage it into a collection first."
            raise Refused(refused.message, hint, status=refused.status) from refused
        return answer


def compare(file: Path, asset: Asset) -> tuple[tuple[str, ...], str]:
    """What of `file` could be compared with what the item says of the asset, and what is wrong with it (or nothing)."""
    checked: list[str] = []
    expected = asset.extra_fields.get("file:size")
    if expected is not None:
        if file.stat().st_size != expected:
            return (), f"it has {file.stat().st_size} bytes, the item says {expected}."
        checked.append("size")
    multihash = str(asset.extra_fields.get("file:checksum", "")).lower()
    for prefix, algorithm in MULTIHASHES.items():
        if multihash.startswith(prefix):
            if _digest(file, algorithm) != multihash.removeprefix(prefix):
                return (), f"its {algorithm} is not the one that the item says."
            checked.append(algorithm)
    return tuple(checked), ""


def safe_name(name: str) -> str:
    """`name` as a file's name; the server is not trusted to name a path."""
    if PurePosixPath(name).name != name or name in {"", ".", ".."} or "\\" in name:
        raise Damaged(f"Asset {name!r} cannot be a file's name.", "Ask the item's owner to rename it.")
    return name


def _kept(part: Path, size: int | None) -> int:
    """Bytes of an earlier attempt to go on with: none where they cannot belong to an asset of `size`."""
    if not part.exists():
        return 0
    kept = part.stat().st_size
    return kept if size is not None and kept <= size else 0


def _digest(file: Path, algorithm: str) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
