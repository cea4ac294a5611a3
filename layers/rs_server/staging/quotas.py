"""Quotas: how many jobs, and how many bytes, a user may have under way.

Records `quota#{login}`/`jobs` and `quota#{login}`/`bytes` say what each job counts for, so that it counts once and is
given back once, whatever is repeated. What a job that ended did not give back is found when a quota is full.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

from rs_server.errors import PayloadTooLarge, TooManyRequests
from rs_server.staging.concurrency import each
from rs_server.staging.jobs import Job
from rs_server.staging.table import Change, Key, Table

AT_ONCE = 8
WAIT_SECONDS = 60
"""How long a job waits before it asks again whether there is room for its bytes."""
Kind = Literal["jobs", "bytes"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one user may have under way."""

    jobs: int = 100
    bytes: int = 20 * 1024**4


class Quotas:
    """What users have under way, in the jobs table."""

    def __init__(
        self, table: Table, is_closed: Callable[[str], Coroutine[Any, Any, bool]], limits: Limits | None = None
    ) -> None:
        self.table = table
        self.is_closed = is_closed
        self.limits = limits or Limits()

    async def take_job(self, login: str, job_id: str) -> None:
        """Count a job; raises TooManyRequests when the user has as many as may be."""
        if not await self._take(login, "jobs", job_id, 1, self.limits.jobs):
            raise TooManyRequests(
                f"You have {self.limits.jobs} jobs under way, as many as a user may. Wait until one has ended.",
                retry_after=WAIT_SECONDS,
            )

    async def take_bytes(self, job: Job, count: int) -> None:
        """Count the bytes of a job; raises TooManyRequests, to wait with it, while the user has too many under way.

        PayloadTooLarge when it alone has more than a user may.
        """
        most = self.limits.bytes
        if count > most:
            raise PayloadTooLarge(f"{count} bytes are more than a user may have under way ({most}). Stage it in parts.")
        if not await self._take(job.owner, "bytes", job.id, count, most):
            raise TooManyRequests(
                f"The job waits: with it you would have more than {most} bytes under way.", retry_after=WAIT_SECONDS
            )

    async def give_back(self, job: Job) -> None:
        """Count a job no more."""
        await self._give_back(job.owner, "jobs", job.id)
        await self._give_back(job.owner, "bytes", job.id)

    async def _take(self, login: str, kind: Kind, job_id: str, count: int, most: int) -> bool:
        if await self._add(login, kind, job_id, count, most):
            return True
        record = await self.table.get(_key(login, kind)) or {}
        if _member(job_id) in record:
            return True
        others = [name.removeprefix("job_").replace("_", "-") for name in record if name.startswith("job_")]
        ended = await each(others, self.is_closed, AT_ONCE)
        for other in (other for other, over in zip(others, ended, strict=True) if over):
            await self._give_back(login, kind, other)
        return any(ended) and await self._add(login, kind, job_id, count, most)

    async def _add(self, login: str, kind: Kind, job_id: str, count: int, most: int) -> bool:
        member = _member(job_id)
        changed = await self.table.change(
            Change(
                key=_key(login, kind),
                put={member: count},
                add={"used": count},
                when=f"attribute_not_exists(#{member}) AND (attribute_not_exists(#used) OR #used <= :room)",
                values={"room": most - count},
            )
        )
        return changed is not None

    async def _give_back(self, login: str, kind: Kind, job_id: str) -> None:
        member = _member(job_id)
        record = await self.table.get(_key(login, kind)) or {}
        if member in record:
            await self.table.change(
                Change(
                    key=_key(login, kind),
                    add={"used": -record[member]},
                    remove=(member,),
                    when=f"attribute_exists(#{member})",
                )
            )


def _key(login: str, kind: Kind) -> Key:
    return Key(f"quota#{login}", kind)


def _member(job_id: str) -> str:
    return "job_" + job_id.replace("-", "_")  # the name of an attribute in expressions has no hyphen
