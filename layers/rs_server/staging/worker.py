"""The worker: takes a message, does the step it names, and decides what becomes of a step that failed.

Faults that may pass are tried again after a growing pause; an attempt that brought bytes does not count. Whatever else
stands against a step ends the job with its reason, and so does the last attempt: no job hangs.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from rs_server.errors import RsServerError
from rs_server.staging.beating import Busy, Exhausted, JobEnded, OutOfTime, Progressed, while_beating
from rs_server.staging.callbacks.notifying import due
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.delivery import Delivery
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.eviction import Evictions
from rs_server.staging.jobs import Failure, Job
from rs_server.staging.leases import Lease
from rs_server.staging.messages import Message
from rs_server.staging.ordering import Ordering
from rs_server.staging.planning import Planner
from rs_server.staging.publication import Publisher
from rs_server.staging.stores import Stores
from rs_server.staging.transferring import TransferWorker
from rs_server.telemetry import logger

Step = Callable[[Job, Lease], Coroutine[Any, Any, None]]
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
        ordering: Ordering,
        transfers: TransferWorker,
        publisher: Publisher,
        cleaner: Cleaner,
        longest_wait: float = LONGEST_WAIT_SECONDS,
        lease_beat_seconds: float = LEASE_BEAT_SECONDS,
    ) -> None:
        self.stores = stores
        self.dispatcher = dispatcher
        self.ordering = ordering
        self.planner = planner
        self.transfers = transfers
        self.publisher = publisher
        self.cleaner = cleaner
        self.longest_wait = longest_wait
        self.lease_beat_seconds = lease_beat_seconds
        self.evictions = Evictions(stores)

    async def handle(self, message: Message, delivery: Delivery) -> bool:
        """Do what `message` says; False when it shall come again."""
        delivery.count += message.tried
        logger.append_keys(job=message.job, kind=message.kind, transfer=message.transfer)
        job = await self.stores.jobs.get(message.job)
        if job is None:
            return True
        lease = Lease(job.id)
        try:
            await delivery.keep()
            delivery.check()
            await self._step(message, job, delivery, lease)
        except Busy:
            if message.kind == "transfer":
                await self.dispatcher.ended(message)
            await self.stores.queue.send([replace(message, tried=delivery.count - 1)], delay=BUSY_SECONDS)
        except Progressed as broken:
            await self.stores.queue.send([replace(message, tried=0)], delay=broken.retry_after or PAUSE_SECONDS)
        except JobEnded:
            await self._go_on(message)
        except RsServerError as error:
            if not await self.evictions.order_again(job, message, error):
                return await self._failed(message, job, delivery, error, lease)
            await self._go_on(message)
        except Exception as error:  # every failure is dealt with, and told to the job's owner
            return await self._failed(message, job, delivery, error, lease)
        else:
            await self._go_on(message)
        return True

    async def _step(self, message: Message, job: Job, delivery: Delivery, lease: Lease) -> None:
        match message.kind:
            case "transfer":
                transfer = await self.stores.transfers.get(job.id, message.transfer)
                if transfer and transfer.status == "offline" and job.stage == "transferring":
                    await self.evictions.wait(job, transfer)
                elif transfer:
                    await self.dispatcher.keep(message)
                    await self.transfers.transfer(job, transfer, message.range, delivery)
            case "plan" | "finish" if job.stage == "closed":
                if delivery.count > 1:  # who closed it may have died over the rest
                    await self.cleaner.release(job)
            case "plan" if job.stage in {"planning", "transferring"}:
                await self._in_goes(self._alone(lease, delivery, self._plan))
            case "order":
                look = message.look
                await self._alone(lease, delivery, lambda job, lease: self.ordering.look(job, look, lease))
            case "finish":
                last = delivery.last
                finish = self._alone(lease, delivery, lambda job, lease: self._finish(job, lease, last=last))
                await self._in_goes(finish)

    async def _plan(self, job: Job, lease: Lease) -> None:
        if job.stage == "planning":
            await self.planner.plan(job, lease)
        current = await self.stores.jobs.get(job.id)
        if current and current.stage == "transferring":
            if current.ordering:
                await self.stores.queue.send([Message("order", job.id)])
            await self.dispatcher.enter(current)

    async def _in_goes(self, step: Coroutine[Any, Any, None]) -> None:
        """Do a step as far as the time goes; raises Progressed when another worker need not begin anew."""
        before = self._written_down()
        try:
            await step
        except OutOfTime as error:
            if self._written_down() > before:
                raise Progressed(None) from error
            raise

    def _written_down(self) -> int:
        return self.publisher.verifier.notes + self.planner.gatherer.kept + self.stores.transfers.created

    async def _finish(self, job: Job, lease: Lease, *, last: bool) -> None:
        if job.stage == "closed":
            await self.cleaner.release(job)
        elif job.stage == "closing":
            await self.cleaner.undo(job, lease)
        elif await self.stores.jobs.begin_publication(lease):
            await self.publisher.publish(job, lease, last=last)

    async def _alone(self, lease: Lease, delivery: Delivery, step: Step) -> None:
        """Do a step that one worker at a time may do on a job; raises Busy while another does.

        And when another has taken the job meanwhile: whatever came of the step is then of no account.
        """

        async def beat() -> None:
            await delivery.keep()
            await self.stores.leases.keep(lease)

        await delivery.keep()
        if not await self.stores.leases.take(lease):
            raise Busy
        try:
            current = await self.stores.jobs.get(lease.job)
            if current:
                await while_beating(step(current, lease), beat, self.lease_beat_seconds)
        except Exception as error:
            await self._give_back(lease, error)
            raise
        await self._give_back(lease)

    async def _give_back(self, lease: Lease, error: Exception | None = None) -> None:
        """Give a lease back; raises Busy if another worker has taken the job, whatever `error` the step ended with."""
        if await self.stores.leases.release(lease):
            return
        job = await self.stores.jobs.get(lease.job)
        if job and job.stage == "closed":  # the step may have taken again what the job has given back
            await self.stores.quotas.give_back(job)
            await self.cleaner.release(job)
        raise Busy from error

    async def _go_on(self, message: Message) -> None:
        """See whether the job has come to its end, and let the next piece have the place of one that has ended."""
        job = await self.stores.jobs.get(message.job)
        if job and (job.stage == "closing" or (job.stage == "transferring" and job.files_left == 0)):
            await self.stores.queue.send([Message("finish", job.id)])
        if job and message.kind != "transfer" and due(job):
            await self.stores.queue.send([Message("notify", job.id)])
        if message.kind == "transfer":
            await self.dispatcher.ended(message)

    async def _failed(self, message: Message, job: Job, delivery: Delivery, error: Exception, lease: Lease) -> bool:
        """Deal with a step that raised `error`; False when the message shall come again."""
        failure = failure_of(error)
        may_pass = failure.status in MAY_PASS and not isinstance(error, Exhausted)
        wait = getattr(error, "retry_after", None)
        if may_pass and wait is not None and message.waited < self.longest_wait:
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
        await self._give_up(message, job, failure, lease)
        await self._go_on(message)
        return True

    async def _give_up(self, message: Message, job: Job, failure: Failure, lease: Lease) -> None:
        """Record that a step has failed for good: the transfer alone, where the rest may be published, or the job."""
        if message.kind == "transfer":
            transfer = await self.stores.transfers.get(job.id, message.transfer)
            if transfer is None or transfer.status not in {"waiting", "offline"}:
                return  # it had ended before: this was a message that came once more
            failure = Failure(failure.status, f"{transfer.asset}: {failure.reason}")
            if job.publication == "partial":
                await self.stores.transfers.failed(transfer, failure.reason)
                return
        await self.stores.jobs.fail(lease if lease.taken else job.id, failure)


def failure_of(error: Exception) -> Failure:
    """What the job's owner is told of an error; nothing of an unexpected one but that it happened."""
    if isinstance(error, RsServerError):
        return Failure(error.status, error.message)
    if isinstance(error, OutOfTime):
        return Failure(HTTPStatus.GATEWAY_TIMEOUT, "The work did not come to an end within a function's time.")
    if isinstance(error, Exhausted):
        return Failure(HTTPStatus.BAD_GATEWAY, "The work was broken off several times and has been given up.")
    return Failure(HTTPStatus.BAD_GATEWAY, "The service failed unexpectedly. Report the job's id to the operator.")
