"""What staging asks the catalog: which of a job's items it has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rs_server.access.principals import Principal
from rs_server.errors import NotFound
from rs_server.stac.ids import CollectionId
from rs_server.staging.addresses import ServiceAddress
from rs_server.staging.concurrency import each
from rs_server.staging.services import Services

Document = dict[str, Any]
BATCH = 50
"""Items asked for at once: their ids fit into a query. An answer that is cut is continued with those it lacks."""
AT_ONCE = 4
READER = Principal(login="staging", admin=True)
"""As whom the catalog is asked. The audit trail shows this name: it is no request of the job's owner."""


class CatalogReader:
    """Reads items from the catalog service."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def items(self, collection: CollectionId, ids: Collection[str]) -> dict[str, Document]:
        """Those of the items with `ids` that the catalog has, by id. A collection that is gone has none.

        The catalog is asked as an admin would, whatever a job's owner may see: who may only write, or has lost a right,
        must not have published files replaced or deleted for it. Nothing of the answer is shown to anyone.
        """
        plain = sorted(name for name in ids if "," not in name)
        batches = [plain[start : start + BATCH] for start in range(0, len(plain), BATCH)]
        batches += [[name] for name in ids if "," in name]
        found = await each(batches, lambda batch: self._batch(collection, batch), AT_ONCE)
        return {item["id"]: item for items in found for item in items}

    async def _batch(self, collection: CollectionId, ids: list[str]) -> list[Document]:
        """Items by search; a single one by its own address, since a comma in its id would part it in a query."""
        if len(ids) == 1:
            address = ServiceAddress("catalog", f"/catalog/collections/{collection}/items/{ids[0]}")
        else:
            query = (("collections", str(collection)), ("ids", ",".join(ids)), ("limit", str(len(ids))))
            address = ServiceAddress("catalog", "/catalog/search", query)
        try:
            document = await self.services.get(address, READER)
        except NotFound:
            return []
        if document.get("type") == "Feature":
            return [document]
        items: list[Document] = document["features"]
        left = [name for name in ids if name not in {item["id"] for item in items}]
        cut = any(link.get("rel") == "next" for link in document.get("links") or []) and items
        return items + (await self._batch(collection, left) if left and cut else [])
