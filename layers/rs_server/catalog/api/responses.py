"""Answers whose bytes are made once, by orjson; FastAPI would encode them twice."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from rs_server.stac.links import JSON

NO_CONTENT = HTTPStatus.NO_CONTENT


def answer(
    body: Any, media_type: str = JSON, *, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer with a JSON body."""
    return Response(orjson.dumps(body), status, dict(headers or {}), media_type)


def document(
    body: Any, etag: str, media_type: str = JSON, *, status: int = HTTPStatus.OK, location: str | None = None
) -> Response:
    """An answer with one stored document, and its entity tag."""
    headers = {"etag": etag} | ({"location": location} if location else {})
    return answer(body, media_type, status=status, headers=headers)


def changed(etag: str, preference: str = "") -> Response:
    """The answer to a change that shows nothing but the new entity tag, by a preference or for want of a right."""
    headers = {"etag": etag} | ({"preference-applied": preference} if preference else {})
    return Response(status_code=NO_CONTENT, headers=headers)
