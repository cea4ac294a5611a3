"""Links and media types as STAC API 1.0 and OGC API Features 1.0 name them."""

from __future__ import annotations

JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
HTML = "text/html"

QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
SORTABLES = "http://www.opengis.net/def/rel/ogc/1.0/sortables"
CONFORMANCE = "conformance"

Link = dict[str, object]


def link(rel: str, href: str, media_type: str = JSON, title: str | None = None, **members: object) -> Link:
    """One link object; `members` are further ones such as `method` and `body`."""
    return {"rel": rel, "href": href, "type": media_type} | ({"title": title} if title else {}) | members
