"""Subscriptions: what each wants, how far it has come, and the items that it has found and that are under way."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from rs_server.access.principals import Principal
from rs_server.stac.ids import CollectionId, parse_collection_id
from rs_server.staging.jobs import Failure, Publication
from rs_server.staging.selection import AssetFilter
from rs_server.staging.table import Key, Record

Status = Literal["active", "paused"]
Outcome = Literal["staged", "failed", "dismissed"]
Filter = str | dict[str, Any] | None

LOOK_BACK = {"cadip": timedelta(hours=24)}
"""How far a walk begins before the newest item that the last one saw.

A session is published when its downlink begins and gets properties that a filter may ask for until it has ended."""
LOOK_BACK_OF_PRODUCTS = timedelta(hours=1)
"""For products: stations show some of them later than their publication date says."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where items come from: collections of a station service, and which of their items."""

    service: str
    collections: tuple[str, ...]
    filter: Filter = None
    """CQL2 as text or as JSON; None for every item."""

    @property
    def look_back(self) -> timedelta:
        """How far before the newest known item a walk begins."""
        return LOOK_BACK.get(self.service, LOOK_BACK_OF_PRODUCTS)

    def to_document(self) -> dict[str, Any]:
        """The source as it is stored and shown."""
        given = {"filter": self.filter} if self.filter is not None else {}
        return {"service": self.service, "collections": list(self.collections), **given}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Source:
        """Read what `to_document` wrote."""
        return cls(document["service"], tuple(document["collections"]), document.get("filter"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A standing order. Times are RFC 3339 text, empty before they have come."""

    id: str
    principal: Principal
    """Who ordered it, as the authorizer saw them then; their rights are read again at each poll, the scope stays."""
    source: Source
    collection: CollectionId
    """Where the items go."""
    wanted: AssetFilter = field(default_factory=AssetFilter)
    publication: Publication = "atomic"
    priority: int = 0
    label: str = ""
    status: Status = "active"
    created: str
    updated: str
    since: str
    """Publication at the station from which the next walk begins."""
    newest: str = ""
    """Publication of the newest item that the walk under way has seen."""
    walk: str = ""
    """Address of the next page of the walk under way, as JSON; empty between walks."""
    polled: str = ""
    """When the last poll ended."""
    failure: Failure | None = None
    """What stood against the last poll."""
    failing_since: str = ""
    found: int = 0
    staged: int = 0
    failed: int = 0
    dismissed: int = 0

    @property
    def owner(self) -> str:
        """Login of who ordered it."""
        return self.principal.login

    def to_record(self) -> Record:
        """The subscription as the table keeps it."""
        failure = {"failure": self.failure.reason, "failure_status": self.failure.status} if self.failure else {}
        key = subscription_key(self.id)
        return {
            "pk": key.pk,
            "sk": key.sk,
            "login": self.owner,
            "principal": json.dumps(self.principal.to_context()),
            "source": json.dumps(self.source.to_document()),
            "collection": str(self.collection),
            "asset_names": list(self.wanted.names),
            "asset_patterns": list(self.wanted.patterns),
            **{name: getattr(self, name) for name in PLAIN},
            **failure,
        }

    @classmethod
    def from_record(cls, record: Record) -> Subscription:
        """Read what `to_record` wrote and polls changed."""
        return cls(
            id=record["sk"],
            principal=Principal.from_context(json.loads(record["principal"])),
            source=Source.from_document(json.loads(record["source"])),
            collection=parse_collection_id(record["collection"]),
            wanted=AssetFilter(tuple(record["asset_names"]), tuple(record["asset_patterns"])),
            failure=Failure(record["failure_status"], record["failure"]) if "failure" in record else None,
            **{name: record[name] for name in PLAIN},
        )


PLAIN = (
    "publication",
    "priority",
    "label",
    "status",
    "created",
    "updated",
    "since",
    "newest",
    "walk",
    "polled",
    "failing_since",
    "found",
    "staged",
    "failed",
    "dismissed",
)
"""Fields of a subscription that its record holds as they are."""

SUBSCRIPTIONS = "subscriptions"
"""Partition of all subscriptions: they are few, and each round of polls reads all."""


def subscription_key(subscription_id: str) -> Key:
    """Where a subscription's record is."""
    return Key(SUBSCRIPTIONS, subscription_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """An item that a subscription has found, from then until its staging has ended."""

    item: str
    collection: str
    """The station's collection that shows it."""
    found: str
    complete: bool = True
    """Whether the station had all of it when it was last looked at."""
    attempt: int = 1
    job: str = ""
    """The job that stages it, once there is one."""
    not_before: str = ""
    """When a failed attempt is followed by another."""

    def to_attributes(self) -> dict[str, Any]:
        """The members as the table keeps them."""
        return {
            "item": self.item,
            "collection": self.collection,
            "found": self.found,
            "complete": self.complete,
            "attempt": self.attempt,
            "job": self.job,
            "not_before": self.not_before,
        }

    @classmethod
    def from_record(cls, record: Record) -> FoundItem:
        """Read what `to_attributes` wrote."""
        return cls(**{name: record[name] for name in cls.__slots__})
