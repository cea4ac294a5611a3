"""The lifecycle of jobs, on a schedule: those that stand still are taken up again or failed, old ones are forgotten.

Nothing here is needed while messages arrive. It is for those that were lost: each of them leaves a job whose record
says what was to come next.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from rs_server.staging.cleaning import Cleaner
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.documents import JobDocuments
from rs_server.staging.jobs import Clock, Failure, Job, timestamp, utc_now
from rs_server.staging.messages import Message
from rs_server.staging.stores import Stores
from rs_server.telemetry import logger

STANDS_STILL = timedelta(minutes=10)
"""How long nothing is written down of a job before it is taken up again: longer than any pause between attempts."""
GIVEN_UP = timedelta(days=1)
KEPT = timedelta(days=90)
"""How long jobs that have ended can be looked at."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Looks after all jobs."""

    stores: Stores
    dispatcher: Dispatcher
    cleaner: Cleaner
    stations: Iterable[str]
    clock: Clock = utc_now

    async def run(self) -> None:
        """Take up what stands still, give free places to what waits, and forget what is old."""
        now = self.clock()
        async for job in self._jobs():
            if job.stage == "closed":
                if job.updated < timestamp(now - KEPT):
                    await self._forget(job)
            elif job.updated < timestamp(now - STANDS_STILL):
                logger.warning("job stands still", job=job.id, stage=job.stage, updated=job.updated)
                await self._take_up(job)
        for station in self.stations:
            await self.dispatcher.dispatch(station)

    async def _take_up(self, job: Job) -> None:
        if job.stage == "planning":
            await self.stores.queue.send([Message("plan", job.id)])
        elif job.stage == "transferring" and job.files_left:
            if job.updated < timestamp(self.clock() - GIVEN_UP):
                reason = "Nothing was transferred for a day, so the job was given up."
                await self.stores.jobs.fail(job.id, Failure(HTTPStatus.GATEWAY_TIMEOUT, reason))
                await self.stores.queue.send([Message("finish", job.id)])
            else:
                await self.dispatcher.enter(job)
        else:
            await self.stores.queue.send([Message("finish", job.id)])

    async def _forget(self, job: Job) -> None:
        await self.cleaner.release(job)
        await JobDocuments(self.stores.objects).delete_all(job.id)
        await self.stores.jobs.forget(job.id)

    async def _jobs(self) -> AsyncIterator[Job]:
        jobs, following = await self.stores.jobs.page(None)
        while True:
            for job in jobs:
                yield job
            if following is None:
                return
            jobs, following = await self.stores.jobs.page(None, start=following)
