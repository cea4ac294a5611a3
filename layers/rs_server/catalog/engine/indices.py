"""Names of the catalog's indices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indices:
    """Two aliases, which all reads and writes go through, so that what is behind them can be replaced."""

    prefix: str = "rs"

    @property
    def items(self) -> str:
        """Items of all collections of all owners."""
        return f"{self.prefix}-items"

    @property
    def collections(self) -> str:
        """Collections of all owners."""
        return f"{self.prefix}-collections"
