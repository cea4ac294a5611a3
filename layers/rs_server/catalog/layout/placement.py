"""What a collection's document says about where its items lie, and about a move that is on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import LAYOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move that has begun. Its index and aliases have its id in their names, so that no two moves share one."""

    id: str
    own: bool
    """Whether it leads into an index of the collection's own; else into the shared one."""
    frozen: bool = False
    """Whether writes have to wait, since the last changes are being copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What the last move has left behind, which goes when no search that began before can still need it."""

    index: str
    """The own index that was left; empty where it is the copies in the shared one."""
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a collection's items lie. A collection that was never moved says nothing: they are in the shared index."""

    index: str = ""
    """The collection's own index; empty for the shared one."""
    generation: int = 0
    """How many moves have been finished."""
    kept: bool = False
    """Whether an operator has put the collection where it is, so that it is not moved for its size."""
    kept_before: bool = False
    """Whether an operator had done that before the move that is on its way, and so does again if it is given up."""
    move: Move | None = None
    left: Left | None = None

    @classmethod
    def of(cls, collection: Mapping[str, Any]) -> Placement:
        """The placement in the stored form of a collection."""
        stored = collection.get(LAYOUT) or {}
        move, left = stored.get("move"), stored.get("left")
        return cls(
            index=stored.get("index", ""),
            generation=stored.get("generation", 0),
            kept=stored.get("kept", False),
            kept_before=stored.get("kept_before", False),
            move=Move(**move) if move else None,
            left=Left(**left) if left else None,
        )

    def to_json(self) -> dict[str, Any]:
        """The form in which it is stored."""
        return {name: value for name, value in asdict(self).items() if value}

    def home(self, indices: Indices) -> str:
        """The index that the collection's items are written to."""
        return self.index or indices.shared

    @property
    def frozen(self) -> bool:
        """Whether writes have to wait."""
        return self.move is not None and self.move.frozen
