"""Bodies as they were sent: stac-fastapi's models check them, but would write them anew."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request

from rs_server.errors import InvalidRequest


async def json_value(request: Request) -> Any:
    """The JSON that was sent (RFC 8259, which has no NaN and no half characters).

    Raises InvalidRequest for anything else, and where nothing was sent, which stac-fastapi's models let pass.
    """
    content = await request.body()
    if not content:
        raise InvalidRequest("There is no body. Send a JSON object.")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is no JSON: {error}.") from error


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object that was sent; raises InvalidRequest."""
    body = await json_value(request)
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return body
