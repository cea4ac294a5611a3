"""What staging asks the catalog: which of a job's items it has, and which objects they name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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


class CatalogReader:
    """Reads items from the catalog service, as a principal sees them."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def items(self, collection: CollectionId, ids: Collection[str], principal: Principal) -> dict[str, Document]:
        """Those of the items with `ids` that the catalog has, by id. A collection that is gone has none."""
        plain = sorted(name for name in ids if "," not in name)
        batches = [plain[start : start + BATCH] for start in range(0, len(plain), BATCH)]
        batches += [[name] for name in ids if "," in name]
        found = await each(batches, lambda batch: self._batch(collection, batch, principal), AT_ONCE)
        return {item["id"]: item for items in found for item in items}

    async def _batch(self, collection: CollectionId, ids: list[str], principal: Principal) -> list[Document]:
        """Items by search; a single one by its own address, since a comma in its id would part it in a query."""
        if len(ids) == 1:
            address = ServiceAddress("catalog", f"/catalog/collections/{collection}/items/{ids[0]}")
        else:
            query = (("collections", str(collection)), ("ids", ",".join(ids)), ("limit", str(len(ids))))
            address = ServiceAddress("catalog", "/catalog/search", query)
        try:
            document = await self.services.get(address, principal)
        except NotFound:
            return []
        if document.get("type") == "Feature":
            return [document]
        items: list[Document] = document["features"]
        left = [name for name in ids if name not in {item["id"] for item in items}]
        cut = any(link.get("rel") == "next" for link in document.get("links") or []) and items
        return items + (await self._batch(collection, left, principal) if left and cut else [])

    async def objects_named(self, collection: CollectionId, ids: Collection[str], principal: Principal) -> set[str]:
        """The `s3://` addresses that the assets of these items have."""
        items = await self.items(collection, ids, principal)
        return {uri for item in items.values() for asset in item["assets"].values() for uri in _objects_of(asset)}


def _objects_of(asset: Document) -> Iterable[str]:
    """The objects behind an asset: a rendered one names its own as `alternate.s3`, next to the download link."""
    alternate = asset.get("alternate", {}).get("s3", {})
    return [href for href in (asset.get("href"), alternate.get("href")) if href and href.startswith("s3://")]
