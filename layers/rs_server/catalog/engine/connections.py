"""Connections to the two engines: the same few HTTP calls, with each one's own client below.

Both clients are asked for their transport only. So bodies are made once as bytes, answers are read by orjson, and the
media types are plain JSON, which every version of either engine takes (the Elasticsearch client's own methods demand a
server of the same major version).
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from rs_server.errors import BackendTimeout, BackendUnavailable

if TYPE_CHECKING:
    from elastic_transport import AsyncTransport
    from opensearchpy import AsyncOpenSearch

    # it warns of every answer that is no success, though a document that is not there is an everyday one
    logging.getLogger("opensearch").setLevel(logging.ERROR)

SECONDS = 20
"""How long one call may take; less than the 25 s that a request has."""

UNREACHABLE = "The catalog's search engine is out of reach. Try again shortly."
TOO_SLOW = "The catalog's search engine did not answer in time. Ask for less, or try again shortly."


@dataclass(frozen=True, slots=True)
class Reply:
    """What the engine answered."""

    status: int
    body: Any


class Connection(Protocol):
    """One engine's client, cut down to what the catalog needs."""

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        """Answer of any status; raises BackendUnavailable or BackendTimeout when there is none."""

    async def close(self) -> None:
        """Give the sockets back."""


def authorization(secret: str) -> dict[str, str]:
    """Request headers from the secret's JSON: `api_key`, or `username` and `password`; none for an open cluster."""
    credentials: dict[str, str] = json.loads(secret) if secret else {}
    if "api_key" in credentials:
        return {"authorization": f"ApiKey {credentials['api_key']}"}
    if "username" in credentials:
        pair = f"{credentials['username']}:{credentials['password']}"
        return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {}


def connect(kind: str, url: str, headers: Mapping[str, str]) -> Connection:
    """A connection to the engine of `kind` at `url`, which opens its sockets at the first call.

    The engine's client is imported here, so that a deployment loads one of the two.
    """
    return _elasticsearch(url, headers) if kind == "elasticsearch" else _opensearch(url, headers)


def _opensearch(url: str, headers: Mapping[str, str]) -> Connection:
    from opensearchpy import AsyncOpenSearch

    # it warns of every answer that is no success, though a document that is not there is an everyday one
    logging.getLogger("opensearch").setLevel(logging.ERROR)

    class OrjsonSerializer:
        mimetype = "application/json"

        def loads(self, text: str) -> Any:
            return orjson.loads(text)

        def dumps(self, body: bytes) -> bytes:
            return body

    return OpenSearchConnection(
        AsyncOpenSearch(url, headers=dict(headers), serializer=OrjsonSerializer(), timeout=SECONDS, max_retries=1)
    )


def _elasticsearch(url: str, headers: Mapping[str, str]) -> Connection:
    from elastic_transport import OrjsonSerializer
    from elasticsearch import AsyncElasticsearch

    client = AsyncElasticsearch(url, serializers={"application/json": OrjsonSerializer()})
    return ElasticsearchConnection(client.transport, headers)


class OpenSearchConnection:
    """OpenSearch, by `opensearch-py`. AWS IAM signing is a connection class given to this client."""

    def __init__(self, client: AsyncOpenSearch) -> None:
        self.client = client

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        """See Connection."""
        from opensearchpy.exceptions import ConnectionError as Unreachable
        from opensearchpy.exceptions import ConnectionTimeout, TransportError

        try:
            answer = await self.client.transport.perform_request(
                method, path, dict(parameters), body, headers={"content-type": media_type}
            )
        except ConnectionTimeout as error:
            raise BackendTimeout(TOO_SLOW) from error
        except Unreachable as error:
            raise BackendUnavailable(UNREACHABLE, retry_after=5) from error
        except TransportError as error:
            return Reply(int(error.status_code), error.info)
        return Reply(200, answer)

    async def close(self) -> None:
        """See Connection."""
        await self.client.close()


class ElasticsearchConnection:
    """Elasticsearch, by `elastic-transport`, the HTTP half of its client."""

    def __init__(self, transport: AsyncTransport, headers: Mapping[str, str]) -> None:
        self.transport = transport
        self.headers = headers

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        """See Connection."""
        from urllib.parse import urlencode

        from elastic_transport import ConnectionTimeout, TransportError

        target = f"{path}?{urlencode(parameters)}" if parameters else path
        headers = {**self.headers, "accept": "application/json", "content-type": media_type}
        try:
            meta, answer = await self.transport.perform_request(
                method, target, headers=headers, body=body, request_timeout=SECONDS, max_retries=1
            )
        except ConnectionTimeout as error:
            raise BackendTimeout(TOO_SLOW) from error
        except TransportError as error:
            raise BackendUnavailable(UNREACHABLE, retry_after=5) from error
        return Reply(meta.status, answer)

    async def close(self) -> None:
        """See Connection."""
        await self.transport.close()
