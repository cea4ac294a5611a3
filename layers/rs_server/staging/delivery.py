"""Deliveries: one coming of a message to a worker, kept from others while it is worked on, then done or given back.

A message comes with a long visibility (the queue's, at least the function's time). The worker shortens it at once and
extends it while it is alive, so that the message of a worker that died comes back soon.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rs_server.staging.beating import Exhausted, OutOfTime
from rs_server.staging.messages import WorkQueue

VISIBLE_AGAIN_SECONDS = 40
"""How long a message stays hidden after its worker's last sign of life."""
KEEP_EVERY_SECONDS = 10
ATTEMPTS = 5
"""Deliveries after which a message's work counts as failed. The queue's maxReceiveCount is one more."""


@dataclass
class Delivery:
    """A message in the hands of this worker. `stop_at` is on the clock `monotonic`."""

    queue: WorkQueue
    receipt: str
    count: int
    """How often the message has been delivered, this time included."""
    stop_at: float
    monotonic: Callable[[], float] = time.monotonic
    _kept: float = field(default=float("-inf"), init=False)

    @property
    def last(self) -> bool:
        """Whether the work fails if it does not succeed now."""
        return self.count >= ATTEMPTS

    def check(self) -> None:
        """Raise Exhausted when all attempts before ended without a word: their workers were killed."""
        if self.count > ATTEMPTS:
            raise Exhausted

    async def keep(self) -> None:
        """Show a sign of life; raises OutOfTime when the function's own time is nearly over."""
        now = self.monotonic()
        if now >= self.stop_at:
            raise OutOfTime
        if now - self._kept >= KEEP_EVERY_SECONDS:
            await self.queue.hide(self.receipt, VISIBLE_AGAIN_SECONDS)
            self._kept = now

    async def give_back(self) -> None:
        """Let the message come again after a pause that grows with each delivery."""
        await self.queue.hide(self.receipt, 2**self.count)
