"""The list of jobs: its filters, as OGC API Processes defines them, and its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rs_server.errors import InvalidRequest
from rs_server.stac.pagination import decode_token, encode_token
from rs_server.staging.job_store import JobStore
from rs_server.staging.jobs import PROCESS_ID, Clock, Job, timestamp, utc_now

MOST_READ = 2000
"""Records that one request looks through; a page may be short, and have a next one."""
EARLIEST, LATEST = "0", "~"
"""Before and after every moment; a key condition of DynamoDB takes no empty text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs are wanted. Durations are whole seconds; `since` and `until` are about `created`, inclusive."""

    types: Sequence[str] = ()
    processes: Sequence[str] = ()
    statuses: Sequence[str] = ()
    since: str = EARLIEST
    until: str = LATEST
    min_duration: int | None = None
    max_duration: int | None = None

    def accepts(self, job: Job, now: datetime) -> bool:
        """Whether `job` is wanted; one that has not started has no duration."""
        if (self.types and "process" not in self.types) or (self.processes and PROCESS_ID not in self.processes):
            return False
        if (self.statuses and job.status not in self.statuses) or not self.since <= job.created <= self.until:
            return False
        if self.min_duration is None and self.max_duration is None:
            return True
        if not job.started:
            return False
        ended = datetime.fromisoformat(job.finished) if job.finished else now
        lasted = (ended - datetime.fromisoformat(job.started)).total_seconds()
        return (self.min_duration or 0) <= lasted and (self.max_duration is None or lasted <= self.max_duration)


def parse_interval(text: str) -> tuple[str, str]:
    """Read a `datetime` parameter: one moment, or `from/to` in which `..` or nothing is open (OGC API Common)."""
    start, slash, end = text.partition("/")
    if not slash:
        moment = _moment(text)
        return timestamp(moment), timestamp(moment)
    since = EARLIEST if start in {"", ".."} else timestamp(_moment(start))
    until = LATEST if end in {"", ".."} else timestamp(_moment(end))
    if since > until:
        raise InvalidRequest(f"datetime: {text!r} ends before it starts.")
    return since, until


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise InvalidRequest(f"datetime: {text!r} is no date and time, such as '2026-11-23T10:00:00Z'.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class JobList:
    """Pages of jobs."""

    def __init__(self, jobs: JobStore, clock: Clock = utc_now) -> None:
        self.jobs = jobs
        self.clock = clock

    async def page(self, owner: str | None, wanted: JobFilter, limit: int, token: str = "") -> tuple[list[Job], str]:
        """Up to `limit` jobs of `owner` (None: of all), and the token of the next page, empty after the last."""
        position = decode_token(token) if token else {}
        start, skip = _position(position, owner)
        found: list[Job] = []
        read = 0
        while True:
            jobs, following = await self.jobs.page(owner, wanted.since, wanted.until, start)
            for index, job in enumerate(jobs[skip:], skip):
                if wanted.accepts(job, self.clock()):
                    found.append(job)
                if len(found) == limit and (index + 1 < len(jobs) or following):
                    return found, encode_token({"start": start, "skip": index + 1})
            read += len(jobs)
            if following is None:
                return found, ""
            start, skip = following, 0
            if read >= MOST_READ or len(found) == limit:
                return found, encode_token({"start": start, "skip": 0})


def _position(position: dict[str, Any], owner: str | None) -> tuple[dict[str, str] | None, int]:
    """Where a token points to; raises InvalidRequest for one that is not ours or points to another's jobs."""
    start, skip = position.get("start"), position.get("skip", 0)
    texts = start is None or (isinstance(start, dict) and all(isinstance(value, str) for value in start.values()))
    of_owner = owner is None or start is None or (isinstance(start, dict) and start.get("owner") == owner)
    complete = start is None or (isinstance(start, dict) and set(start) == {"pk", "sk", "owner", "created"})
    if not (texts and complete and of_owner and isinstance(skip, int) and skip >= 0):
        raise InvalidRequest("The page token is not one of ours. Start again from the first page.")
    return start, skip
