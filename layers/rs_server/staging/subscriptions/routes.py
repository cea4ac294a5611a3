"""The routes of `/subscriptions`."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from rs_server.access.requests import principal_of
from rs_server.stac.links import Link, link
from rs_server.staging.subscriptions.bodies import Amendment, NewSubscription
from rs_server.staging.subscriptions.desk import SubscriptionDesk
from rs_server.staging.subscriptions.model import FoundItem, Subscription
from rs_server.staging.table import Record

Document = dict[str, Any]
Limit = Annotated[int, Query(ge=1, le=10_000)]
MOST_SHOWN = 100
"""Items under way that a subscription shows."""


def subscription_routes(desk: SubscriptionDesk) -> APIRouter:
    """The routes; they carry their whole path."""
    router = APIRouter()

    @router.get("/subscriptions")
    async def list_subscriptions(request: Request, limit: Limit = 100, token: str = "") -> Document:
        found, following = await desk.page(principal_of(request), limit, token)
        base_url = _base_url(request)
        links = [link("self", f"{base_url}/subscriptions", title="Standing orders")]
        if following:
            query = urlencode({"limit": limit, "token": following})
            links.append(link("next", f"{base_url}/subscriptions?{query}", title="The next page"))
        return {"subscriptions": [document_of(one, base_url) for one in found], "links": links}

    @router.post("/subscriptions")
    async def add_subscription(request: Request, body: NewSubscription) -> Response:
        added = await desk.add(body, principal_of(request))
        base_url = _base_url(request)
        headers = {"location": f"{base_url}/subscriptions/{added.id}"}
        return JSONResponse(document_of(added, base_url), HTTPStatus.CREATED, headers)

    @router.get("/subscriptions/{subscription_id}")
    async def show_subscription(request: Request, subscription_id: str) -> Document:
        found = await desk.find(subscription_id, principal_of(request), "read")
        under_way = await desk.subscriptions.under_way(found.id)
        failures = await desk.subscriptions.failures(found.id)
        return {
            **document_of(found, _base_url(request)),
            "under_way": {"total": len(under_way), "items": _under_way(under_way)},
            "failures": [_failure(record) for record in failures],
        }

    @router.patch("/subscriptions/{subscription_id}")
    async def amend_subscription(request: Request, subscription_id: str, body: Amendment) -> Document:
        found = await desk.find(subscription_id, principal_of(request), "write")
        return document_of(await desk.amend(found, body), _base_url(request))

    @router.delete("/subscriptions/{subscription_id}", status_code=HTTPStatus.NO_CONTENT)
    async def remove_subscription(request: Request, subscription_id: str) -> None:
        await desk.remove(await desk.find(subscription_id, principal_of(request), "manage"))

    return router


def document_of(subscription: Subscription, base_url: str) -> Document:
    """A subscription as it is shown."""
    failure = subscription.failure
    trouble = (
        {
            "status": failure.status,
            "reason": failure.reason,
            "since": subscription.failing_since,
        }
        if failure
        else None
    )
    return {
        "id": subscription.id,
        "owner": subscription.owner,
        "status": subscription.status,
        "label": subscription.label,
        "source": subscription.source.to_document(),
        "collection": str(subscription.collection),
        "asset_names": list(subscription.wanted.names),
        "asset_patterns": list(subscription.wanted.patterns),
        "publication": subscription.publication,
        "created": subscription.created,
        "updated": subscription.updated,
        "polled": subscription.polled or None,
        "published_since": subscription.since,
        "error": trouble,
        "items": {name: getattr(subscription, name) for name in ("found", "staged", "failed", "dismissed")},
        "links": _links(subscription, base_url),
    }


def _links(subscription: Subscription, base_url: str) -> list[Link]:
    return [
        link("self", f"{base_url}/subscriptions/{subscription.id}", title="This standing order"),
        link("collection", f"{base_url}/catalog/collections/{subscription.collection}", title="Where its items go"),
    ]


def _under_way(items: Sequence[FoundItem]) -> list[Document]:
    shown = sorted(items, key=lambda one: (one.found, one.item))[:MOST_SHOWN]
    return [
        {
            "id": one.item,
            "found": one.found,
            "state": "staging" if one.job else "waiting",
            "job": one.job or None,
            "attempt": one.attempt,
            "not_before": one.not_before or None,
        }
        for one in shown
    ]


def _failure(record: Record) -> Document:
    return {"id": record["item"], "job": record["job"] or None, "reason": record["reason"], "ended": record["ended"]}


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")
