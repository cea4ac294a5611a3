"""Tending: what becomes of an item that was found. It is waited for until it is whole, staged, and followed to its end.

The id of each job is made from the subscription, the item and the number of the attempt, so that a poll that was cut
short behind a submission, or a second poll at the same time, submits the same job again, which is none.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from rs_server.access.principals import Principal
from rs_server.errors import NotFound
from rs_server.staging.acceptance import Acceptance
from rs_server.staging.documents import ItemsRequest
from rs_server.staging.job_store import JobStore
from rs_server.staging.jobs import Clock, Job, timestamp, utc_now
from rs_server.staging.subscriptions.model import FoundItem, Subscription
from rs_server.staging.subscriptions.store import SubscriptionStore
from rs_server.staging.subscriptions.walking import Walker, item_address
from rs_server.staging.worker import MAY_PASS

JOBS = uuid.UUID("5b0c4a53-5a44-4f0e-9f0b-3e6b1c1f4c6e")
"""Namespace of the ids of subscriptions' jobs (RFC 9562, version 5)."""
PAUSES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6))
"""Before each further attempt at an item whose job failed for a reason that may pass."""
WAITED_FOR = timedelta(days=3)
"""How long an item that is not whole is waited for; stations keep a session for about a week."""


class Tender:
    """Tends the found items of subscriptions."""

    def __init__(
        self,
        subscriptions: SubscriptionStore,
        jobs: JobStore,
        acceptance: Acceptance,
        walker: Walker,
        clock: Clock = utc_now,
    ) -> None:
        self.subscriptions = subscriptions
        self.jobs = jobs
        self.acceptance = acceptance
        self.walker = walker
        self.clock = clock

    async def tend(self, subscription: Subscription, found: FoundItem, owner: Principal) -> int:
        """Take an item as far as it goes now; how many jobs more (1, 0, -1) are under way for it.

        Raises what stands against that, and the item is taken up by the next poll.
        """
        if found.job:
            return -1 if await self._follow(subscription, found) else 0
        if timestamp(self.clock()) >= found.not_before and await self._is_whole(subscription, found, owner):
            await self._submit(subscription, found)
            return 1
        return 0

    async def _is_whole(self, subscription: Subscription, found: FoundItem, owner: Principal) -> bool:
        """Whether all of the item is there. One that is waited for in vain comes to its end."""
        if found.complete:
            return True
        try:
            if await self.walker.look_again(subscription.source, found, owner):
                return True
            reason = "The station did not complete it within three days."
        except NotFound:
            reason = "The station did not complete it, and does not show it any more."
        if found.found < timestamp(self.clock() - WAITED_FOR):
            await self.subscriptions.end(subscription.id, found, "failed", reason)
        return False

    async def _submit(self, subscription: Subscription, found: FoundItem) -> None:
        job = job_of(subscription, found, timestamp(self.clock()))
        await self.acceptance.take_turn(job)
        request = ItemsRequest(item_address(subscription.source, found), None, subscription.wanted)
        await self.acceptance.accept_once(job, request)
        await self.subscriptions.change(subscription.id, found, job=job.id)

    async def _follow(self, subscription: Subscription, found: FoundItem) -> bool:
        """Draw the consequence where an item's job has ended; False while it goes on."""
        job = await self.jobs.get(found.job)
        if job is None:
            await self.subscriptions.end(subscription.id, found, "failed", "Its job is not known any more.")
        elif job.stage != "closed":
            return False
        elif job.failure is None:
            await self.subscriptions.end(subscription.id, found, "dismissed" if job.status == "dismissed" else "staged")
        elif job.failure.status in MAY_PASS and found.attempt <= len(PAUSES):
            again = timestamp(self.clock() + PAUSES[found.attempt - 1])
            await self.subscriptions.change(subscription.id, found, attempt=found.attempt + 1, job="", not_before=again)
        else:
            await self.subscriptions.end(subscription.id, found, "failed", job.failure.reason)
        return True


def job_of(subscription: Subscription, found: FoundItem, now: str) -> Job:
    """The job of an attempt at an item: whoever makes it, it has the same id."""
    return Job(
        id=str(uuid.uuid5(JOBS, f"{subscription.id}|{found.item}|{found.attempt}")),
        principal=subscription.principal,
        collection=subscription.collection,
        created=now,
        updated=now,
        publication=subscription.publication,
        priority=subscription.priority,
        label=subscription.label,
        message="The job was accepted.",
    )
