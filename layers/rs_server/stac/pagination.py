"""Page tokens: opaque text that holds the whole state of a request, and grants nothing.

STAC Browser drops `limit` from a `next` link, so a token carries the page size too. A token is made by us but comes
back from outside, so it is checked like any input.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from rs_server.errors import InvalidRequest

MAX_TOKEN = 8192
NOT_OURS = "The page token is not one of ours. Start again from the first page."


def encode_token(state: dict[str, Any]) -> str:
    """Write `state` (JSON types only) as URL-safe text."""
    text = json.dumps(state, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_token(token: str) -> dict[str, Any]:
    """Read a token that `encode_token` made; raises InvalidRequest for anything else."""
    if len(token) > MAX_TOKEN:
        raise InvalidRequest(NOT_OURS)
    try:
        state = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidRequest(NOT_OURS) from error
    if not isinstance(state, dict):
        raise InvalidRequest(NOT_OURS)
    return state
