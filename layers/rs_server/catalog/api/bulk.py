"""Writing many items at once: the client behind stac-fastapi's bulk route."""

from __future__ import annotations

from typing import Any

import attr
from stac_fastapi.extensions.bulk_transactions import AsyncBaseBulkTransactionsClient, BulkTransactionMethod, Items
from starlette.requests import Request

from rs_server.catalog.api import bodies, responses
from rs_server.catalog.api.context import caller_of
from rs_server.catalog.catalog import Catalog
from rs_server.catalog.fates import Mode
from rs_server.errors import Conflict


@attr.s(auto_attribs=True, kw_only=True)
class BulkTransactionsClient(AsyncBaseBulkTransactionsClient):
    """Does not wait until a search finds what was written: that is the case within a second."""

    catalog: Catalog

    async def bulk_item_insert(self, items: Items, **arguments: Any) -> Any:
        """`POST /collections/{collection_id}/bulk_items`: says of each item that was not written why."""
        request: Request = arguments["request"]
        caller = caller_of(request)
        collection = caller.collection(request.path_params["collection_id"])
        sent = (await bodies.json_object(request))["items"]
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
