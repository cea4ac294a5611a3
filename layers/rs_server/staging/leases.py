"""Leases: the right to plan, order for, publish or undo a job, which one worker at a time has.

A worker that stood still for longer than its lease goes on without knowing that another has taken the job. So it is not
trusted to know: what only the lease allows is written under the condition that nobody else has taken the job since, and
what no condition can be put on (the catalog, S3) is done only within a time that the lease is certain to last.

A job's record keeps the name of its last holder after the lease is given back. The condition then still holds for that
one, until another takes the job.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from rs_server.errors import BackendUnavailable
from rs_server.staging.beating import Busy
from rs_server.staging.jobs import Clock, job_key, timestamp, utc_now
from rs_server.staging.table import Change, Check, Table

LEASE_SECONDS = 30
"""How long a job stays with a worker after its last sign of life; less than its message is hidden (`delivery.py`)."""
NEVER = datetime.min.replace(tzinfo=UTC)
STILL_HELD = "#holder = :holder"


@dataclass(slots=True)
class Lease:
    """A lease on the job of this id, as its holder knows it."""

    job: str
    holder: str = field(default_factory=lambda: uuid.uuid4().hex)
    until: datetime = NEVER
    """How long it lasts at least, should its holder give no further sign of life."""
    unanswered: bool = False
    """Whether a call was made under it of which nobody knows whether it is over; it then lasts to its end."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while its time is written down: of two signs of life the later one counts."""

    @property
    def taken(self) -> bool:
        """Whether it was ever held."""
        return self.until > NEVER

    @property
    def check(self) -> Check:
        """A condition of transactions: that nobody else has taken the job."""
        return Check(key=job_key(self.job), when=STILL_HELD, values={"holder": self.holder})


class Leases:
    """The leases in the records of jobs."""

    def __init__(self, table: Table, clock: Clock = utc_now) -> None:
        self.table = table
        self.clock = clock

    async def take(self, lease: Lease) -> bool:
        """Take a lease; False while another worker has it."""
        free = f"attribute_not_exists(#held_until) OR {STILL_HELD} OR #held_until < :now"
        now = {"now": timestamp(self.clock())}
        return await self._hold(lease, LEASE_SECONDS, f"attribute_exists(#pk) AND ({free})", now)

    async def keep(self, lease: Lease, seconds: float = LEASE_SECONDS) -> None:
        """Have a lease last for `seconds` from now; raises Busy when another worker has taken the job.

        One that has run out can be kept as long as nobody has taken it. It is never taken again by this: its holder
        would go on with what it knew before another worker was at the job.
        """
        if not await self._hold(lease, seconds, STILL_HELD, {}):
            raise Busy

    @asynccontextmanager
    async def lasting(self, lease: Lease, seconds: float) -> AsyncIterator[None]:
        """Have a lease last for `seconds`, for a call that nobody must be able to follow before it is over.

        Whatever becomes of its caller: so it stays when the call is not answered, or not waited for since the caller is
        out of time. It may go on then.
        """
        await self.keep(lease, seconds)
        try:
            yield
        except (BackendUnavailable, asyncio.CancelledError):
            lease.unanswered = True
            raise
        lease.until = self.clock()

    async def release(self, lease: Lease) -> bool:
        """Give a lease back; False if another worker has taken the job since."""
        free: dict[str, Any] = {"put": {"holder": lease.holder}} if lease.unanswered else {"remove": ("held_until",)}
        released = await self.table.change(
            Change(key=job_key(lease.job), when=STILL_HELD, values={"holder": lease.holder}, **free)
        )
        return released is not None

    async def _hold(self, lease: Lease, seconds: float, when: str, values: dict[str, str]) -> bool:
        async with lease.turn:
            return await self._hold_in_turn(lease, seconds, when, values)

    async def _hold_in_turn(self, lease: Lease, seconds: float, when: str, values: dict[str, str]) -> bool:
        until = max(lease.until, self.clock() + timedelta(seconds=seconds))
        held = await self.table.change(
            Change(
                key=job_key(lease.job),
                put={"holder": lease.holder, "held_until": timestamp(until)},
                when=when,
                values={"holder": lease.holder, **values},
            )
        )
        if held is None:
            return False
        lease.until = until
        return True
