"""Work that a station does in its own time: orders. Their whole course is settled when they are placed.

A row holds when the work is begun, when it ends and how; what a client sees of it follows from the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from simulators.odata.errors import ODataError
from simulators.odata.instants import DAY, SECOND
from simulators.odata.types import Edm, Enumeration, Property

JOB_STATUS = Enumeration("JobStatus", ("queued", "in_progress", "completed", "failed", "cancelled", "created"))
QUEUED, IN_PROGRESS, COMPLETED, FAILED, CANCELLED, CREATED = range(6)

JOB_COLUMNS = (
    "Id TEXT UNIQUE, submitted INTEGER, started INTEGER, ends INTEGER, outcome INTEGER, evicts INTEGER,"
    " cancelled INTEGER, Priority INTEGER, NotificationEndpoint TEXT, NotificationEpUsername TEXT, password TEXT,"
    " notified INTEGER DEFAULT 0"
)
"""The columns that every table of orders has."""

STATUS_SQL = (
    f"CASE WHEN cancelled <= :now THEN {CANCELLED} WHEN submitted IS NULL THEN {CREATED}"
    f" WHEN ends <= :now THEN outcome WHEN started <= :now THEN {IN_PROGRESS} ELSE {QUEUED} END"
)
MESSAGE_SQL = (
    "CASE WHEN cancelled <= :now THEN 'request was cancelled' WHEN submitted IS NULL THEN 'waiting to be ordered'"
    f" WHEN ends <= :now AND outcome = {COMPLETED} THEN 'requested product is available'"
    " WHEN ends <= :now THEN 'request failed' WHEN started <= :now THEN 'request is under processing'"
    " ELSE 'request is queued' END"
)
DONE = f"cancelled IS NULL AND ends <= :now AND outcome = {COMPLETED}"

STATUS = Property("Status", Edm.ENUMERATION, STATUS_SQL, JOB_STATUS)
STATUS_MESSAGE = Property("StatusMessage", Edm.STRING, MESSAGE_SQL)
SUBMISSION_DATE = Property("SubmissionDate", Edm.INSTANT, "submitted")
ESTIMATED_DATE = Property("EstimatedDate", Edm.INSTANT, "ends")
COMPLETED_DATE = Property("CompletedDate", Edm.INSTANT, f"CASE WHEN {DONE} THEN ends END")
EVICTION_DATE = Property("EvictionDate", Edm.INSTANT, f"CASE WHEN {DONE} THEN evicts END")
PRIORITY = Property("Priority", Edm.INT64)
NOTIFICATION = (Property("NotificationEndpoint", Edm.STRING), Property("NotificationEpUsername", Edm.STRING))

JOB_ID = Property("Id", Edm.GUID)


class OrderRequest(BaseModel):
    """What an order may say; what it says besides is left unread."""

    model_config = ConfigDict(extra="ignore")

    Priority: int = Field(default=50, ge=0, le=100)
    NotificationEndpoint: str | None = Field(default=None, pattern=r"^https?://[^\s]+$", max_length=2000)
    NotificationEpUsername: str | None = Field(default=None, max_length=200)
    NotificationEpPassword: str | None = Field(default=None, max_length=200)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a station works, in its own time."""

    queued_seconds: float = 1.0
    """In the queue at priority 50; twice that at 0, nothing at 100."""
    least_seconds: float = 3.0
    most_seconds: float = 8.0
    kept_days: float = 3.0
    fail_every: int | None = None
    """Every how manieth order fails by itself."""


@dataclass(frozen=True, slots=True)
class Course:
    """When a piece of work is begun and ends, how it ends, and until when its result is kept."""

    submitted: int
    started: int
    ends: int
    outcome: int
    evicts: int


def course_of(pace: Pace, now: int, number: int, priority: int, *, failing: bool) -> Course:
    """The course of the `number`th order (from 1), submitted `now`."""
    started = now + int(pace.queued_seconds * (100 - priority) / 50 * SECOND)
    spread = pace.most_seconds - pace.least_seconds
    ends = started + int((pace.least_seconds + spread * (number * 7919 % 100) / 100) * SECOND)
    fails = failing or bool(pace.fail_every and number % pace.fail_every == 0)
    return Course(now, started, ends, FAILED if fails else COMPLETED, ends + int(pace.kept_days * DAY))


def new_id() -> str:
    """A Guid for an entity that a client creates."""
    return str(uuid4())


def check_cancellable(status: int) -> None:
    """Raise a 409 for work that is over."""
    if status in {COMPLETED, FAILED, CANCELLED}:
        raise ODataError(409, f"It cannot be cancelled: it is {JOB_STATUS.members[status]}.")
