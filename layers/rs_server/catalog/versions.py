"""Optimistic locking: If-Match against the version of a stored document (RFC 9110, 13.1.1)."""

from __future__ import annotations

import re

from rs_server.catalog.engine.client import Document
from rs_server.errors import Conflict, PreconditionFailed

ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
CODING = re.compile(r"-(br|gzip|deflate)$")
"""What a compressing proxy appends to a tag: the version is the same."""


def check_if_match(header: str | None, current: Document) -> None:
    """Return if the header allows a change of `current`; raises PreconditionFailed.

    Without the header, and with `*`, any version may be changed. Weak tags never match.
    """
    if header is None or header.strip() == "*":
        return
    strong = {CODING.sub("", tag) for weak, tag in ENTITY_TAG.findall(header) if not weak}
    if current.etag.strip('"') not in strong:
        raise changed_meanwhile()


def changed_meanwhile() -> PreconditionFailed:
    """The error of a write that finds another version than it was made for."""
    return PreconditionFailed("It has changed since you read it. Read it again, and send its new ETag in If-Match.")


def overtaken(if_match: str | None) -> PreconditionFailed | Conflict:
    """The error of a change that somebody else's came before, for those who sent If-Match and for others."""
    return (
        Conflict("Somebody else changed it at the same moment. Send it again.")
        if if_match is None
        else changed_meanwhile()
    )
