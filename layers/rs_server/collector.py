"""The garbage collector in functions whose requests or answers are large."""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 20_000
"""New objects after which the garbage collector looks at them: a large page or batch has tens of thousands."""


def spare_what_is_loaded() -> None:
    """Have the garbage collector leave alone what is loaded by now, which stays as long as the process.

    Else it looks at all of it every few large requests, for some 0.1 s in which nothing is answered. For services whose
    requests and answers are large, once they have loaded everything.
    """
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
