"""Walking: the pages of what a station has published since, oldest first, as the subscription's owner sees them.

A walk is a search by publication date. Where it stands is the address of the next page, which the station service
writes with a cursor for each station; a walk that was broken off goes on there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rs_server.access.principals import Principal
from rs_server.errors import InvalidRequest
from rs_server.staging.addresses import BaseUrl, ServiceAddress
from rs_server.staging.gathering import next_page
from rs_server.staging.jobs import Failure, timestamp
from rs_server.staging.selection import features_of
from rs_server.staging.services import Services
from rs_server.staging.subscriptions.model import FoundItem, Source, Subscription

PAGE = 100
FIELDS = "id,collection,properties.published,properties.rs:complete"
"""What is read of an item to know that it is there: its job reads all of it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a walk."""

    items: tuple[FoundItem, ...]
    after: Subscription
    """The subscription behind this page."""
    failure: Failure | None
    """Why stations are missing from the page, in words."""

    @property
    def last(self) -> bool:
        """Whether there is nothing behind it."""
        return not self.after.walk


class Walker:
    """Reads pages for subscriptions."""

    def __init__(self, services: Services, base_url: BaseUrl) -> None:
        self.services = services
        self.base_url = base_url

    async def page(self, subscription: Subscription, owner: Principal, now: str) -> Page:
        """The next page of the walk under way, or the first of a new one; raises what the service refuses it with.

        A page token that the service no longer takes begins the walk again: what was found is not found twice.
        """
        first = first_page(subscription.source, subscription.since)
        address = ServiceAddress.from_document(json.loads(subscription.walk)) if subscription.walk else first
        try:
            page = await self.services.get(address, owner)
        except InvalidRequest:
            if not subscription.walk:
                raise
            page = await self.services.get(first, owner)
        following = next_page(page, await self.base_url(), self.services)
        features = features_of(page)
        dates = [instant(feature["properties"]["published"]) for feature in features]
        seen = replace(
            subscription,
            newest=max([subscription.newest, *map(timestamp, dates)]),
            walk=json.dumps(following.to_document()) if following else "",
        )
        failure = failure_in(page)
        after = seen if following else ended(seen, now, whole=failure is None)
        return Page(tuple(found_item(feature, now) for feature in features), after, failure)

    async def look_again(self, source: Source, found: FoundItem, owner: Principal) -> bool:
        """Whether the station has all of an item by now."""
        document = await self.services.get(item_address(source, found), owner)
        return is_complete(document)


def first_page(source: Source, since: str) -> ServiceAddress:
    """The search for what `source` means and was published from `since` on, oldest first."""
    condition, language = published_since(source.filter, since)
    query = {
        "collections": ",".join(source.collections),
        "filter": condition,
        "filter-lang": language,
        "sortby": "published",
        "limit": str(PAGE),
        "fields": FIELDS,
    }
    return ServiceAddress(source.service, f"/{source.service}/search", tuple(query.items()))


def published_since(wanted: str | dict[str, Any] | None, since: str) -> tuple[str, str]:
    """A filter in CQL2 narrowed to what was published from `since` on, and its language."""
    if isinstance(wanted, dict):
        bound = {"op": ">=", "args": [{"property": "published"}, {"timestamp": since}]}
        return json.dumps({"op": "and", "args": [wanted, bound]}), "cql2-json"
    bound_text = f"published >= TIMESTAMP('{since}')"
    return (f"({wanted}) AND {bound_text}" if wanted else bound_text), "cql2-text"


def item_address(source: Source, found: FoundItem) -> ServiceAddress:
    """Where the item is."""
    return ServiceAddress(source.service, f"/{source.service}/collections/{found.collection}/items/{found.item}")


def found_item(feature: dict[str, Any], now: str) -> FoundItem:
    """What is noted of an item in a page."""
    return FoundItem(item=feature["id"], collection=feature["collection"], found=now, complete=is_complete(feature))


def is_complete(feature: dict[str, Any]) -> bool:
    """Whether the station has all of an item; sessions say so, and what says nothing has come as a whole."""
    return feature["properties"].get("rs:complete", True) is not False


def ended(subscription: Subscription, now: str, *, whole: bool) -> Subscription:
    """A subscription whose walk has come to its end. The next one begins a little before the newest item.

    A date in the future, from a station whose clock is wrong, must not hide what comes until then. Where stations
    were missing it begins where this one did, so that nothing of theirs is passed over.
    """
    if not whole or not subscription.newest:
        return replace(subscription, newest="")
    behind = timestamp(instant(min(subscription.newest, now)) - subscription.source.look_back)
    return replace(subscription, since=max(subscription.since, behind), newest="")


def failure_in(page: dict[str, Any]) -> Failure | None:
    """What `rs:partial` of a page says."""
    partial = page.get("rs:partial")
    if not partial:
        return None
    return Failure(502, f"Some stations did not answer; they are asked again. {told(partial)}")


def told(partial: Any) -> str:
    """Stations and their reasons, in words."""
    return "; ".join(f"{one.get('station')}: {one.get('reason')}" for one in partial)


def instant(text: str) -> datetime:
    """A moment that a service wrote."""
    return datetime.fromisoformat(text)
