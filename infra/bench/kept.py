"""Engines whose data is kept below `.local/bench/kept`, so that a second run does not load a million items again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx

from bench import bulk, ours, sentinel
from local import parts
from rs_server.catalog import stored, times
from rs_server.catalog.engine import mappings

LOADERS = (bulk, ours, sentinel, stored, times)
"""The modules that decide what is in a document, beside the benchmark's own."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a benchmark searches: the folder of its engine, named after all that decides what is in it."""

    folder: Path

    @classmethod
    def of(cls, home: parts.Home, name: str, size: object, benchmark: str) -> Data:
        """The data of the benchmark called `name`, of this size, that the module at the path `benchmark` loads."""
        sources = [Path(str(module.__file__)).read_bytes() for module in LOADERS] + [Path(benchmark).read_bytes()]
        layout = [mappings.ITEMS, mappings.ITEM_SETTINGS, mappings.COLLECTIONS, mappings.COLLECTION_SETTINGS]
        digest = sha256(b"\0".join([*sources, json.dumps(layout).encode(), repr(size).encode()])).hexdigest()
        return cls(home.data("kept") / f"{name}-{digest[:16]}")

    @property
    def complete(self) -> Path:
        """A file that is there while all is loaded and nobody works on it."""
        return self.folder / "complete"

    @contextmanager
    def in_use(self) -> Iterator[bool]:
        """Whether all is there; after a block that ends well it is, and what earlier sources or sizes loaded is gone.

        A run that fails may leave anything, so the next one loads anew.
        """
        loaded = self.complete.exists()
        self.complete.unlink(missing_ok=True)
        yield loaded
        name = self.folder.name.rpartition("-")[0]
        for other in self.folder.parent.glob(f"{name}-*"):
            if other != self.folder:
                shutil.rmtree(other)
        self.complete.touch()


def flush(engine_url: str) -> None:
    """Have all that was written on disk, so that a node that starts again has nothing to do over."""
    httpx.post(f"{engine_url}/_flush", timeout=300).raise_for_status()
