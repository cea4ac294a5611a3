"""Calls to our own services, by invoking their functions with the job owner's principal in the event.

No key of a user is in it and no host is reached; only staging's role may invoke the functions in this way.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from rs_server.access.principals import Principal
from rs_server.errors import (
    BackendFailed,
    BackendTimeout,
    BackendUnavailable,
    Conflict,
    Forbidden,
    InvalidRequest,
    NotFound,
    PayloadTooLarge,
    RsServerError,
    TooManyRequests,
)
from rs_server.stac.ids import CollectionId
from rs_server.staging.addresses import ServiceAddress
from rs_server.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

Document = dict[str, Any]

REFUSALS: Mapping[int, type[RsServerError]] = {
    HTTPStatus.BAD_REQUEST: InvalidRequest,
    HTTPStatus.UNAUTHORIZED: Forbidden,
    HTTPStatus.FORBIDDEN: Forbidden,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: PayloadTooLarge,
    HTTPStatus.TOO_MANY_REQUESTS: TooManyRequests,
    HTTPStatus.SERVICE_UNAVAILABLE: BackendUnavailable,
    HTTPStatus.GATEWAY_TIMEOUT: BackendTimeout,
}
"""What a service's refusal means to a job; every other status is a failure of the service."""

INGEST_SECONDS = 90
"""How long a lease must last when the catalog is to write: that function runs for 60 s, and may be slow to begin."""


def parse_functions(text: str) -> dict[str, str]:
    """Read the setting `cadip=name,catalog=name`: the function of each service."""
    pairs = (entry.partition("=") for entry in text.split(",") if entry.strip())
    return {service.strip(): function.strip() for service, _, function in pairs}


class Services:
    """The functions of our services."""

    def __init__(self, client: LambdaClient, functions: Mapping[str, str], ingest_function: str) -> None:
        self.client = client
        self.functions = functions
        """Function of each service that may be called, by the service's prefix."""
        self.ingest_function = ingest_function

    async def get(self, address: ServiceAddress, principal: Principal) -> Document:
        """The JSON document at `address`, as `principal` sees it; raises what the service refuses it with."""
        return await self._ask(address, proxy_event(address, principal))

    async def post(self, address: ServiceAddress, principal: Principal, body: Document | None = None) -> Document:
        """What the service answers to a POST by `principal`; raises what it refuses it with."""
        return await self._ask(address, proxy_event(address, principal, "POST", body or {}))

    async def _ask(self, address: ServiceAddress, event: Document) -> Document:
        answer = await self._invoke(self.functions[address.service], event)
        status, body = int(answer["statusCode"]), read_body(answer)
        if status in {HTTPStatus.OK, HTTPStatus.CREATED} and isinstance(body, dict):
            return body
        reason = body.get("description", "") if isinstance(body, dict) else ""
        refusal = REFUSALS.get(status, BackendFailed)
        raise refusal(f"{address.service} answered {status} for {address.path}: {reason or 'no reason given'}")

    async def require_collection(self, collection: CollectionId, principal: Principal) -> None:
        """Return if the catalog has `collection`; raises NotFound if not, or if `principal` may not know of it."""
        try:
            await self.get(ServiceAddress("catalog", f"/catalog/collections/{collection}"), principal)
        except Forbidden:
            return  # it is there; whether it may be written to is for the rights to say, not for a look at it
        except NotFound as error:
            raise NotFound(f"inputs.collection: there is no collection {collection}. Create it first.") from error

    async def ensure_collection(self, collection: CollectionId, principal: Principal) -> None:
        """Have the catalog have `collection`, which `principal` creates if need be; raises what refuses it to them."""
        try:
            await self.require_collection(collection, principal)
        except NotFound:
            with suppress(Conflict):  # another request was quicker
                address = ServiceAddress("catalog", "/catalog/collections")
                await self.post(address, principal, new_collection(collection))

    async def ingest(
        self,
        *,
        job_id: str,
        principal: Principal,
        collection: CollectionId,
        bucket: str,
        key: str,
        together: bool,
        until: datetime,
    ) -> list[Document]:
        """Write the stored items of the object at `key` into the catalog; the fate of each, by `id` and `status`.

        With `together` all are written or none. Nothing is written after `until`, whatever keeps the call from being
        made or answered.
        """
        event = {
            "principal": principal.to_context(),
            "collection": str(collection),
            "items": {"bucket": bucket, "key": key},
            "job": job_id,
            "together": together,
            "until": until.isoformat(),
        }
        answer = await self._invoke(self.ingest_function, event)
        fates = answer.get("items")
        if not isinstance(fates, list):
            raise BackendFailed("The catalog did not say what became of the items.")
        return fates

    async def take_back(self, job_id: str, collection: CollectionId, until: datetime) -> None:
        """Have the catalog take back what it wrote of a job's items that are to be written together and are not all."""
        event = {"take_back": True, "collection": str(collection), "job": job_id, "until": until.isoformat()}
        await self._invoke(self.ingest_function, event)

    async def _invoke(self, function: str, event: Document) -> Document:
        try:
            answer = await asyncio.to_thread(
                self.client.invoke, FunctionName=function, Payload=json.dumps(event).encode()
            )
            payload = await asyncio.to_thread(answer["Payload"].read)
        except (BotoCoreError, ClientError) as error:
            raise BackendUnavailable("A service of ours is out of reach. Try again later.") from error
        if "FunctionError" in answer:
            logger.error("function failed", function=function, payload=payload[:2000].decode(errors="replace"))
            raise BackendFailed("A service of ours failed. Try again later.")
        document = json.loads(payload)
        if not isinstance(document, dict):
            raise BackendFailed("A service of ours gave no answer. Try again later.")
        return document


def new_collection(collection: CollectionId) -> Document:
    """A collection that says no more of itself than it must; its owner can describe it later."""
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": str(collection),
        "description": f"Items that {collection.owner} staged.",
        "license": "other",
        "extent": {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[None, None]]}},
        "links": [],
    }


def proxy_event(
    address: ServiceAddress, principal: Principal, method: str = "GET", body: Document | None = None
) -> Document:
    """A request as API Gateway's REST proxy sends it to a function."""
    headers = {"accept": "application/geo+json, application/json"}
    if body is not None:
        headers["content-type"] = "application/json"
    several: dict[str, list[str]] = {}
    for name, value in address.query:
        several.setdefault(name, []).append(value)
    return {
        "resource": f"/{address.service}/{{proxy+}}",
        "path": address.path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in several.items()} or None,
        "multiValueQueryStringParameters": several or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "authorizer": principal.to_context(),
            "httpMethod": method,
            "identity": {"sourceIp": "127.0.0.1"},
            "path": address.path,
            "stage": "staging",
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def read_body(answer: Document) -> Any:
    """The JSON body of a proxy answer; None where there is none that can be read."""
    body = answer.get("body") or ""
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body
    try:
        return json.loads(content)
    except ValueError:
        return None
