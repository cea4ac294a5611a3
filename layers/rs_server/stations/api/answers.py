"""JSON answers, encoded once."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from rs_server.stac.links import JSON


def answer(body: Any, media_type: str = JSON) -> Response:
    """An answer with a JSON body."""
    return Response(orjson.dumps(body), media_type=media_type)
