"""The packages of the layers, as `sam build` installs them: written from uv.lock, and compared with it.

`python -m local.requirements` writes `layers/*/requirements.txt`; with `--check` it only says whether they
are what uv.lock gives.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]

USELESS = frozenset({"grpcio", "opensearch-protobufs", "protobuf", "uvicorn"})
"""Required by packages of the layers for what a function never does: serve by itself, speak gRPC (20 MB)."""


OTHERS = ("authorizer", "stac")
"""Layers, and groups of uv.lock, that come on top of `core`."""


def export(group: str) -> list[str]:
    """Every package that a dependency group needs, pinned as in uv.lock."""
    command = ["uv", "export", "--quiet", "--frozen", "--only-group", group]
    plain = ["--no-hashes", "--no-header", "--no-annotate"]
    answer = subprocess.run([*command, *plain], cwd=ROOT, check=True, capture_output=True, text=True)
    return answer.stdout.splitlines()


def layers(core: Iterable[str], others: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Text of the requirements of each layer, without what is in `core` already, and what is of no use."""
    base = [line for line in core if _package(line) not in USELESS]
    found = {"core": base}
    for layer, lines in others.items():
        found[layer] = [line for line in lines if _package(line) not in USELESS and line not in base]
    return {layer: "".join(f"{line}\n" for line in lines) for layer, lines in found.items()}


def _package(requirement: str) -> str:
    return requirement.partition("==")[0]


def main() -> int:
    """Write or compare the files; with `--check`, 1 when one of them differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    check = parser.parse_args().check
    stale = 0
    for layer, text in layers(export("core"), {group: export(group) for group in OTHERS}).items():
        path = ROOT / "layers" / layer / "requirements.txt"
        if path.exists() and path.read_text() == text:
            continue
        if check:
            print(f"{path.relative_to(ROOT)} is not what uv.lock gives. Run `make lock`.")
            stale = 1
        else:
            path.write_text(text)
    return stale


if __name__ == "__main__":
    sys.exit(main())
