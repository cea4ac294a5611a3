"""The definition of the process service in OpenAPI 3.0, which OGC API Processes 1.0 asks for (class `oas30`).

FastAPI writes 3.1. Of what 3.1 says in another way, its documents have three things: a type that may be null, a
constant, and what the names of members may be, which 3.0 cannot say.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

Document = dict[str, Any]
OPENAPI_30 = "application/vnd.oai.openapi+json;version=3.0"
NULL = {"type": "null"}


def definition(app: FastAPI, base_url: str) -> Document:
    """The OpenAPI 3.0 document of `app` at `base_url`."""
    document: Document = older(app.openapi())
    return document | {"openapi": "3.0.3", "servers": [{"url": base_url}]}


def older(schema: Any) -> Any:
    """What OpenAPI 3.1 says, as 3.0 says it."""
    if isinstance(schema, list):
        return [older(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    written = {name: older(member) for name, member in schema.items()}
    written.pop("propertyNames", None)
    if "const" in written:
        written["enum"] = [written.pop("const")]
    kinds = written.get("anyOf")
    if isinstance(kinds, list) and NULL in kinds:
        rest = [kind for kind in kinds if kind != NULL]
        del written["anyOf"]
        written |= {"nullable": True, **({"anyOf": rest} if len(rest) > 1 else {"allOf": rest})}
    return written
