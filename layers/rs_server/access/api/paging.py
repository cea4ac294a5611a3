"""Pages of the access service's lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request

from rs_server.access.api.models import LinkAnswer
from rs_server.errors import InvalidRequest
from rs_server.stac.pagination import NOT_OURS, decode_token, encode_token

Limit = Annotated[int, Query(ge=1, le=1000)]
Token = Annotated[str, Query(max_length=2000)]


def next_links(request: Request, position: Mapping[str, Any] | None) -> list[LinkAnswer]:
    """The `next` link to what follows `position`; none at the end."""
    if not position:
        return []
    url = request.url.include_query_params(token=encode_token(dict(position)))
    return [LinkAnswer(rel="next", href=str(url))]


def position_in(token: str, members: set[str]) -> dict[str, str] | None:
    """The position in a token, None without one; raises InvalidRequest for anything but texts named `members`."""
    if not token:
        return None
    state = decode_token(token)
    if set(state) != members or not all(isinstance(value, str) and value for value in state.values()):
        raise InvalidRequest(NOT_OURS)
    return state
