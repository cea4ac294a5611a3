"""Jobs: what is known of each, and the stages of its life.

`status` is what OGC API Processes shows. `stage` is where the work stands:

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
from datetime import UTC, datetime
from typing import Literal

from rs_server.access.principals import Principal
from rs_server.stac.ids import CollectionId, parse_collection_id
from rs_server.staging.table import Key, Record

PROCESS_ID = "staging"
"""The process that all jobs are of."""
Status = Literal["accepted", "running", "successful", "failed", "dismissed"]
Stage = Literal["planning", "transferring", "publishing", "closing", "closed"]
Publication = Literal["atomic", "partial"]
Clock = Callable[[], datetime]


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
    priority: int = 0
    """Which of its owner's jobs come first: the higher ones."""
    dry_run: bool = False
    """Whether it only tells what it would transfer."""
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
    ordering: str = ""
    """Where the orders of items that archives hold offline stand, in words; empty when none is awaited."""
    next_look: str = ""
    """When these orders are looked after next."""
    bytes: int = 0
    bytes_done: int = 0
    failure: Failure | None = None
    subscribed: bool = False
    """Whether somebody is to be called back."""
    outcome: str = ""
    """Which of its workers wrote down what became of its items; empty while that is open."""
    told: str = ""
    """What they have been told: "running", "ended"."""

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
            "watch": CLOSED if self.stage == "closed" else OPEN,
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
            **{name: record[name] for name in PLAIN if name in record},
        )


OPEN, CLOSED = "open", "closed"
"""Values of a record's `watch`, by which jobs that go on, and ended ones that are old, are found."""

PLAIN = (
    "created",
    "publication",
    "priority",
    "dry_run",
    "label",
    "status",
    "stage",
    "message",
    "started",
    "updated",
    "finished",
    "files",
    "files_left",
    "ordering",
    "next_look",
    "bytes",
    "bytes_done",
    "subscribed",
    "told",
    "outcome",
)
"""Fields of a job that its record holds as they are."""


def job_key(job_id: str) -> Key:
    """Where a job's record is."""
    return Key(f"job#{job_id}", "job")


def _keys(job_id: str) -> dict[str, str]:
    key = job_key(job_id)
    return {"pk": key.pk, "sk": key.sk}
