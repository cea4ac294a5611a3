"""Writing single items and collections: the client behind stac-fastapi's transaction routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import attr
from stac_fastapi.extensions.transaction.client import AsyncBaseTransactionsClient
from starlette.requests import Request
from starlette.responses import Response

from rs_server.access.resources import catalog_resource
from rs_server.catalog.api import bodies, responses
from rs_server.catalog.api.context import caller_of, renderer_of
from rs_server.catalog.caller import Caller
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.collections import read_collection
from rs_server.catalog.engine.client import Document
from rs_server.catalog.fates import Fate, Mode
from rs_server.catalog.items import read_item
from rs_server.catalog.patches import apply_patch, compares
from rs_server.catalog.validation import check_depth
from rs_server.catalog.versions import check_if_match
from rs_server.errors import Conflict, InvalidRequest, PreconditionFailed
from rs_server.http import prefers
from rs_server.stac.ids import CollectionId
from rs_server.stac.links import GEOJSON

MINIMAL = "return=minimal"
"""Preference of those who do not want to be shown what they have just changed (RFC 7240)."""
ATTEMPTS = 5
"""How often a patch is applied to what is stored by then, before its sender is asked to come back."""


@attr.s(auto_attribs=True, kw_only=True)
class TransactionsClient(AsyncBaseTransactionsClient):
    """Takes the bodies as they were sent: stac-fastapi's models have checked them, and would write them anew."""

    catalog: Catalog

    async def create_item(self, collection_id: str, item: object, **arguments: Any) -> Any:  # noqa: ARG002  # see class
        """`POST /collections/{collection_id}/items`: an item, or a FeatureCollection of many."""
        request: Request = arguments["request"]
        collection = caller_of(request).collection(collection_id)
        body = await bodies.json_object(request)
        if body.get("type") == "FeatureCollection":
            fates = await self.catalog.items.write(caller_of(request), collection, body["features"], "create")
            return _many(fates)
        return await self._write_one(request, collection, body, "create")

    async def update_item(self, collection_id: str, item_id: str, item: object, **arguments: Any) -> Any:  # noqa: ARG002  # see class
        """`PUT /collections/{collection_id}/items/{item_id}`."""
        request: Request = arguments["request"]
        collection = caller_of(request).collection(collection_id)
        body = await bodies.json_object(request)
        if body.get("id", item_id) != item_id:
            raise InvalidRequest(f"id: the item is {item_id!r}, and cannot be renamed to {body['id']!r}.")
        return await self._write_one(request, collection, body | {"id": item_id}, "replace", _if_match(request))

    async def patch_item(self, collection_id: str, item_id: str, patch: object, **arguments: Any) -> Any:  # noqa: ARG002  # see class
        """`PATCH /collections/{collection_id}/items/{item_id}`: a merge patch, or a JSON patch."""
        request: Request = arguments["request"]
        caller = caller_of(request)
        collection = caller.collection(collection_id)
        caller.require("write", collection)
        changes = await _changes(request, caller, collection)

        async def attempt() -> Response:
            existing = await read_item(self.catalog.engine, self.catalog.indices, collection, item_id)
            check_if_match(_if_match(request), existing)
            body = apply_patch(existing.shown, changes)
            if body.get("id") != item_id:
                raise InvalidRequest("id: a patch cannot rename the item.")
            return await self._write_one(request, collection, body, "replace", existing.etag)

        return _shown_to_readers(caller, collection, await _patched(attempt, _if_match(request)))

    async def delete_item(self, item_id: str, collection_id: str, **arguments: Any) -> Any:
        """`DELETE /collections/{collection_id}/items/{item_id}`: the item and its objects."""
        request: Request = arguments["request"]
        caller = caller_of(request)
        await self.catalog.deletions.delete(caller, caller.collection(collection_id), item_id, _if_match(request))
        return Response(status_code=responses.NO_CONTENT)

    async def create_collection(self, collection: object, **arguments: Any) -> Any:  # noqa: ARG002  # see class
        """`POST /collections`."""
        request: Request = arguments["request"]
        made = await self.catalog.collections.create(caller_of(request), await bodies.json_object(request))
        return self._collection(request, made, HTTPStatus.CREATED)

    async def update_collection(self, collection_id: str, collection: object, **arguments: Any) -> Any:  # noqa: ARG002  # see class
        """`PUT /collections/{collection_id}`."""
        request: Request = arguments["request"]
        caller = caller_of(request)
        target = caller.collection(collection_id)
        made = await self.catalog.collections.replace(
            caller, target, await bodies.json_object(request), _if_match(request)
        )
        return self._collection(request, made)

    async def patch_collection(self, collection_id: str, patch: object, **arguments: Any) -> Any:  # noqa: ARG002  # see class
        """`PATCH /collections/{collection_id}`: a merge patch, or a JSON patch."""
        request: Request = arguments["request"]
        caller = caller_of(request)
        target = caller.collection(collection_id)
        caller.require("manage", target)
        changes = await _changes(request, caller, target)

        async def attempt() -> Response:
            existing = await read_collection(self.catalog.engine, self.catalog.indices.collections, target)
            check_if_match(_if_match(request), existing)
            body = apply_patch(existing.shown, changes)
            made = await self.catalog.collections.replace(caller, target, body, existing.etag)
            return self._collection(request, made)

        return _shown_to_readers(caller, target, await _patched(attempt, _if_match(request)))

    async def delete_collection(self, collection_id: str, **arguments: Any) -> Any:
        """`DELETE /collections/{collection_id}`: the collection, its items, and their objects."""
        request: Request = arguments["request"]
        caller = caller_of(request)
        await self.catalog.collections.delete(caller, caller.collection(collection_id), _if_match(request))
        return Response(status_code=responses.NO_CONTENT)

    async def _write_one(
        self,
        request: Request,
        collection: CollectionId,
        body: Mapping[str, Any],
        mode: Mode,
        if_match: str | None = None,
    ) -> Response:
        [fate] = await self.catalog.items.write(caller_of(request), collection, [body], mode, if_match=if_match)
        if fate.error:
            raise fate.error
        assert fate.document
        created = fate.status == "created"
        if not created and prefers(request, MINIMAL):
            return responses.changed(fate.document.etag, MINIMAL)
        rendered = renderer_of(request, self.catalog.objects.bucket).item(fate.document.source)
        return responses.document(
            rendered,
            fate.document.etag,
            GEOJSON,
            status=HTTPStatus.CREATED if created else HTTPStatus.OK,
            location=rendered["links"][0]["href"] if created else None,
        )

    def _collection(self, request: Request, made: Document, status: HTTPStatus = HTTPStatus.OK) -> Response:
        if status == HTTPStatus.OK and prefers(request, MINIMAL):
            return responses.changed(made.etag, MINIMAL)
        rendered = renderer_of(request, self.catalog.objects.bucket).collection(made.source)
        location = rendered["links"][0]["href"] if status == HTTPStatus.CREATED else None
        return responses.document(rendered, made.etag, status=status, location=location)


async def _changes(request: Request, caller: Caller, collection: CollectionId) -> Any:
    """The patch that was sent; one that asks or copies what is stored needs the right to read."""
    changes = await bodies.json_value(request)
    check_depth(changes)
    if compares(changes):
        caller.require("read", collection)
    return changes


async def _patched(attempt: Callable[[], Awaitable[Response]], if_match: str | None) -> Response:
    """The answer of an attempt to change what was read; made anew when somebody else was quicker, unless they said so.

    Raises PreconditionFailed for those who sent If-Match, Conflict for others after a few attempts.
    """
    for _ in range(ATTEMPTS):
        try:
            return await attempt()
        except PreconditionFailed:
            if if_match is not None:
                raise
    raise Conflict("Others are changing it all the time. Send the patch again.")


def _shown_to_readers(caller: Caller, collection: CollectionId, answer: Response) -> Response:
    """The answer to a change of a part, without the rest for those who may not read it."""
    if caller.rights.allows("read", catalog_resource(collection)):
        return answer
    return responses.changed(answer.headers["etag"])


def _if_match(request: Request) -> str | None:
    return request.headers.get("if-match")


def _many(fates: list[Fate]) -> Response:
    """The fate of every item of a batch; if all were refused, that is the first one's error."""
    refused = [fate for fate in fates if fate.error]
    if refused and len(refused) == len(fates) and refused[0].error:
        raise refused[0].error
    status = HTTPStatus.MULTI_STATUS if refused else HTTPStatus.CREATED
    return responses.answer({"items": [fate.to_json() for fate in fates]}, status=status)
