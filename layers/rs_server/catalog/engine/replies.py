"""What the engine's replies mean: an answer, or one of our own errors."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from rs_server.catalog.engine.connections import Reply
from rs_server.catalog.engine.documents import VersionConflict
from rs_server.errors import BackendFailed, BackendUnavailable, InvalidRequest, PayloadTooLarge
from rs_server.telemetry import logger

MISTAKEN = {
    "Trying to create too many buckets": (
        "These are more values than an aggregation can list. Ask for wider ones, or of fewer items."
    ),
    "cannot be cast to class": (
        "What this is sorted by is a number in some collections and text in others. Sort by another property, or name "
        "collections where it is the same."
    ),
}
"""What the engine takes for its own failure, though the request is at fault, and what is to be said of it."""


def checked(reply: Reply) -> Any:
    """Body of a reply that is a success; raises our error for any other."""
    status = reply.status
    if status < HTTPStatus.BAD_REQUEST:
        return reply.body
    if status == HTTPStatus.CONFLICT:
        raise VersionConflict
    reason = reason_of(reply.body)
    if status == HTTPStatus.BAD_REQUEST:
        raise InvalidRequest(f"The search engine cannot do this: {reason}")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise PayloadTooLarge("This is more than the search engine takes at once. Send it in smaller parts.")
    for words, told in MISTAKEN.items():
        if words in reason:
            raise InvalidRequest(told)
    logger.error("search engine failed", status=status, reason=reason)
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        raise BackendUnavailable("The catalog's search engine is overloaded. Try again shortly.", retry_after=5)
    raise BackendFailed("The catalog's search engine failed.")


def reason_of(body: Any) -> str:
    """The engine's own words: what it could not do, and the innermost cause, which names the value at fault."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return str(error or "no reason given")[:300]
    outer = inner = next(iter(error.get("root_cause") or []), error)
    while isinstance(inner.get("caused_by"), dict):
        inner = inner["caused_by"]
    reasons = dict.fromkeys(str(cause["reason"]) for cause in (outer, inner) if cause.get("reason"))
    return ": ".join(reasons)[:300] or "no reason given"


def accepted(reply: Reply) -> None:
    """Return if an index, a template or a mapping is there now; raises BackendFailed with the engine's own words."""
    if reply.status < HTTPStatus.BAD_REQUEST or "resource_already_exists" in str(reply.body):
        return  # somebody else made the same index at the same time
    raise BackendFailed(f"The search engine refused the catalog's indices: {json.dumps(reply.body)[:500]}")
