"""The desk: what users may do with subscriptions, their own, or with an admin's right everyone's."""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from datetime import datetime

from rs_server.access.principals import Principal
from rs_server.access.resources import STAGING, catalog_resource
from rs_server.access.rights import CREDENTIAL_NEEDED, Rights
from rs_server.errors import (
    BackendFailed,
    BackendUnavailable,
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    Unauthenticated,
)
from rs_server.stac.ids import CollectionId, parse_collection_id
from rs_server.stac.pagination import decode_token, encode_token
from rs_server.staging.addresses import ServiceAddress
from rs_server.staging.authority import RightsReader
from rs_server.staging.jobs import PROCESS_ID, Clock, timestamp, utc_now
from rs_server.staging.messages import Message, WorkQueue
from rs_server.staging.process import PRIORITIES
from rs_server.staging.selection import AssetFilter
from rs_server.staging.services import Services
from rs_server.staging.status_info import no_such_process
from rs_server.staging.subscriptions.bodies import Amendment, NewSubscription
from rs_server.staging.subscriptions.model import Source, Subscription
from rs_server.staging.subscriptions.store import SubscriptionStore

MOST = 100
"""Subscriptions that one user may have."""


class SubscriptionDesk:
    """Takes, shows, changes and removes subscriptions."""

    def __init__(
        self,
        subscriptions: SubscriptionStore,
        queue: WorkQueue,
        services: Services,
        grants: RightsReader,
        clock: Clock = utc_now,
    ) -> None:
        self.subscriptions = subscriptions
        self.queue = queue
        self.services = services
        self.grants = grants
        self.clock = clock

    async def add(self, body: NewSubscription, principal: Principal) -> Subscription:
        """Record a subscription and have it polled; raises what stands against it, and then nothing is recorded."""
        rights = await self._require(principal, "write")
        collection = await self._target(body.collection, rights)
        source = Source(body.source.service, tuple(body.source.collections), body.source.filter)
        await self._try_out(source, rights)
        if len(await self._own(principal)) >= MOST:
            raise Conflict(f"You have {MOST} subscriptions, which is the most. Remove one first.")
        now = self.clock()
        since: datetime = body.since or now
        subscription = Subscription(
            id=str(uuid.uuid4()),
            principal=principal,
            source=source,
            collection=collection,
            wanted=AssetFilter(tuple(body.asset_names), tuple(body.asset_patterns)),
            publication=body.publication,
            priority=PRIORITIES[body.priority],
            label=body.label,
            created=timestamp(now),
            updated=timestamp(now),
            since=timestamp(since),
        )
        await self.subscriptions.create(subscription)
        await self._poll_soon(subscription)
        return subscription

    async def page(self, principal: Principal, limit: int, token: str) -> tuple[list[Subscription], str]:
        """Up to `limit` of the caller's subscriptions (an admin's: of all), oldest first, and the next page's token."""
        await self._require(principal, "read")
        after = _position(token)
        found = await self.subscriptions.all() if principal.admin else await self._own(principal)
        behind = [one for one in found if [one.created, one.id] > after]
        last = behind[limit - 1] if len(behind) > limit else None
        return behind[:limit], encode_token({"after": [last.created, last.id]}) if last else ""

    async def find(self, subscription_id: str, principal: Principal, action: str) -> Subscription:
        """The subscription, if it is the caller's own or the caller is an admin; else it is as if there were none."""
        await self._require(principal, action)
        subscription = await self.subscriptions.get(subscription_id)
        if subscription is None or not (principal.admin or subscription.owner == principal.login):
            raise no_such_subscription(subscription_id)
        return subscription

    async def amend(self, subscription: Subscription, amendment: Amendment) -> Subscription:
        """Pause a subscription, let it go on, or label it; one that goes on is polled at once."""
        members = {name: value for name, value in amendment.model_dump().items() if value is not None}
        changed = await self.subscriptions.amend(subscription.id, **members)
        if changed is None:
            raise no_such_subscription(subscription.id)
        if changed.status == "active" != subscription.status:
            await self._poll_soon(changed)
        return changed

    async def remove(self, subscription: Subscription) -> None:
        """Remove a subscription. Jobs that it has made go on."""
        await self.subscriptions.remove(subscription.id)

    async def _require(self, principal: Principal, action: str) -> Rights:
        if principal.anonymous:
            raise Unauthenticated(CREDENTIAL_NEEDED)
        rights = await self.grants.rights_of(principal)
        rights.require(action, STAGING, absent=no_such_process(PROCESS_ID).message)
        return rights

    async def _target(self, text: str, rights: Rights) -> CollectionId:
        """The collection to stage into, which must be there and be writable."""
        collection = parse_collection_id(text, default_owner=rights.principal.login)
        absent = f"collection: there is no collection {collection}. Create it first."
        rights.require("write", catalog_resource(collection), absent=absent)
        await self.services.require_collection(collection, rights.principal)
        return collection

    async def _try_out(self, source: Source, rights: Rights) -> None:
        """Make the search once as it will be made: the station service knows what is wrong with it."""
        if source.service not in self.services.functions:
            raise InvalidRequest(f"source.service: {source.service} is not deployed here.")
        if not rights.filter("download", source.service).allowed:
            raise Forbidden(f"You have no right to download from any station of {source.service}. Ask for it.")
        with suppress(BackendFailed, BackendUnavailable):  # a station that is away now need not be so later
            page = await self.services.get(trial(source), rights.principal)
            if unknown := page.get("rs:unknown_properties"):
                raise InvalidRequest(
                    f"source.filter: no item has {', '.join(map(repr, unknown))}. See /{source.service}/queryables."
                )

    async def _own(self, principal: Principal) -> list[Subscription]:
        return [one for one in await self.subscriptions.all() if one.owner == principal.login]

    async def _poll_soon(self, subscription: Subscription) -> None:
        with suppress(BackendUnavailable):  # else the next round polls it
            await self.queue.send([Message("poll", subscription.id)])


def trial(source: Source) -> ServiceAddress:
    """A search for one item that a source means."""
    query = {"collections": ",".join(source.collections), "limit": "1", "fields": "id"}
    if source.filter is not None:
        text = source.filter if isinstance(source.filter, str) else json.dumps(source.filter)
        query |= {"filter": text, "filter-lang": "cql2-text" if text is source.filter else "cql2-json"}
    return ServiceAddress(source.service, f"/{source.service}/search", tuple(query.items()))


def no_such_subscription(subscription_id: str) -> NotFound:
    """The refusal of a subscription that is not there, or not the caller's."""
    return NotFound(f"There is no subscription {subscription_id!r}.")


def _position(token: str) -> list[str]:
    """Where a page begins."""
    after = decode_token(token).get("after") if token else ["", ""]
    if not (isinstance(after, list) and len(after) == 2 and all(isinstance(part, str) for part in after)):
        raise InvalidRequest("The page token is not one of ours. Start again from the first page.")
    return after
