"""Polling: one look at what a subscription's stations have published, as its owner may see it today.

What stands against a poll is written on the subscription for its owner to read; the next poll tries again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from rs_server.access.principals import Principal
from rs_server.access.resources import STAGING, catalog_resource
from rs_server.access.rights import Rights
from rs_server.errors import BackendFailed, RsServerError, TooManyRequests
from rs_server.staging.authority import Authority
from rs_server.staging.beating import OutOfTime
from rs_server.staging.delivery import Delivery
from rs_server.staging.jobs import Clock, Failure, timestamp, utc_now
from rs_server.staging.messages import Message, WorkQueue
from rs_server.staging.subscriptions.model import FoundItem, Subscription
from rs_server.staging.subscriptions.store import SubscriptionStore
from rs_server.staging.subscriptions.tending import Tender
from rs_server.staging.subscriptions.walking import Walker
from rs_server.staging.worker import failure_of
from rs_server.telemetry import logger

LEASE_SECONDS = 120
"""Longer than a function runs; a poll that comes too early for it is no loss, since the next one follows soon."""
UNEXPECTED = Failure(HTTPStatus.BAD_GATEWAY, "The service failed unexpectedly; the next poll tries again.")
MOST_JOBS = 50
"""Jobs of one subscription at a time: it must not use up all that its owner may have under way."""
MOST_UNDER_WAY = 1000
"""Items of one subscription that are under way, from which on no more are looked for."""


@dataclass
class Round:
    """A poll under way."""

    subscription: Subscription
    owner: Principal
    """As who they are today."""
    delivery: Delivery
    failure: Failure | None = None
    """The first thing that stood against it."""
    tended: set[str] = field(default_factory=set)
    jobs: int = 0
    """Items of the subscription that have a job under way."""

    def note(self, failure: Failure | None) -> None:
        """Keep what stood against the poll."""
        self.failure = self.failure or failure


class Poller:
    """Polls subscriptions."""

    def __init__(
        self,
        subscriptions: SubscriptionStore,
        walker: Walker,
        tender: Tender,
        authority: Authority,
        queue: WorkQueue,
        clock: Clock = utc_now,
    ) -> None:
        self.subscriptions = subscriptions
        self.walker = walker
        self.tender = tender
        self.authority = authority
        self.queue = queue
        self.clock = clock

    async def call_all(self) -> None:
        """Have every active subscription polled."""
        active = [one for one in await self.subscriptions.all() if one.status == "active"]
        await self.queue.send([Message("poll", subscription.id) for subscription in active])

    async def handle(self, message: Message, delivery: Delivery) -> bool:
        """Do the poll that `message` asks for. It never comes again: the next round is never far."""
        with logger.append_context_keys(subscription=message.job):
            try:
                await self.poll(message.job, delivery)
            except OutOfTime:
                await self.queue.send([message])
        return True

    async def poll(self, subscription_id: str, delivery: Delivery) -> None:
        """Poll a subscription, unless another poll is at it, or it is paused or gone."""
        holder = uuid.uuid4().hex
        subscription = await self.subscriptions.get(subscription_id)
        if subscription is None or not await self.subscriptions.lease(subscription_id, holder, LEASE_SECONDS):
            return
        failure: Failure | None = None
        try:
            rights = await self.authority.rights_of(subscription.principal)
            require_target(rights, subscription)
            failure = await self._round(Round(subscription, rights.principal, delivery))
        except OutOfTime:
            raise
        except RsServerError as error:
            failure = failure_of(error)
        except Exception as error:  # told to the owner, like everything that stands against a poll
            logger.exception("poll failed", exc_info=error)
            failure = UNEXPECTED
        finally:
            await self.subscriptions.polled(subscription_id, holder, failure)

    async def _round(self, round_: Round) -> Failure | None:
        """Walk and tend; what stands against the one does not keep from the other."""
        under_way = await self.subscriptions.under_way(round_.subscription.id)
        round_.jobs = sum(bool(found.job) for found in under_way)
        try:
            if len(under_way) < MOST_UNDER_WAY:
                await self._walk(round_)
        except RsServerError as error:
            round_.note(failure_of(error))
        rest = [one for one in under_way if one.item not in round_.tended]
        await self._tend(sorted(rest, key=lambda one: not one.job), round_)  # jobs that ended make room for others
        return round_.failure

    async def _walk(self, round_: Round) -> None:
        """Read page after page to the last, and note what is new before the cursor moves behind it."""
        while True:
            await round_.delivery.keep()
            now = timestamp(self.clock())
            page = await self.walker.page(round_.subscription, round_.owner, now)
            new = [found for found in page.items if await self._is_new(round_.subscription.id, found)]
            moved = await self.subscriptions.move(round_.subscription, page.after)
            await self._tend(new, round_)
            round_.note(page.failure if page.last else None)
            if not moved or page.last or len(round_.tended) >= MOST_UNDER_WAY:
                return
            if page.after.walk == round_.subscription.walk:
                raise BackendFailed("The pages of the search go in circles.")
            round_.subscription = page.after

    async def _is_new(self, subscription_id: str, found: FoundItem) -> bool:
        """Note an item; False if it was found before."""
        if await self.subscriptions.is_marked(subscription_id, found.item):
            return False
        return await self.subscriptions.note(subscription_id, found)

    async def _tend(self, items: Sequence[FoundItem], round_: Round) -> None:
        """Tend items one by one. What stands against one of them does not keep from the others, but for a quota."""
        for found in items:
            await round_.delivery.keep()
            round_.tended.add(found.item)
            if not found.job and round_.jobs >= MOST_JOBS:
                continue
            try:
                round_.jobs += await self.tender.tend(round_.subscription, found, round_.owner)
            except TooManyRequests as error:
                round_.note(failure_of(error))
                return
            except RsServerError as error:
                round_.note(Failure(error.status, f"{found.item}: {error.message}"))


def require_target(rights: Rights, subscription: Subscription) -> None:
    """Raise unless the subscription's owner may stage, and write into its collection."""
    rights.require("write", STAGING, absent="There is no process 'staging'.")
    rights.require(
        "write",
        catalog_resource(subscription.collection),
        absent=f"There is no collection {subscription.collection}.",
    )
