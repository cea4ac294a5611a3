"""Applications that tests share, though each has stores, grants and clocks of its own."""

from __future__ import annotations

from typing import Any


class OfThisTest:
    """Stands for what the running test has in an application made once, as making one takes longer than most tests."""

    def __init__(self) -> None:
        self.part: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.part, name)
