"""What becomes of each item of a batch: what is decided before the engine writes, and what follows from its answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from rs_server.catalog.engine.client import BulkOutcome, BulkWrite, Document, Source
from rs_server.catalog.engine.mappings import DELETING
from rs_server.catalog.items import absent_item
from rs_server.catalog.times import days_after
from rs_server.catalog.validation import check_form
from rs_server.catalog.versions import changed_meanwhile, check_if_match
from rs_server.errors import (
    BackendUnavailable,
    Conflict,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    RsServerError,
)
from rs_server.stac.ids import CollectionId, document_id

Mode = Literal["create", "put", "replace"]
"""Items must be new; may be new or not; or must be there already."""

PASSING = frozenset({HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE})
"""Refusals for a state that ends: a deletion, a write at the same moment, an engine that is overloaded."""

Status = Literal["created", "replaced", "unchanged", "refused"]

SERVER_PROPERTIES = ("owner", "created", "updated", "published")
"""Properties that only the server sets."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one item."""

    id: str
    status: Status
    error: RsServerError | None = None
    """Why it was refused."""
    document: Document | None = None
    """What is stored now."""

    @property
    def passing(self) -> bool:
        """Whether it was refused for a reason that trying again may overcome."""
        return self.error is not None and self.error.status in PASSING

    def to_json(self) -> dict[str, str | bool]:
        """The form in which fates are answered; `passing` says of a refusal that trying again may overcome it."""
        if self.error is None:
            return {"id": self.id, "status": self.status}
        passing = {"passing": True} if self.passing else {}
        return {"id": self.id, "status": self.status, "reason": self.error.message, **passing}


@dataclass(frozen=True, slots=True)
class Wish:
    """How a batch is to be written."""

    collection: CollectionId
    mode: Mode
    moment: str
    """The time that the batch's timestamps get."""
    if_match: str | None = None
    keep_days: int | None = None
    """The collection's retention: how long items are kept that do not say so themselves."""

    def decide(self, source: Source, existing: Document | None) -> Fate | BulkWrite:
        """Whether and how an item in its stored form is written, beside what is stored under its id."""
        item_id: str = source["id"]
        deleting = existing is not None and existing.source.get(DELETING)
        if self.mode == "replace" and (existing is None or deleting):
            return refused(item_id, NotFound(absent_item(self.collection, item_id)))
        if deleting:
            return refused(item_id, Conflict(f"Item {item_id!r} is being deleted. Send it again in a few minutes."))
        if existing is None:
            return self._write(source, {"created": self.moment, "published": self.moment}, None)
        try:
            check_if_match(self.if_match, existing)
        except PreconditionFailed as error:
            return refused(item_id, error)
        if _content(existing.source) == _content(self._as_kept(source, existing)):
            return Fate(item_id, "unchanged", document=existing)
        properties = existing.source["properties"]
        return self._write(source, {name: properties[name] for name in ("created", "published")}, existing)

    def fate_of(self, write: BulkWrite, outcome: BulkOutcome) -> Fate:
        """The fate of an item that the engine was given."""
        item_id: str = write.source["id"]
        if outcome.version:
            document = Document(write.source, outcome.version)
            return Fate(item_id, "replaced" if write.version else "created", document=document)
        return refused(item_id, self._refusal(write, outcome))

    def _refusal(self, write: BulkWrite, outcome: BulkOutcome) -> RsServerError:
        item_id = write.source["id"]
        match outcome.status:
            case HTTPStatus.CONFLICT if self.if_match:
                return changed_meanwhile()
            case HTTPStatus.CONFLICT if self.mode == "create":
                return Conflict(f"Item {item_id!r} exists already, or is being deleted. PUT it to replace it.")
            case HTTPStatus.CONFLICT:
                return Conflict(f"Item {item_id!r} was written by someone else at the same moment. Send it again.")
            case HTTPStatus.TOO_MANY_REQUESTS:
                return BackendUnavailable(
                    "The catalog's search engine is overloaded. Try again shortly.", retry_after=5
                )
        if "total fields" in outcome.reason:
            return InvalidRequest(
                f"Item {item_id!r} has properties with names that are new here, and the catalog has room for no more. "
                "Use names that other items have, or put the values into one object, which is kept and not indexed."
            )
        return InvalidRequest(f"Item {item_id!r} cannot be indexed: {outcome.reason}")

    def _as_kept(self, source: Source, existing: Document) -> Source:
        """The item with the expiry that the retention gave it when it was written before, if it is to give it one."""
        days = self._days_of(source)
        if days is None:
            return source
        given = days_after(existing.source["properties"]["updated"], days)
        return source | {"properties": source["properties"] | {"expires": given}}

    def _days_of(self, source: Source) -> int | None:
        return None if "expires" in source["properties"] else self.keep_days

    def _write(self, source: Source, stamps: dict[str, str], existing: Document | None) -> Fate | BulkWrite:
        if days := self._days_of(source):
            stamps = stamps | {"expires": days_after(self.moment, days)}
        complete = {**source, "properties": {**source["properties"], **stamps, "updated": self.moment}}
        try:
            content = check_form(complete)
        except InvalidRequest as error:
            return refused(source["id"], error)
        target = document_id(self.collection, source["id"])
        version = existing.version if existing else None
        return BulkWrite("index" if existing else "create", target, complete, version, content=content)


def refused(item_id: str, error: RsServerError) -> Fate:
    """The fate of an item that was not written."""
    return Fate(item_id, "refused", error)


def _content(source: Source) -> Source:
    """What two versions of an item are compared by."""
    properties = {name: value for name, value in source["properties"].items() if name not in SERVER_PROPERTIES}
    return source | {"properties": properties}


def first_refusal(fates: Iterable[Fate]) -> Fate | None:
    """The refusal that decides about items that are written together: one for good, if there is one."""
    refusals = [fate for fate in fates if fate.error]
    return next((fate for fate in refusals if not fate.passing), refusals[0] if refusals else None)


def held_back(decisions: Sequence[Fate | BulkWrite], refusal: Fate) -> list[Fate]:
    """The fates of items that are written together, of which one was refused: so are all."""
    assert refusal.error
    reason = type(refusal.error)(f"Item {refusal.id!r} was refused, and with it all: {refusal.error.message}")
    return [_held_back(decision, refusal, reason) for decision in decisions]


def _held_back(decision: Fate | BulkWrite, refusal: Fate, reason: RsServerError) -> Fate:
    """An item's own refusal, if it has one, or that of the other; if that one is for good, nobody need try again."""
    if isinstance(decision, Fate) and decision.error and (refusal.passing or not decision.passing):
        return decision
    name = decision.id if isinstance(decision, Fate) else decision.source["id"]
    return refusal if name == refusal.id else refused(name, reason)
