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
from urllib.parse import urlencode

import orjson

from rs_server.catalog.engine.signing import RequestSigner
from rs_server.errors import BackendTimeout, BackendUnavailable

if TYPE_CHECKING:
    from elastic_transport import AsyncTransport
    from opensearchpy import AsyncOpenSearch

SECONDS = 20
"""How long one call may take; less than the 26 s that a request has."""

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


def connect(kind: str, url: str, headers: Mapping[str, str], signer: RequestSigner | None = None) -> Connection:
    """A connection to the engine of `kind` at `url`, which opens its sockets at the first call.

    `signer` is for OpenSearch only, where it stands for a secret's `headers`.

    The engine's client is imported here, so that a deployment loads one of the two.
    """
    return _elasticsearch(url, headers) if kind == "elasticsearch" else _opensearch(url, headers, signer)


def _opensearch(url: str, headers: Mapping[str, str], signer: RequestSigner | None) -> Connection:
    from opensearchpy import AsyncOpenSearch

    # it warns of every answer that is no success, though a document that is not there is an everyday one
    logging.getLogger("opensearch").setLevel(logging.ERROR)

    class OrjsonSerializer:
        mimetype = "application/json"

        def loads(self, text: str) -> Any:
            return orjson.loads(text)

        def dumps(self, body: bytes) -> bytes:
            return body

    client = AsyncOpenSearch(url, headers=dict(headers), serializer=OrjsonSerializer(), timeout=SECONDS, max_retries=1)
    return OpenSearchConnection(client, url, signer)


def _elasticsearch(url: str, headers: Mapping[str, str]) -> Connection:
    from elastic_transport import OrjsonSerializer
    from elasticsearch import AsyncElasticsearch

    client = AsyncElasticsearch(url, serializers={"application/json": OrjsonSerializer()})
    return ElasticsearchConnection(client.transport, headers)


class OpenSearchConnection:
    """OpenSearch, by `opensearch-py`; with a signer, a domain of Amazon OpenSearch Service."""

    def __init__(self, client: AsyncOpenSearch, url: str, signer: RequestSigner | None = None) -> None:
        self.client = client
        self.url = url.rstrip("/")
        self.signer = signer

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        """See Connection."""
        from opensearchpy.exceptions import ConnectionError as Unreachable
        from opensearchpy.exceptions import ConnectionTimeout, TransportError

        headers = self._headers(method, path, parameters, body, media_type)
        try:
            answer = await self.client.transport.perform_request(method, path, dict(parameters), body, headers=headers)
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

    def _headers(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> dict[str, str]:
        if self.signer is None:
            return {"content-type": media_type}
        return self.signer.headers(method, self.url + _target(path, parameters), body, media_type)


class ElasticsearchConnection:
    """Elasticsearch, by `elastic-transport`, the HTTP half of its client."""

    def __init__(self, transport: AsyncTransport, headers: Mapping[str, str]) -> None:
        self.transport = transport
        self.headers = headers

    async def call(
        self, method: str, path: str, parameters: Mapping[str, str], body: bytes | None, media_type: str
    ) -> Reply:
        """See Connection."""
        from elastic_transport import ConnectionTimeout, TransportError

        target = _target(path, parameters)
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


def _target(path: str, parameters: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path
