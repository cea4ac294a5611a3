"""Planning: from what was asked for to claimed items and transfers that wait, each right checked on the way.

Nothing is read from a station before all of it is allowed. Planning may be done twice, or be cut short anywhere: the
plan document fixes the items for good, and the step to `transferring` is made once.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from rs_server.access.resources import STAGING, catalog_resource
from rs_server.access.rights import Rights
from rs_server.errors import BackendFailed, InvalidRequest
from rs_server.stac.ids import object_key
from rs_server.staging.addresses import BaseUrl, ServiceAddress
from rs_server.staging.authority import Authority
from rs_server.staging.catalog import CatalogReader
from rs_server.staging.concurrency import each
from rs_server.staging.documents import JobDocuments
from rs_server.staging.jobs import Job
from rs_server.staging.selection import (
    SelectedAsset,
    features_of,
    read_asset,
    resource_of,
    select,
    station_of,
    stations_of,
)
from rs_server.staging.services import Services
from rs_server.staging.sources import Sources
from rs_server.staging.standing import Standing, standing_of
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.storage.multipart import MEBIBYTE, part_size_of

Document = dict[str, Any]
MOST_ITEMS = 10_000
MOST_FILES = 50_000
RANGE_SIZE = 512 * MEBIBYTE
"""Bytes of one range. A file of less than two has one range, and its checksum is computed on the way."""
AT_ONCE = 8
UNCHANGED = "unchanged"
"""What became of an item all of whose wanted assets were there."""


class Planner:
    """Plans jobs."""

    def __init__(
        self,
        stores: Stores,
        services: Services,
        catalog: CatalogReader,
        sources: Sources,
        authority: Authority,
        base_url: BaseUrl,
        range_size: int = RANGE_SIZE,
    ) -> None:
        self.stores = stores
        self.documents = JobDocuments(stores.objects)
        self.services = services
        self.catalog = catalog
        self.sources = sources
        self.authority = authority
        self.base_url = base_url
        self.range_size = range_size

    async def plan(self, job: Job) -> None:
        """Bring `job` from planning to transferring; raises what is wrong with it, for its owner to read."""
        await self.stores.jobs.start(job.id)
        rights = await self.authority.rights_of(job.principal)
        check_target(rights, job)
        items = await self.documents.read_plan(job.id)
        if items is None:
            items = await self._select(job, rights)
            await self._check_sources(items, rights)
            items = await self.documents.write_plan(job.id, items)
        await self.stores.claims.take_all(job.collection, [item["id"] for item in items], job.id)
        existing = await self.catalog.items(job.collection, [item["id"] for item in items], job.principal)
        transfers = await each(self._candidates(job, items, existing), self._still_needed, AT_ONCE)
        needed = [transfer for transfer in transfers if transfer]
        if not needed:
            await self._end(job, items)
            return
        await self.stores.transfers.create_all(needed)
        await self.stores.jobs.begin_transfers(
            job.id,
            files=len(transfers),
            files_left=len(needed),
            total=sum(transfer.size or 0 for transfer in needed),
        )

    async def _end(self, job: Job, items: list[Document]) -> None:
        """End a job that has nothing to bring."""
        await self.documents.write_results(
            job.id, {"items": [{"id": item["id"], "status": UNCHANGED} for item in items]}
        )
        await self.stores.jobs.close(job.id, "successful", "There was nothing to transfer that is not there already.")
        await self.stores.claims.release_all(job.collection, [item["id"] for item in items], job.id)

    def _candidates(
        self, job: Job, items: list[Document], existing: dict[str, Document]
    ) -> list[tuple[Transfer, Standing]]:
        """A transfer for each asset of each item, and how the asset stands in the catalog."""
        candidates = []
        for transfer, asset in plan_transfers(job, items):
            uri = self.stores.objects.uri(transfer.key)
            standing = standing_of(asset, uri, existing.get(transfer.item))
            candidates.append(
                (replace(transfer, replaces=True) if standing.there else self._parted(transfer), standing)
            )
        return candidates

    def _parted(self, transfer: Transfer) -> Transfer:
        """The transfer, in ranges where it is so large that several workers pay."""
        if transfer.size is None or transfer.size < 2 * self.range_size:
            return transfer
        return replace(transfer, parts_per_range=max(1, self.range_size // transfer.part_size))

    async def _still_needed(self, candidate: tuple[Transfer, Standing]) -> Transfer | None:
        """The transfer, unless its object is what the catalog says and what is wanted."""
        transfer, standing = candidate
        if not standing.same:
            return transfer
        there = await self.stores.objects.find(transfer.key)
        return None if there and there.size == transfer.size else transfer

    async def _select(self, job: Job, rights: Rights) -> list[Document]:
        request = await self.documents.read_request(job.id)
        if request.address:
            items = await self._items_at(request.address, rights)
        else:
            items = features_of(request.value or {})
        await self.services.require_collection(job.collection, rights.principal)
        selected = select(items, request.wanted)
        files = sum(len(item["assets"]) for item in selected)
        if files > MOST_FILES:
            raise InvalidRequest(
                f"inputs.items: {files} files are more than one job takes ({MOST_FILES}). Ask for less."
            )
        return selected

    async def _items_at(self, address: ServiceAddress, rights: Rights) -> list[Document]:
        """All items at an address of ours, page by page, as the job's owner sees them."""
        base_url = await self.base_url()
        items: list[Document] = []
        seen: set[ServiceAddress] = set()
        following: ServiceAddress | None = address
        while following and following not in seen:
            seen.add(following)
            page = await self.services.get(following, rights.principal)
            items += features_of(page)
            if len(items) > MOST_ITEMS:
                raise InvalidRequest(f"inputs.items.href: it has more than {MOST_ITEMS} items. Narrow the search.")
            following = next_page(page, base_url, self.services)
        if following:
            raise BackendFailed(f"The pages of {address.path} go in circles.")
        return items

    async def _check_sources(self, items: list[Document], rights: Rights) -> None:
        """Raise unless the owner may download from each station, and each asset is at the station its item names."""
        stations = stations_of(items)
        for station in stations:
            rights.require("download", resource_of(station), absent=f"Station {station!r} is not known here.")
        sources = dict(zip(stations, await asyncio.gather(*map(self.sources.of, stations)), strict=True))
        for item in items:
            station = station_of(item)
            for name, asset in item["assets"].items():
                if not sources[station].owns(asset["href"]):
                    host = urlsplit(asset["href"]).netloc
                    raise InvalidRequest(
                        f"Item {item['id']!r}, asset {name!r}: its href is at {host!r}, which is not station {station}."
                    )


def check_target(rights: Rights, job: Job) -> None:
    """Raise unless the job's owner may stage, and write into the target collection."""
    rights.require("write", STAGING, absent="There is no process 'staging'.")
    rights.require(
        "write", catalog_resource(job.collection), absent=f"inputs.collection: there is no collection {job.collection}."
    )


def next_page(page: Document, base_url: str, services: Services) -> ServiceAddress | None:
    """Where the following page is; None after the last one."""
    links = page.get("links") or []
    hrefs = [link["href"] for link in links if link.get("rel") == "next" and link.get("method", "GET") == "GET"]
    return ServiceAddress.parse(hrefs[0], base_url, services.functions) if hrefs else None


def plan_transfers(job: Job, items: list[Document]) -> list[tuple[Transfer, SelectedAsset]]:
    """A transfer for each asset of each item, always in the same order and with the same numbers."""
    assets = [
        (item, read_asset(item["id"], name, asset)) for item in items for name, asset in sorted(item["assets"].items())
    ]
    return [
        (
            Transfer(
                job=job.id,
                number=number,
                item=item["id"],
                asset=asset.name,
                station=station_of(item),
                url=asset.href,
                key=object_key(job.collection, item["id"], asset.name),
                size=asset.size,
                part_size=part_size_of(asset.size),
                declared=asset.checksum,
            ),
            asset,
        )
        for number, (item, asset) in enumerate(assets)
    ]
