"""Names of the catalog's indices and of their aliases."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from rs_server.stac.ids import CollectionId


@dataclass(frozen=True, slots=True)
class Indices:
    """The aliases that reads and writes go through, so that what is behind them can be replaced."""

    prefix: str = "rs"

    @property
    def items(self) -> str:
        """All items that readers may find, each once: what searches ask."""
        return f"{self.prefix}-items"

    @property
    def shared(self) -> str:
        """The index that small collections share, with whatever lies in it."""
        return f"{self.prefix}-items-shared"

    @property
    def collections(self) -> str:
        """Collections of all owners."""
        return f"{self.prefix}-collections"

    @property
    def names(self) -> str:
        """Names of properties that are not mapped from the start, each with the owner who brought it in."""
        return f"{self.prefix}-names"

    @property
    def batches(self) -> str:
        """Batches of items that are being written."""
        return f"{self.prefix}-batches"

    @property
    def layout(self) -> str:
        """Start of the alias that counts the changes of what searches see."""
        return f"{self.prefix}-layout-"

    def own(self, collection: CollectionId) -> str:
        """The alias of a collection's own index, which is there as long as readers are sent to it."""
        return f"{self.prefix}-own-{sha256(str(collection).encode()).hexdigest()[:40]}"

    def own_index(self, move: str) -> str:
        """The index that a move makes for a collection; another one for each move."""
        return f"{self.items}-own-{move}"

    def loading(self, move: str) -> str:
        """The alias through which a move writes, which is there as long as it may."""
        return f"{self.prefix}-loading-{move}"

    def lookup(self, collection: CollectionId) -> tuple[str, str]:
        """Where an item of a collection is read by its id: in the first of these that there is."""
        return self.own(collection), self.shared
