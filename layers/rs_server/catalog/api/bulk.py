"""Writing many items at once: stac-fastapi's bulk route, and the client behind it.

The route is made anew, since the library's has FastAPI read the body by the standard library's JSON before we do.
"""

from __future__ import annotations

from typing import Any

import attr
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from stac_fastapi.extensions import BulkTransactionExtension
from stac_fastapi.extensions.bulk_transactions import (
    AsyncBaseBulkTransactionsClient,
    BulkTransactionMethod,
    BulkTransactionModel,
    Items,
)
from starlette.requests import Request
from starlette.responses import Response

from rs_server.catalog.api import bodies, responses
from rs_server.catalog.api.context import caller_of
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.fates import Mode
from rs_server.errors import Conflict
from rs_server.stac.links import JSON

BODY = {
    "required": True,
    "content": {
        JSON: {
            "schema": {
                "type": "object",
                "title": "Items",
                "required": ["items"],
                "properties": {
                    "items": {"type": "object", "description": "STAC items by their ids."},
                    "method": {"enum": [method.value for method in BulkTransactionMethod], "default": "insert"},
                },
            }
        }
    },
}
"""`stac_fastapi.extensions.bulk_transactions.Items`, as OpenAPI says it."""


@attr.s(auto_attribs=True, kw_only=True)
class BulkTransactionsClient(AsyncBaseBulkTransactionsClient):
    """Does not wait until a search finds what was written: that is the case within a second."""

    catalog: Catalog

    async def bulk_item_insert(self, items: Items, **arguments: Any) -> Any:
        """`POST /collections/{collection_id}/bulk_items`: says of each item that was not written why."""
        request: Request = arguments["request"]
        caller = caller_of(request)
        collection = caller.collection(request.path_params["collection_id"])
        sent = items.items
        batch = [{"id": key, **item} if isinstance(item, dict) else item for key, item in sent.items()]
        mode: Mode = "put" if items.method == BulkTransactionMethod.UPSERT else "create"
        fates = await self.catalog.items.write(caller, collection, batch, mode, refresh="false")
        refused = [(key, fate.error) for key, fate in zip(sent, fates, strict=True) if fate.error]
        return responses.answer(
            {
                "received": len(fates),
                "success": len(fates) - len(refused),
                "skipped": sum(isinstance(error, Conflict) for _, error in refused),
                "errors": [{"id": key, "msg": error.message} for key, error in refused],
            }
        )


@attr.s
class BulkItemsExtension(BulkTransactionExtension):
    """The library's extension, but for who reads the body."""

    def register(self, app: FastAPI) -> None:
        """Add `POST /collections/{collection_id}/bulk_items`."""
        client = self.client
        assert isinstance(client, BulkTransactionsClient)

        async def bulk_items(request: Request) -> Response:
            try:
                items = Items.model_validate(await bodies.json_object(request))
            except ValidationError as error:
                raise RequestValidationError(error.errors()) from error
            answer: Response = await client.bulk_item_insert(items, request=request)
            return answer

        router = APIRouter(prefix=app.state.router_prefix)
        router.add_api_route(
            "/collections/{collection_id}/bulk_items",
            bulk_items,
            name="Bulk Create Item",
            methods=["POST"],
            response_model=BulkTransactionModel,
            dependencies=self.route_dependencies,
            openapi_extra={"requestBody": BODY},
        )
        app.include_router(router, tags=["Bulk Transaction Extension"])
