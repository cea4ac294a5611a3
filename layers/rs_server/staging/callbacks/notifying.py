"""Notifying: what a job's subscriber is told and when, with attempts that go on for hours.

What is due is read from the job: that it has begun, while it runs; its end, once it is closed. So a late message tells
nothing stale, and one that was lost is made good by the next.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from rs_server.errors import BackendFailed, InvalidRequest, RsServerError
from rs_server.staging.addresses import BaseUrl
from rs_server.staging.callbacks.posting import Poster
from rs_server.staging.callbacks.signing import signed_headers
from rs_server.staging.delivery import Delivery
from rs_server.staging.documents import JobDocuments
from rs_server.staging.job_store import JobStore
from rs_server.staging.jobs import Job
from rs_server.staging.messages import LONGEST_DELAY, Message, WorkQueue
from rs_server.staging.status_info import results_document, status_info
from rs_server.telemetry import logger

FIRST_PAUSE_SECONDS = 10
GIVEN_UP_SECONDS = 6 * 3600
"""How long, in all, a receiver that does not take a callback is tried; the pauses between attempts double."""

Event = Literal["running", "ended"]


@dataclass(frozen=True, slots=True)
class Callback:
    """One call: which of the subscriber's addresses, and what it is told."""

    name: str
    document: dict[str, Any]


class Notifier:
    """Calls back."""

    def __init__(
        self,
        jobs: JobStore,
        documents: JobDocuments,
        queue: WorkQueue,
        poster: Poster,
        base_url: BaseUrl,
        seconds: Callable[[], float] = time.time,
    ) -> None:
        self.jobs = jobs
        self.documents = documents
        self.queue = queue
        self.poster = poster
        self.base_url = base_url
        self.seconds = seconds

    async def handle(self, message: Message, delivery: Delivery) -> bool:
        """Tell what is due of the job; a receiver that is away is told later."""
        logger.append_keys(job=message.job, kind=message.kind)
        await delivery.keep()
        job = await self.jobs.get(message.job)
        event = due(job) if job else None
        if job is None or event is None:
            return True
        try:
            await self._tell(job, event)
        except RsServerError as error:
            logger.warning("callback failed", callback=event, reason=error.message, waited=message.waited)
            pause = min(max(FIRST_PAUSE_SECONDS, message.waited), LONGEST_DELAY)
            if message.waited < GIVEN_UP_SECONDS and not isinstance(error, InvalidRequest):
                await self.queue.send([replace(message, waited=message.waited + pause)], delay=pause)
                return True
            logger.error("callback given up", callback=event, reason=error.message)
        await self.jobs.told(job.id, event)
        return True

    async def _tell(self, job: Job, event: Event) -> None:
        subscriber = await self.documents.read_subscriber(job.id)
        callback = await self._callback(job, event)
        url = subscriber.get(callback.name)
        if not url:
            return
        body = json.dumps(callback.document).encode()
        headers = signed_headers(subscriber["secret"], f"{job.id}.{event}", int(self.seconds()), body)
        await self.poster.post(callback.name, url, headers, body)

    async def _callback(self, job: Job, event: Event) -> Callback:
        base_url = await self.base_url()
        if event == "running":
            return Callback("inProgressUri", status_info(job, base_url))
        if job.status != "successful":
            return Callback("failedUri", status_info(job, base_url))
        outcome = await self.documents.read_results(job)
        if outcome is None:
            raise BackendFailed("The job's results cannot be read.")
        return Callback("successUri", results_document(job, outcome, base_url))


def due(job: Job) -> Event | None:
    """What the job's subscriber is still to be told, if it has one."""
    event: Event = "ended" if job.stage == "closed" else "running"
    begun = job.status != "accepted"
    return event if job.subscribed and begun and job.told != "ended" and job.told != event else None
