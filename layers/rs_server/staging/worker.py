"""The worker: takes a message, does the step it names, and decides what becomes of a step that failed.

Faults that may pass are tried again after a growing pause; an attempt that brought bytes does not count. Whatever else
stands against a step ends the job with its reason, and so does the last attempt: no job hangs.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from rs_server.errors import RsServerError
from rs_server.staging.beating import Busy, Exhausted, JobEnded, OutOfTime, Progressed, while_beating
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.delivery import LEASE_SECONDS, Delivery
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.jobs import Failure, Job
from rs_server.staging.messages import Message
from rs_server.staging.planning import Planner
from rs_server.staging.publication import Publisher
from rs_server.staging.stores import Stores
from rs_server.staging.transfer import TransferWorker
from rs_server.telemetry import logger

LEASE_BEAT_SECONDS = 8.0
BUSY_SECONDS = 10
PAUSE_SECONDS = 1
LONGEST_WAIT_SECONDS = 2 * 3600
"""How long, in all, a piece of work comes back when it is told to before that counts as a fault."""
MAY_PASS = frozenset(
    {
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""Errors, by their status, that trying again may overcome."""


class Worker:
    """Handles messages, one at a time."""

    def __init__(
        self,
        stores: Stores,
        planner: Planner,
        dispatcher: Dispatcher,
        transfers: TransferWorker,
        publisher: Publisher,
        cleaner: Cleaner,
    ) -> None:
        self.stores = stores
        self.dispatcher = dispatcher
        self.planner = planner
        self.transfers = transfers
        self.publisher = publisher
        self.cleaner = cleaner

    async def handle(self, message: Message, delivery: Delivery) -> bool:
        """Do what `message` says; False when it shall come again."""
        logger.append_keys(job=message.job, kind=message.kind, transfer=message.transfer)
        job = await self.stores.jobs.get(message.job)
        if job is None:
            return True
        try:
            await delivery.keep()
            delivery.check()
            await self._step(message, job, delivery)
        except Busy:
            await self.stores.queue.send([message], delay=BUSY_SECONDS)
        except Progressed as broken:
            await self.stores.queue.send([message], delay=broken.retry_after or PAUSE_SECONDS)
        except JobEnded:
            await self._go_on(message)
        except Exception as error:  # every failure is dealt with, and told to the job's owner
            return await self._failed(message, job, delivery, error)
        else:
            await self._go_on(message)
        return True

    async def _step(self, message: Message, job: Job, delivery: Delivery) -> None:
        match message.kind:
            case "transfer":
                transfer = await self.stores.transfers.get(job.id, message.transfer)
                if transfer:
                    await self.dispatcher.keep(message)
                    await self.transfers.transfer(job, transfer, message.range, delivery)
            case "plan":
                await self._alone(job, delivery, self._plan)
            case "finish" if job.stage != "closed" or delivery.count > 1:
                await self._alone(job, delivery, self._finish)

    async def _plan(self, job: Job) -> None:
        if job.stage == "planning":
            await self.planner.plan(job)
        current = await self.stores.jobs.get(job.id)
        if current and current.stage == "transferring":
            await self.dispatcher.enter(current)

    async def _finish(self, job: Job) -> None:
        if job.stage == "closed":
            await self.cleaner.release(job)
        elif job.stage == "closing":
            await self.cleaner.undo(job)
        elif await self.stores.jobs.begin_publication(job.id):
            await self.publisher.publish(job)

    async def _alone(self, job: Job, delivery: Delivery, step: Callable[[Job], Coroutine[Any, Any, None]]) -> None:
        """Do a step that one worker at a time may do on a job; raises Busy while another does."""
        holder = uuid.uuid4().hex

        async def lease() -> None:
            await delivery.keep()
            if not await self.stores.jobs.lease(job.id, holder, LEASE_SECONDS):
                raise Busy

        await lease()
        current = await self.stores.jobs.get(job.id)
        try:
            if current:
                await while_beating(step(current), lease, LEASE_BEAT_SECONDS)
        finally:
            await self.stores.jobs.release(job.id, holder)

    async def _go_on(self, message: Message) -> None:
        """Let the next piece have the place of one that has ended, and see whether the job has come to its end."""
        if message.kind == "transfer":
            await self.dispatcher.ended(message)
        job = await self.stores.jobs.get(message.job)
        if job and (job.stage == "closing" or (job.stage == "transferring" and job.files_left == 0)):
            await self.stores.queue.send([Message("finish", job.id)])

    async def _failed(self, message: Message, job: Job, delivery: Delivery, error: Exception) -> bool:
        """Deal with a step that raised `error`; False when the message shall come again."""
        failure = failure_of(error)
        may_pass = failure.status in MAY_PASS and not isinstance(error, Exhausted)
        wait = getattr(error, "retry_after", None)
        if may_pass and wait is not None and message.waited < LONGEST_WAIT_SECONDS:
            wait = max(1, wait)
            if message.kind == "transfer":
                await self.dispatcher.keep(message, wait)
            await self.stores.queue.send([replace(message, waited=message.waited + wait)], delay=wait)
            return True
        if may_pass and not delivery.last:
            logger.warning("step is tried again", reason=failure.reason, delivery=delivery.count, exc_info=error)
            await delivery.give_back()
            return False
        logger.error("step failed", reason=failure.reason, delivery=delivery.count, exc_info=error)
        if message.kind == "finish" and job.stage in {"closing", "closed"}:
            return False  # what cannot be undone is left to the dead-letter queue, for someone to look at
        await self._give_up(message, job, failure)
        await self._go_on(message)
        return True

    async def _give_up(self, message: Message, job: Job, failure: Failure) -> None:
        """Record that a step has failed for good: the transfer alone, where the rest may be published, or the job."""
        if message.kind == "transfer":
            transfer = await self.stores.transfers.get(job.id, message.transfer)
            if transfer is None:
                return
            failure = Failure(failure.status, f"{transfer.asset}: {failure.reason}")
            if job.publication == "partial":
                await self.stores.transfers.failed(transfer, failure.reason)
                return
        await self.stores.jobs.fail(job.id, failure)


def failure_of(error: Exception) -> Failure:
    """What the job's owner is told of an error; nothing of an unexpected one but that it happened."""
    if isinstance(error, RsServerError):
        return Failure(error.status, error.message)
    if isinstance(error, OutOfTime):
        return Failure(HTTPStatus.GATEWAY_TIMEOUT, "The work did not come to an end within a function's time.")
    if isinstance(error, Exhausted):
        return Failure(HTTPStatus.BAD_GATEWAY, "The work was broken off several times and has been given up.")
    return Failure(HTTPStatus.BAD_GATEWAY, "The service failed unexpectedly. Report the job's id to the operator.")
