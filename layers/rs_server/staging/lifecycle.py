"""The lifecycle of jobs, on a schedule: those that stand still are taken up again or failed, old ones are forgotten.

Nothing here is needed while messages arrive. It is for those that were lost: each of them leaves a job whose record
says what was to come next. What stands against one job or station does not keep the others from being looked after.
"""

from __future__ import annotations

from collections.abc import Awaitable, Collection
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from rs_server.staging.cleaning import Cleaner
from rs_server.staging.concurrency import each
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.documents import JobDocuments
from rs_server.staging.jobs import Clock, Failure, Job, timestamp, utc_now
from rs_server.staging.messages import Message
from rs_server.staging.stores import Stores
from rs_server.telemetry import logger

STANDS_STILL = timedelta(minutes=10)
"""How long nothing is written down of a job before it is taken up again: longer than any pause between attempts."""
GIVEN_UP = timedelta(days=1)
IN_LINE = timedelta(days=7)
"""How long a job may wait for its turn at a station, behind others, without anything being transferred."""
AT_ONCE = 8
KEPT = timedelta(days=90)
"""How long jobs that have ended can be looked at."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Looks after all jobs."""

    stores: Stores
    dispatcher: Dispatcher
    cleaner: Cleaner
    stations: Collection[str]
    clock: Clock = utc_now
    kept: timedelta = KEPT

    async def run(self) -> None:
        """Take up what stands still, give free places to what waits, and forget what is old.

        Raises the first thing that stood against it, when all else is done.
        """
        now = self.clock()
        failures: list[Exception] = []

        async def attempt(step: Awaitable[None], about: str) -> None:
            try:
                await step
            except Exception as error:  # told when the others have been looked after
                logger.error("lifecycle is hindered", about=about, exc_info=error)
                failures.append(error)

        waiting = await each(tuple(self.stations), self.stores.turns.waiting, AT_ONCE)
        in_line = {one.job for at_station in waiting for one in at_station}
        for job in await self.stores.jobs.going_on():
            if job.updated < timestamp(now - STANDS_STILL):
                note = logger.info if job.id in in_line else logger.warning
                note("job stands still", job=job.id, stage=job.stage, updated=job.updated)
                await attempt(self._take_up(job, in_line=job.id in in_line), job.id)
        for station in self.stations:
            await attempt(self.dispatcher.dispatch(station), station)
        for job in await self.stores.jobs.ended_of(timestamp(now - self.kept)):
            if job.updated < timestamp(now - self.kept):
                await attempt(self._forget(job), job.id)
        if failures:
            raise failures[0]

    async def _take_up(self, job: Job, *, in_line: bool) -> None:
        given_up = job.updated < timestamp(self.clock() - (IN_LINE if in_line else GIVEN_UP))
        if job.stage in {"planning", "publishing"} and given_up:
            await self._give_up(job, "It came no further for a day, so the job was given up.")
        elif job.stage == "planning":
            await self.stores.queue.send([Message("plan", job.id)])
        elif job.stage != "transferring" or not job.files_left:
            await self.stores.queue.send([Message("finish", job.id)])
        elif given_up:
            how_long = f"{IN_LINE.days} days" if in_line else "a day"
            await self._give_up(job, f"Nothing was transferred for {how_long}, so the job was given up.")
        else:
            if job.ordering:
                await self.stores.queue.send([Message("order", job.id)])
            if not in_line:
                await self.dispatcher.enter(job)

    async def _give_up(self, job: Job, reason: str) -> None:
        if await self.stores.jobs.give_up(job, Failure(HTTPStatus.GATEWAY_TIMEOUT, reason)):
            await self.stores.queue.send([Message("finish", job.id)])

    async def _forget(self, job: Job) -> None:
        await self.cleaner.release(job)
        await JobDocuments(self.stores.objects).delete_all(job.id)
        await self.stores.jobs.forget(job.id)
