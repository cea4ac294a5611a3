"""Jobs: what is known of each, and the steps that its life can take.

`status` is what OGC API Processes shows. `stage` is where the work stands; every step from one stage to the next is a
conditional change, so that of two workers, or a worker and its owner's dismissal, exactly one makes it:

    planning -> transferring -> publishing -> closed
        |            |              |
        +------------+--------------+-> closing -> closed

`closing` undoes what is not published. A job that failed shows `failed` when it is closed; a dismissed one shows
`dismissed` at once, and is cleaned up behind that.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from rs_server.access.principals import Principal
from rs_server.stac.ids import CollectionId, parse_collection_id
from rs_server.staging.table import Change, Key, Record, Table

Status = Literal["accepted", "running", "successful", "failed", "dismissed"]
Stage = Literal["planning", "transferring", "publishing", "closing", "closed"]
Publication = Literal["atomic", "partial"]
Clock = Callable[[], datetime]

BY_OWNER = "by_owner"


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC with microseconds, so that text order is time order."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: the HTTP status that fits, and the reason in words for its owner."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A staging job. Times are RFC 3339 text; empty ones have not come yet."""

    id: str
    principal: Principal
    """Who ordered it, as the authorizer saw them then. Their rights are read again at each step."""
    collection: CollectionId
    created: str
    publication: Publication = "atomic"
    label: str = ""
    status: Status = "accepted"
    stage: Stage = "planning"
    message: str = ""
    started: str = ""
    updated: str = ""
    finished: str = ""
    files: int = 0
    files_left: int = 0
    """Transfers that have not ended; the one that takes it to zero starts the publication."""
    bytes: int = 0
    bytes_done: int = 0
    failure: Failure | None = None

    @property
    def owner(self) -> str:
        """Login of who ordered the job."""
        return self.principal.login

    @property
    def progress(self) -> int:
        """Percent of the bytes, where sizes are known, else of the files; 100 only when all is published."""
        if self.status == "successful":
            return 100
        if self.bytes:
            return min(99, self.bytes_done * 100 // self.bytes)
        return min(99, (self.files - self.files_left) * 100 // self.files) if self.files else 0

    def to_record(self) -> Record:
        """The job as the table keeps it."""
        failure = {"failure_status": self.failure.status, "failure": self.failure.reason} if self.failure else {}
        return {
            **_keys(self.id),
            "id": self.id,
            "owner": self.owner,
            "principal": json.dumps(self.principal.to_context()),
            "collection": str(self.collection),
            **{name: getattr(self, name) for name in PLAIN},
            **failure,
        }

    @classmethod
    def from_record(cls, record: Record) -> Job:
        """Read what `to_record` wrote and the steps changed."""
        failure = Failure(record["failure_status"], record["failure"]) if "failure" in record else None
        return cls(
            id=record["id"],
            principal=Principal.from_context(json.loads(record["principal"])),
            collection=parse_collection_id(record["collection"]),
            failure=failure,
            **{name: record[name] for name in PLAIN},
        )


PLAIN = (
    "created",
    "publication",
    "label",
    "status",
    "stage",
    "message",
    "started",
    "updated",
    "finished",
    "files",
    "files_left",
    "bytes",
    "bytes_done",
)
"""Fields of a job that its record holds as they are."""


def job_key(job_id: str) -> Key:
    """Where a job's record is."""
    return Key(f"job#{job_id}", "job")


def _keys(job_id: str) -> dict[str, str]:
    key = job_key(job_id)
    return {"pk": key.pk, "sk": key.sk}


class JobStore:
    """Job records in the jobs table."""

    def __init__(self, table: Table, clock: Clock = utc_now) -> None:
        self.table = table
        self.clock = clock

    async def create(self, job: Job) -> None:
        """Record a new job."""
        await self.table.put(job.to_record())

    async def get(self, job_id: str) -> Job | None:
        """The job of this id, as last written."""
        record = await self.table.get(job_key(job_id))
        return Job.from_record(record) if record else None

    async def delete(self, job_id: str) -> None:
        """Forget a job."""
        await self.table.delete(job_key(job_id))

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

    async def lease(self, job_id: str, holder: str, seconds: float) -> bool:
        """Take or keep the right to plan or finish a job, which one worker at a time has; False if another has it."""
        now = self.clock()
        taken = await self.table.change(
            Change(
                key=job_key(job_id),
                put={"holder": holder, "held_until": timestamp(now + timedelta(seconds=seconds))},
                when="attribute_exists(#pk) AND (attribute_not_exists(#holder) OR #holder = :me OR #held_until < :now)",
                values={"me": holder, "now": timestamp(now)},
            )
        )
        return taken is not None

    async def release(self, job_id: str, holder: str) -> None:
        """Give the lease back."""
        await self.table.change(
            Change(key=job_key(job_id), remove=("holder", "held_until"), when="#holder = :me", values={"me": holder})
        )

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

    async def begin_transfers(self, job_id: str, *, files: int, files_left: int, total: int) -> bool:
        """Step from planning to transferring; False if the job is elsewhere."""
        return await self._step(
            job_id,
            "#stage = :planning",
            {"planning": "planning"},
            stage="transferring",
            files=files,
            files_left=files_left,
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

    async def begin_publication(self, job_id: str) -> bool:
        """Step from transferring, when nothing is left, to publishing; True as well if it is already there."""
        return await self._step(
            job_id,
            "(#stage = :transferring AND #files_left = :none) OR #stage = :publishing",
            {"transferring": "transferring", "publishing": "publishing", "none": 0},
            stage="publishing",
            message="The files are there; the items are being published.",
        )

    async def fail(self, job_id: str, failure: Failure) -> bool:
        """Step to closing because of `failure`; False if the job is there or past it: the first reason stays."""
        return await self._step(
            job_id,
            "#stage IN (:planning, :transferring, :publishing)",
            {"planning": "planning", "transferring": "transferring", "publishing": "publishing"},
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

    async def close(self, job_id: str, status: Status, message: str = "") -> bool:
        """End a job as `status`, once all is published or all is undone; a dismissed one stays dismissed."""
        ended: dict[str, Any] = {"stage": "closed"}
        if status != "dismissed":
            ended |= {"status": status, "finished": timestamp(self.clock())}
        if message:
            ended["message"] = message
        return await self._step(
            job_id,
            "#stage IN (:publishing, :closing, :planning)",
            {"publishing": "publishing", "closing": "closing", "planning": "planning"},
            **ended,
        )

    async def _step(self, job_id: str, when: str, values: dict[str, Any], **put: Any) -> bool:
        put.setdefault("updated", timestamp(self.clock()))
        changed = await self.table.change(Change(key=job_key(job_id), put=put, when=when, values=values))
        return changed is not None


PAGE = 200
"""Job records that one query of the index reads."""
