"""One OpenAPI document over all services, put together from what each says of itself.

Paths get their service's prefix, operations its tag, and schemas its name, since two services may call different
things alike. How callers authenticate is said once, for all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from rs_server.telemetry import logger

TIMEOUT = 10.0
REMEMBERED = 300.0
"""Seconds that a whole document is answered with again."""
SCHEMAS = "#/components/schemas/"
SECURITY_SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "A key, as `rs keys create` gives."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key, or a token of the identity provider."},
}
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Described:
    """A service that describes itself."""

    name: str
    """What its operations are filed under."""
    path: str
    """Where its description is, below the base URL."""
    prefix: str = ""
    """What its own paths lie below."""


class Descriptions:
    """Asks the services for their descriptions, as any caller would, and puts them together."""

    def __init__(
        self,
        services: Sequence[Described],
        transport: httpx.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.services = services
        self.transport = transport
        self.monotonic = monotonic
        self._found: tuple[float, Document] | None = None

    async def merged(self, own: Document, base_url: str) -> Document:
        """`own`, the portal's document, with all services in it; its description names those that do not answer."""
        moment = self.monotonic()
        if self._found is not None and moment - self._found[0] < REMEMBERED:
            return self._found[1]
        async with httpx.AsyncClient(transport=self.transport, timeout=TIMEOUT) as client:
            answers = await asyncio.gather(*(_ask(client, base_url + service.path) for service in self.services))
        asked = list(zip(self.services, answers, strict=True))
        document = merge(own, [(service, found) for service, found in asked if found is not None], base_url)
        silent = [service.name for service, found in asked if found is None]
        if silent:
            note = f"Not here, since they do not answer now: {', '.join(silent)}."
            document["info"] = document["info"] | {"description": f"{document['info']['description']}\n\n{note}"}
        else:
            self._found = (moment, document)
        return document


def merge(own: Document, described: Sequence[tuple[Described, Document]], base_url: str) -> Document:
    """One document at `base_url` of the portal's own and those of the services."""
    paths: Document = {}
    schemas: Document = {}
    for service, document in ((Described("portal", ""), own), *described):
        for path, operations in document.get("paths", {}).items():
            paths[f"{service.prefix}{path}"] = _operations(operations, service.name)
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            schemas[f"{service.name}.{name}"] = _renamed(schema, service.name)
    return {
        "openapi": own["openapi"],
        "info": own["info"],
        "servers": [{"url": base_url}],
        "tags": [{"name": name} for name in ("portal", *(service.name for service, _ in described))],
        "security": [{}, *({name: []} for name in SECURITY_SCHEMES)],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SECURITY_SCHEMES},
    }


def _operations(operations: Mapping[str, Any], service: str) -> Document:
    """The operations of one path, filed under their service, with ids that no other service's have."""
    return dict(_filed(operations, service))


def _filed(operations: Mapping[str, Any], service: str) -> Iterator[tuple[str, Any]]:
    for method, operation in operations.items():
        if method not in METHODS:
            yield method, _renamed(operation, service)
            continue
        kept = {name: value for name, value in operation.items() if name != "security"}
        name = f"{service}.{operation.get('operationId', method)}"
        yield method, _renamed(kept, service) | {"tags": [service], "operationId": name}


def _renamed(value: Any, service: str) -> Any:
    """A part of a document whose references lead to the service's own schemas."""
    if isinstance(value, dict):
        return {name: _renamed(member, service) for name, member in value.items()}
    if isinstance(value, list):
        return [_renamed(member, service) for member in value]
    if isinstance(value, str) and value.startswith(SCHEMAS):
        return f"{SCHEMAS}{service}.{value.removeprefix(SCHEMAS)}"
    return value


async def _ask(client: httpx.AsyncClient, url: str) -> Document | None:
    try:
        answer = await client.get(url)
        answer.raise_for_status()
        document: Document = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        logger.warning("a service does not describe itself", url=url, error=str(error))
        return None
    return document
