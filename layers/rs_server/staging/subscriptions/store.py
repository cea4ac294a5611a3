"""Subscriptions in the jobs table, and the conditional writes that make each item be staged once.

A found item has two records: a mark, which stays for a year and says that it was found, and while it is under way a
record with its state. Both are written in one transaction, which the mark of an earlier poll refuses; an item ends in
one transaction with its count. So polls may be cut short anywhere, and run at the same time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rs_server.staging.concurrency import each
from rs_server.staging.jobs import Clock, Failure, timestamp, utc_now
from rs_server.staging.subscriptions.model import (
    SUBSCRIPTIONS,
    FoundItem,
    Outcome,
    Subscription,
    subscription_key,
)
from rs_server.staging.table import Change, Key, Record, Removal, Table

AT_ONCE = 8
MARKED = timedelta(days=365)
"""How long an item that was found is not found again."""
SHOWN = timedelta(days=90)
"""How long an item that could not be staged is shown."""
MOST_FAILURES = 20


class SubscriptionStore:
    """Subscription records in the jobs table."""

    def __init__(self, table: Table, clock: Clock = utc_now) -> None:
        self.table = table
        self.clock = clock

    async def create(self, subscription: Subscription) -> None:
        """Record a new subscription."""
        await self.table.put(subscription.to_record())

    async def get(self, subscription_id: str) -> Subscription | None:
        """The subscription of this id, as last written."""
        record = await self.table.get(subscription_key(subscription_id))
        return Subscription.from_record(record) if record else None

    async def all(self) -> list[Subscription]:
        """Every subscription of every user, the oldest first."""
        records = await self.table.below(SUBSCRIPTIONS)
        return sorted(map(Subscription.from_record, records), key=lambda one: (one.created, one.id))

    async def amend(self, subscription_id: str, **members: str) -> Subscription | None:
        """Set members such as `status` or `label`; None if it is gone."""
        put = {**members, "updated": timestamp(self.clock())}
        changed = await self.table.change(
            Change(key=subscription_key(subscription_id), put=put, when="attribute_exists(#pk)")
        )
        return Subscription.from_record(changed) if changed else None

    async def remove(self, subscription_id: str) -> bool:
        """Forget a subscription, and what it had under way; marks and failures expire. False if it is gone."""
        gone = await self.table.delete(subscription_key(subscription_id), "attribute_exists(#pk)")
        records = await self.table.below(_items(subscription_id), "open#")
        await each([Key(one["pk"], one["sk"]) for one in records], self.table.delete, AT_ONCE)
        return gone

    async def lease(self, subscription_id: str, holder: str, seconds: float) -> bool:
        """Take the right to poll; False while another poll has it, or if the subscription is not active (any more)."""
        now = self.clock()
        return await self._change(
            subscription_id,
            "#status = :active AND (attribute_not_exists(#holder) OR #holder = :me OR #held_until < :now)",
            {"active": "active", "me": holder, "now": timestamp(now)},
            holder=holder,
            held_until=timestamp(now + timedelta(seconds=seconds)),
        )

    async def move(self, before: Subscription, after: Subscription) -> bool:
        """Write how far a walk has come; False if another poll has moved it, or it was paused or removed."""
        return await self._change(
            before.id,
            "#status = :active AND #since = :since AND #walk = :walk",
            {"active": "active", "since": before.since, "walk": before.walk},
            since=after.since,
            newest=after.newest,
            walk=after.walk,
        )

    async def polled(self, subscription_id: str, holder: str, failure: Failure | None) -> None:
        """End a poll: give the right back, and keep what stood against it for the owner to see."""
        current = await self.get(subscription_id)
        if current is None:
            return
        now = timestamp(self.clock())
        told: dict[str, Any] = {"polled": now, "failing_since": ""}
        if failure:
            told |= {"failure": failure.reason, "failure_status": failure.status}
            told["failing_since"] = current.failing_since or now
        await self.table.change(
            Change(
                key=subscription_key(subscription_id),
                put=told,
                remove=("holder", "held_until", *(() if failure else ("failure", "failure_status"))),
                when="#holder = :me",
                values={"me": holder},
            )
        )

    async def is_marked(self, subscription_id: str, item: str) -> bool:
        """Whether the item was found before."""
        return await self.table.get(_mark(subscription_id, item)) is not None

    async def note(self, subscription_id: str, found: FoundItem) -> bool:
        """Record an item that is found for the first time; False if it was found before."""
        key = _under_way(subscription_id, found.item)
        expires = int((self.clock() + MARKED).timestamp())
        return await self.table.change_all(
            Change(
                key=_mark(subscription_id, found.item),
                put={"found": found.found, "ttl": expires},
                when="attribute_not_exists(#pk)",
            ),
            Change(key=key, put={**found.to_attributes(), "ttl": expires}),
            self._count(subscription_id, "found"),
        )

    async def under_way(self, subscription_id: str) -> list[FoundItem]:
        """The items that are found and have not come to their end."""
        records = await self.table.below(_items(subscription_id), "open#")
        return [FoundItem.from_record(record) for record in records]

    async def change(self, subscription_id: str, before: FoundItem, **members: Any) -> FoundItem | None:
        """Take an item one step further; None if another poll has, or it has ended."""
        changed = await self.table.change(
            Change(
                key=_under_way(subscription_id, before.item),
                put=members,
                when="#attempt = :attempt AND #job = :job",
                values={"attempt": before.attempt, "job": before.job},
            )
        )
        return replace(before, **members) if changed is not None else None

    async def end(self, subscription_id: str, found: FoundItem, outcome: Outcome, reason: str = "") -> bool:
        """Bring an item to its end and count it; False if another poll has."""
        now = self.clock()
        failure = [_failure(subscription_id, found, reason, now)] if outcome == "failed" else []
        return await self.table.change_all(
            Removal(
                key=_under_way(subscription_id, found.item),
                when="#attempt = :attempt AND #job = :job",
                values={"attempt": found.attempt, "job": found.job},
            ),
            self._count(subscription_id, outcome),
            *failure,
        )

    async def failures(self, subscription_id: str) -> list[Record]:
        """The last items that could not be staged, the newest first: `item`, `job`, `reason`, `ended`."""
        records, _ = await self.table.page(
            condition="pk = :pk AND begins_with(sk, :prefix)",
            values={"pk": _items(subscription_id), "prefix": "failed#"},
            ScanIndexForward=False,
            Limit=MOST_FAILURES,
        )
        return records

    def _count(self, subscription_id: str, counter: str) -> Change:
        """One more; only while the subscription is there, so that a poll leaves nothing behind a removed one."""
        return Change(key=subscription_key(subscription_id), add={counter: 1}, when="attribute_exists(#pk)")

    async def _change(self, subscription_id: str, when: str, values: dict[str, Any], **put: Any) -> bool:
        change = Change(key=subscription_key(subscription_id), put=put, when=when, values=values)
        return await self.table.change(change) is not None


def _items(subscription_id: str) -> str:
    return f"subscription#{subscription_id}"


def _mark(subscription_id: str, item: str) -> Key:
    return Key(_items(subscription_id), f"mark#{item}")


def _under_way(subscription_id: str, item: str) -> Key:
    return Key(_items(subscription_id), f"open#{item}")


def _failure(subscription_id: str, found: FoundItem, reason: str, now: datetime) -> Change:
    told = {"item": found.item, "job": found.job, "reason": reason, "ended": timestamp(now)}
    return Change(
        key=Key(_items(subscription_id), f"failed#{timestamp(now)}#{found.item}"),
        put={**told, "ttl": int((now + SHOWN).timestamp())},
    )
