"""The landing page: what this API is, and where everything is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rs_server.catalog.rendering import Renderer
from rs_server.stac.links import CONFORMANCE, HTML, JSON, OPENAPI, QUERYABLES, SCHEMA, SORTABLES, Link, link

TITLE = "Catalog"
DESCRIPTION = (
    "Items of the Copernicus ground segment in collections of their owners. You see what is public, what is yours, and "
    "what has been shared with you."
)
MAX_CHILDREN = 100
"""How many collections are linked one by one; the link `data` leads to all."""


def landing_page(
    renderer: Renderer, conformance: Sequence[str], collections: Iterable[Mapping[str, Any]], stac_version: str
) -> dict[str, Any]:
    """The landing page with a child link for each of `collections`."""
    base = renderer.base
    return {
        "type": "Catalog",
        "id": "rs-server-catalog",
        "title": TITLE,
        "description": DESCRIPTION,
        "stac_version": stac_version,
        "conformsTo": list(conformance),
        "links": [
            link("self", f"{base}/", JSON, TITLE),
            link("root", f"{base}/", JSON, TITLE),
            link("data", f"{base}/collections", JSON, "Collections"),
            link(CONFORMANCE, f"{base}/conformance", JSON, "Conformance classes"),
            *renderer.search_links(),
            link(QUERYABLES, f"{base}/queryables", SCHEMA, "Queryables"),
            link(SORTABLES, f"{base}/sortables", SCHEMA, "Sortables"),
            link("aggregate", f"{base}/aggregate", JSON, "Aggregate"),
            link("aggregations", f"{base}/aggregations", JSON, "Aggregations"),
            link("service-desc", f"{base}/api", OPENAPI, "OpenAPI description"),
            link("service-doc", f"{base}/api.html", HTML, "OpenAPI documentation"),
            *(_child(renderer, collection) for collection in collections),
        ],
    }


def _child(renderer: Renderer, collection: Mapping[str, Any]) -> Link:
    title = collection.get("title") or collection["id"]
    return link("child", renderer.collection_address(collection["id"]), JSON, title)
