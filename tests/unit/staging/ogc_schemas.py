"""JSON schemas of OGC API Processes 1.0, offline: from the folder RS_SCHEMAS, or one beside the checkout."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

FOLDER = Path(os.environ.get("RS_SCHEMAS", Path(__file__).parents[3].parent / "shared" / "schemas"))
PROCESSES = FOLDER / "ogcapi-processes-1.0"


@cache
def _registry() -> Registry[Any]:
    documents = {path.name: yaml.safe_load(path.read_text()) for path in PROCESSES.glob("*.yaml")}
    schema_of_schemas = documents["schema.yaml"]
    draft_7(schema_of_schemas)
    return Registry().with_resources((name, Resource(document, DRAFT7)) for name, document in documents.items())


def draft_7(schema: Any) -> None:
    """Write OpenAPI 3.0's boolean exclusive bounds so that JSON Schema accepts them: they bound nothing here."""
    if isinstance(schema, dict):
        for name in ("exclusiveMinimum", "exclusiveMaximum"):
            if isinstance(schema.get(name), bool):
                del schema[name]
        for member in schema.values():
            draft_7(member)


def check(document: Any, schema: str) -> None:
    """Fail unless `document` is valid by the standard's schema of this name, such as `statusInfo`."""
    if not PROCESSES.is_dir():
        pytest.skip(f"no schemas of OGC API Processes in {PROCESSES}; set RS_SCHEMAS to a folder with them")
    validator = Draft7Validator({"$ref": f"{schema}.yaml"}, registry=_registry(), format_checker=FormatChecker())
    faults = [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(document)]
    assert faults == []
