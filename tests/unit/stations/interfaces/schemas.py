"""JSON schemas of STAC and its extensions, offline: from the folder RS_SCHEMAS, or one beside the checkout."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

FOLDER = Path(os.environ.get("RS_SCHEMAS", Path(__file__).parents[4].parent / "shared" / "schemas"))
EXTERNAL_IDS = "https://stac-extensions.github.io/external-ids/v1.0.0/schema.json"

MINIMAL_EXTERNAL_IDS = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$id": EXTERNAL_IDS,
    "definitions": {
        "ids": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["scheme", "value"],
                "properties": {"scheme": {"type": "string"}, "value": {"type": "string"}},
            },
        }
    },
    "properties": {
        "properties": {"properties": {"externalIds": {"$ref": "#/definitions/ids"}}},
        "assets": {"additionalProperties": {"properties": {"externalIds": {"$ref": "#/definitions/ids"}}}},
    },
}
"""The extension's own schema could not be had: this is what its use in the cadip extension shows."""


@cache
def extension_schemas() -> dict[str, Any]:
    """Schemas by URL; the test is skipped where there is no folder with them."""
    if not FOLDER.is_dir():
        pytest.skip(f"no STAC extension schemas in {FOLDER}; set RS_SCHEMAS to a folder with them")
    found = [json.loads(path.read_text()) for path in sorted((FOLDER / "stac-extensions").rglob("*.json"))]
    return {schema["$id"].rstrip("#"): schema for schema in [*found, MINIMAL_EXTERNAL_IDS]}


def validate(item: dict[str, Any]) -> None:
    """Validate an item against STAC and every extension that it declares."""
    (item_schema,) = [url for url in get_local_schema_cache() if url.endswith("item-spec/json-schema/item.json")]
    for url in (item_schema, *item["stac_extensions"]):
        errors = [error.message for error in _validator(url).iter_errors(item)]
        assert not errors, (url, errors)


@cache
def _validator(url: str) -> Draft7Validator:
    schemas, registry = _known()
    return Draft7Validator(schemas[url], registry=registry)


@cache
def _known() -> tuple[dict[str, Any], Registry[Any]]:
    """All schemas by their address, and what resolves references between them."""
    schemas = extension_schemas() | get_local_schema_cache()
    registry: Registry[Any] = Registry().with_resources((url, Resource(each, DRAFT7)) for url, each in schemas.items())
    return schemas, registry.crawl()
