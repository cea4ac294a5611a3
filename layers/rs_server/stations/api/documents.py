"""Landing page, collections, queryables and sortables as STAC writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rs_server.stations.api.addresses import Addresses
from rs_server.stations.profiles.model import Provider, ServiceProfile, VirtualCollection
from rs_server.stations.queryables import Queryables

STAC_VERSION = "1.1.0"
JSON_SCHEMA = "https://json-schema.org/draft/2019-09/schema"


def landing_page(
    profile: ServiceProfile, addresses: Addresses, conformance: Sequence[str], collections: Iterable[VirtualCollection]
) -> dict[str, Any]:
    """The landing page of a service, with a child for each collection that the caller may read."""
    return {
        "type": "Catalog",
        "id": f"rs-server-{profile.service}",
        "stac_version": STAC_VERSION,
        "title": profile.title,
        "description": profile.description,
        "conformsTo": list(conformance),
        "links": addresses.landing(collections),
    }


def collection_document(
    collection: VirtualCollection, extensions: Sequence[str], addresses: Addresses
) -> dict[str, Any]:
    """A STAC collection of a virtual collection; its data go on, so its temporal extent is open."""
    return {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": list(extensions),
        "id": collection.id,
        "title": collection.title,
        "description": collection.description,
        "keywords": list(collection.keywords),
        "license": collection.license,
        "providers": [_provider(provider) for provider in collection.providers],
        "extent": {
            "spatial": {"bbox": [list(collection.bbox)]},
            "temporal": {"interval": [[collection.start, None]]},
        },
        "summaries": dict(collection.summaries),
        "links": addresses.of_collection(collection),
    }


def _provider(provider: Provider) -> dict[str, Any]:
    url = {"url": provider.url} if provider.url else {}
    return {"name": provider.name, "roles": list(provider.roles)} | url


def property_schema(title: str, address: str, queryables: Queryables) -> dict[str, Any]:
    """The JSON schema of properties, for `/queryables` and `/sortables`; items have no others."""
    return {
        "$schema": JSON_SCHEMA,
        "$id": address,
        "type": "object",
        "title": title,
        "properties": {name: queryable.to_schema() for name, queryable in sorted(queryables.items())},
        "additionalProperties": False,
    }
