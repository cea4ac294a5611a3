"""Job records in the jobs table, and the steps that a job can take.

Every step from one stage to the next is a conditional change, so that of two workers, or a worker and an owner who
dismisses the job, exactly one makes it.
"""

from __future__ import annotations

from typing import Any

from rs_server.staging.concurrency import each
from rs_server.staging.jobs import CLOSED, OPEN, Clock, Failure, Job, Stage, Status, job_key, timestamp, utc_now
from rs_server.staging.leases import STILL_HELD, Lease
from rs_server.staging.table import Change, Key, Record, Table

BY_OWNER = "by_owner"
BY_WATCH = "by_watch"
AT_ONCE = 8
PAGE = 200
"""Job records that one query of the index reads."""


class JobStore:
    """Job records in the jobs table."""

    def __init__(self, table: Table, clock: Clock = utc_now) -> None:
        self.table = table
        self.clock = clock

    async def create(self, job: Job) -> None:
        """Record a new job."""
        await self.table.put(job.to_record())

    async def create_once(self, job: Job) -> bool:
        """Record a new job; False if there is one of its id."""
        return await self.table.put(job.to_record(), "attribute_not_exists(#pk)")

    async def get(self, job_id: str) -> Job | None:
        """The job of this id, as last written."""
        record = await self.table.get(job_key(job_id))
        return Job.from_record(record) if record else None

    async def delete(self, job_id: str) -> None:
        """Forget a job."""
        await self.table.delete(job_key(job_id))

    async def forget(self, job_id: str) -> None:
        """Forget a job with all its transfers; its own record last, so that it is found again if this is cut short."""
        own = job_key(job_id)
        transfers = [Key(record["pk"], record["sk"]) for record in await self.table.below(own.pk, "transfer#")]
        await each(transfers, self.table.delete, AT_ONCE)
        await self.table.delete(own)

    async def page(
        self, owner: str | None, since: str = "0", until: str = "~", start: Record | None = None
    ) -> tuple[list[Job], Record | None]:
        """Jobs of `owner` created from `since` to `until`, newest first, and where the next page starts.

        Without owner: jobs of all, in no order, of all times.
        """
        if owner is None:
            records, following = await self.table.scan(start, IndexName=BY_OWNER, Limit=PAGE)
        else:
            records, following = await self.table.page(
                condition="#owner = :owner AND #created BETWEEN :since AND :until",
                values={"owner": owner, "since": since, "until": until},
                start=start,
                IndexName=BY_OWNER,
                ScanIndexForward=False,
                Limit=PAGE,
            )
        return [Job.from_record(record) for record in records], following

    async def told(self, job_id: str, event: str) -> None:
        """Note what the subscriber has been told, or was tried in vain; nothing follows the end."""
        await self.table.change(
            Change(
                key=job_key(job_id),
                put={"told": event},
                when="attribute_exists(#pk) AND #told <> :ended",
                values={"ended": "ended"},
            )
        )

    async def going_on(self) -> list[Job]:
        """All jobs that have not come to their end."""
        return await self._watched("#watch = :open", {"open": OPEN})

    async def ended_of(self, until: str) -> list[Job]:
        """Some of the jobs that have ended and were created before `until`, the oldest first."""
        return await self._watched("#watch = :closed AND #created < :until", {"closed": CLOSED, "until": until}, PAGE)

    async def _watched(self, condition: str, values: dict[str, Any], most: int | None = None) -> list[Job]:
        """The jobs of an index that holds their keys only, as last written."""
        found: list[Record] = []
        start: Record | None = None
        while True:
            page, start = await self.table.page(
                condition=condition, values=values, start=start, IndexName=BY_WATCH, Limit=PAGE
            )
            found += page
            if start is None or (most is not None and len(found) >= most):
                break
        jobs = await each(found, lambda record: self.table.get(Key(record["pk"], record["sk"])), AT_ONCE)
        return [Job.from_record(record) for record in jobs if record]

    async def start(self, job_id: str) -> None:
        """Show that planning has begun."""
        await self._step(
            job_id,
            "#status = :accepted",
            {"accepted": "accepted"},
            status="running",
            started=timestamp(self.clock()),
            message="The items are read and checked.",
        )

    async def begin_transfers(
        self, lease: Lease, *, files: int, files_left: int, total: int, ordering: str = ""
    ) -> bool:
        """Step from planning to transferring; False if the job is elsewhere."""
        return await self._step(
            lease,
            "#stage = :planning",
            {"planning": "planning"},
            stage="transferring",
            files=files,
            files_left=files_left,
            ordering=ordering,
            bytes=total,
            message=f"{files_left} of {files} files are to be transferred.",
        )

    async def advance(self, job_id: str, count: int) -> bool:
        """Count `count` more bytes; False when the job no longer transfers, and the caller must stop."""
        changed = await self.table.change(
            Change(
                key=job_key(job_id),
                add={"bytes_done": count},
                put={"updated": timestamp(self.clock())},
                when="#stage = :transferring",
                values={"transferring": "transferring"},
            )
        )
        return changed is not None

    async def note_orders(self, job: str | Lease, ordering: str, next_look: str | None = None) -> bool:
        """Write down where the orders of a job stand, and when they are looked after next, where that has changed.

        False when the job no longer transfers.
        """
        changed = {"ordering": ordering} | ({} if next_look is None else {"next_look": next_look})
        return await self._step(job, "#stage = :transferring", {"transferring": "transferring"}, **changed)

    async def begin_publication(self, lease: Lease) -> bool:
        """Step from transferring, when nothing is left, to publishing; True as well if it is already there."""
        return await self._step(
            lease,
            "(#stage = :transferring AND #files_left = :none) OR #stage = :publishing",
            {"transferring": "transferring", "publishing": "publishing", "none": 0},
            stage="publishing",
            message="The files are there; the items are being published.",
        )

    async def note_outcome(self, lease: Lease) -> bool:
        """Record that the holder of `lease` wrote down what became of the job's items; False if another had before."""
        return await self._step(
            lease, "attribute_not_exists(#outcome) OR #outcome = :none", {"none": ""}, outcome=lease.holder
        )

    async def fail(self, job: str | Lease, failure: Failure) -> bool:
        """Step to closing because of `failure`; False if the job is there or past it: the first reason stays."""
        stages = {"planning": "planning", "transferring": "transferring", "publishing": "publishing"}
        return await self._fail(job, "#stage IN (:planning, :transferring, :publishing)", stages, failure)

    async def give_up(self, job: Job, failure: Failure) -> bool:
        """Step to closing as `fail` does, unless anything was written down of the job since it was read."""
        unchanged = "#stage = :stage AND #updated = :updated"
        return await self._fail(job.id, unchanged, {"stage": job.stage, "updated": job.updated}, failure)

    async def _fail(self, job: str | Lease, when: str, values: dict[str, Any], failure: Failure) -> bool:
        return await self._step(
            job,
            when,
            values,
            stage="closing",
            failure=failure.reason,
            failure_status=failure.status,
            message=failure.reason,
        )

    async def dismiss(self, job_id: str) -> bool:
        """End a job at its owner's wish; False when it is being published or undone, or has ended."""
        return await self._step(
            job_id,
            "#stage IN (:planning, :transferring)",
            {"planning": "planning", "transferring": "transferring"},
            stage="closing",
            status="dismissed",
            finished=timestamp(self.clock()),
            message="The job was dismissed.",
        )

    async def put_away(self, job_id: str) -> bool:
        """Show a job that has ended as dismissed, without results; what it published stays. False if it goes on."""
        return await self._step(
            job_id,
            "#stage = :closed",
            {"closed": "closed"},
            status="dismissed",
            message="The job had ended, and was put away by its owner. What it published is still there.",
        )

    async def close(self, lease: Lease, stage: Stage, status: Status, message: str = "") -> bool:
        """End a job at `stage` as `status`, once all is published or undone; a dismissed one stays dismissed.

        False if it goes on, or another is at it: what belongs to a job is let go of when it is closed.
        """
        ended: dict[str, Any] = {"stage": "closed", "watch": CLOSED}
        if status != "dismissed":
            ended |= {"status": status, "finished": timestamp(self.clock())}
        if message:
            ended["message"] = message
        if await self._step(lease, "#stage = :stage", {"stage": stage}, **ended):
            return True
        job = await self.get(lease.job)  # the answer of an earlier call may have been lost
        return job is None or job.stage == "closed"

    async def _step(self, job: str | Lease, when: str, values: dict[str, Any], **put: Any) -> bool:
        """Change the job of an id, or the one that a lease is on, while that is not another's."""
        put.setdefault("updated", timestamp(self.clock()))
        if isinstance(job, Lease):
            when, values = f"({when}) AND {STILL_HELD}", values | {"holder": job.holder}
            job = job.job
        changed = await self.table.change(Change(key=job_key(job), put=put, when=when, values=values))
        return changed is not None
