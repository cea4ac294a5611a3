"""The build of STAC Browser, kept by a digest of all that goes into it, so that it is done once.

`npm ci` fetches the locked packages, upstream's sources are patched, and its own build makes static files of them. The
files of other packages that our pages use (Swagger UI, the OIDC client, a stylesheet) are put beside them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from browser import patches

HERE = Path(__file__).parent
PACKAGES = ("package.json", "package-lock.json", ".npmrc")
INPUTS = (*PACKAGES, "patches.py", "build.py", "source")
UPSTREAM = Path("node_modules/@radiantearth/stac-browser")
VENDORED: Mapping[str, str] = {
    "vendor/htm-preact.js": "htm/preact/standalone.module.js",
    "vendor/oidc-client.js": "oidc-client-ts/dist/browser/oidc-client-ts.min.js",
    "vendor/pico.css": "@picocss/pico/css/pico.min.css",
    "vendor/swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "vendor/swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "land.json": "world-atlas/land-50m.json",
}
"""Files of packages, by where they go."""
OWN_COPIES = ("vue-read-more-smooth",)
"""Packages that we patch: a copy of each lies with the sources, which find it before the one of the others."""
FOR_TESTS: Mapping[str, str] = {"axe.js": "axe-core/axe.min.js"}
"""Beside the site, not in it."""
SETTINGS = {
    "SB_pathPrefix": "./",
    "SB_historyMode": "hash",
    "SB_catalogTitle": "rs-server",
    # Browsers of the last years only: upstream's list has the build made twice, for those without modules as well.
    "BROWSERSLIST": "chrome >= 109, edge >= 109, firefox >= 115, safari >= 16",
}


class BuildFailed(Exception):
    """The browser could not be built; the message says which command failed."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished build."""

    folder: Path

    @property
    def site(self) -> Path:
        """The static files."""
        return self.folder / "site"


def digest(here: Path = HERE) -> str:
    """SHA-256 over everything that the build depends on."""
    found = hashlib.sha256()
    for name in INPUTS:
        path = here / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                content = file.read_bytes()
                found.update(f"{file.relative_to(here)}\0{len(content)}\0".encode())
                found.update(content)
    return found.hexdigest()


def finished(home: Path) -> Built | None:
    """The build of the present inputs below `home`, or None when it is still to be made."""
    folder = home / digest()[:16]
    return Built(folder) if folder.exists() else None


def build(home: Path) -> Built:
    """Have the build of the present inputs below `home`; nothing is done when it is there. Raises BuildFailed."""
    home = home.resolve()
    folder = home / digest()[:16]
    if folder.exists():
        return Built(folder)
    work = home / "work"
    packages = _install(work)
    source = _source(work)
    _run(["node", str(packages / "@vue/cli-service/bin/vue-cli-service.js"), "build", "--noSourceMaps"], source)
    draft = home / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(source / "dist", draft / "site")
    for target, name in (*_below("site", VENDORED), *FOR_TESTS.items()):
        (draft / target).parent.mkdir(exist_ok=True)
        shutil.copyfile(packages / name, draft / target)
    draft.rename(folder)
    shutil.rmtree(work)
    return Built(folder)


def _below(folder: str, files: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(f"{folder}/{target}", name) for target, name in files.items()]


def _install(work: Path) -> Path:
    """The locked packages; their own install scripts are not run. Gives their folder."""
    packages = work / "node_modules"
    installed = packages / ".installed.json"
    lock = (HERE / "package-lock.json").read_text()
    if installed.exists() and installed.read_text() == lock:
        return packages
    work.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        shutil.copyfile(HERE / name, work / name)
    _run(["npm", "ci", "--ignore-scripts", "--prefer-offline"], work)
    installed.write_text(lock)
    return packages


def _source(work: Path) -> Path:
    """Upstream's sources with what is ours; below `work`, so that they find the packages."""
    source = work / "stac-browser"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(work / UPSTREAM, source)
    shutil.copytree(HERE / "source", source, dirs_exist_ok=True)
    for name in OWN_COPIES:
        shutil.copytree(work / "node_modules" / name, source / "node_modules" / name)
    patches.apply(source)
    return source


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        answer = subprocess.run(command, cwd=folder, env=os.environ | SETTINGS, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        raise BuildFailed(f"{command[0]} cannot be run: {error.strerror}.") from error
    if answer.returncode:
        raise BuildFailed(f"`{' '.join(command[:2])}` ended with {answer.returncode}.")
