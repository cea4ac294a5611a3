"""Pages of items and collections as answers: rendered, cut to size, and linked to what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from rs_server.catalog.api.parameters import Asked
from rs_server.catalog.engine.client import Source
from rs_server.catalog.searches import Page
from rs_server.errors import PayloadTooLarge
from rs_server.stac.links import GEOJSON, JSON, Link, link

PAGE_BYTES = 4_500_000
"""A page ends before it is larger. A Lambda function can answer 6 MB, in which each quotation mark counts twice."""

Render = Callable[[Source], Source]


def features(request: Request, asked: Asked, page: Page, render: Render, links: list[Link]) -> Response:
    """A GeoJSON FeatureCollection of the page's items."""
    return _page(request, asked, page, render, links, ("FeatureCollection", "features", GEOJSON))


def collections(request: Request, asked: Asked, page: Page, render: Render, links: list[Link]) -> Response:
    """The list of the page's collections."""
    return _page(request, asked, page, render, links, ("", "collections", JSON))


def _page(
    request: Request, asked: Asked, page: Page, render: Render, links: list[Link], form: tuple[str, str, str]
) -> Response:
    kind, member, media_type = form
    shown = list(_until_full(page, render))
    links = [*links, link("self", str(request.url), media_type)]
    if len(shown) < len(page.sources) or page.more:
        links.append(_next(request, asked, asked.token(page.cursors[len(shown) - 1]), media_type))
    head: dict[str, Any] = {"type": kind} if kind else {}
    tail: dict[str, Any] = {"links": links, "numberReturned": len(shown)}
    if page.matched is not None:
        tail["numberMatched"] = page.matched
    # orjson writes Fragments as they are: each document was encoded once, to know its size
    return Response(orjson.dumps({**head, member: shown, **tail}), media_type=media_type)


def _until_full(page: Page, render: Render) -> Iterator[orjson.Fragment]:
    room = PAGE_BYTES
    for position, source in enumerate(page.sources):
        encoded = orjson.dumps(render(source))
        room -= len(encoded)
        if room < 0 and position > 0:
            return
        if room < 0:
            raise PayloadTooLarge(
                f"{source['id']!r} alone is too large for an answer. Leave members out with 'fields'."
            )
        yield orjson.Fragment(encoded)


def _next(request: Request, asked: Asked, token: str, media_type: str) -> Link:
    if request.method == "POST":
        body = {**asked.body, "limit": asked.limit, "token": token}
        return link("next", str(request.url), media_type, "Next page", method="POST", body=body)
    address = request.url.include_query_params(token=token)
    return link("next", str(address), media_type, "Next page", method="GET")
