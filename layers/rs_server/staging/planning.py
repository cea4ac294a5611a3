"""Planning: from what was asked for to claimed items and transfers that wait, each right checked on the way.

Nothing is read from a station before all of it is allowed. Planning may be done twice, at the same time too, or be cut
short anywhere: the plan document fixes the items for good, another one which of their files are needed, so that all who
plan a job plan the same; and the step to `transferring` is made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from rs_server.access.resources import STAGING, catalog_resource
from rs_server.access.rights import Rights
from rs_server.stac.ids import object_key
from rs_server.staging.authority import Authority
from rs_server.staging.beating import Busy
from rs_server.staging.catalog import CatalogReader
from rs_server.staging.concurrency import each
from rs_server.staging.documents import JobDocuments, Need
from rs_server.staging.gathering import Gatherer
from rs_server.staging.jobs import Job
from rs_server.staging.leases import Lease
from rs_server.staging.ordering import awaited_items, in_words, put_off
from rs_server.staging.selection import SelectedAsset, is_offline, read_asset, station_of
from rs_server.staging.services import Services
from rs_server.staging.standing import Standing, standing_of
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.storage.multipart import MEBIBYTE, part_size_of

Document = dict[str, Any]
Planned = tuple[Transfer, SelectedAsset]
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
        gatherer: Gatherer,
        authority: Authority,
        range_size: int = RANGE_SIZE,
    ) -> None:
        self.stores = stores
        self.documents = JobDocuments(stores.objects)
        self.services = services
        self.catalog = catalog
        self.gatherer = gatherer
        self.authority = authority
        self.range_size = range_size

    async def plan(self, job: Job, lease: Lease) -> None:
        """Bring `job` from planning to transferring; raises what is wrong with it, for its owner to read."""
        await self.stores.jobs.start(job.id)
        items = await self._items(job)
        if not job.dry_run:
            await self.stores.claims.take_all(job.collection, [item["id"] for item in items], lease)
        planned = plan_transfers(job, items)
        needed = self._needed(planned, await self._need(job, items, planned))
        if job.dry_run or not needed:
            await self._end(job, lease, items, needed)
            return
        awaited = awaited_items(job, items, needed)
        await self.stores.transfers.create_all(job.id, put_off(needed, awaited))
        if not await self.stores.awaited.create_all(lease, awaited):
            raise Busy
        await self.stores.jobs.begin_transfers(
            lease,
            files=len(planned),
            files_left=len(needed),
            total=size_of(needed),
            ordering=in_words((), len(awaited)),
        )

    async def _items(self, job: Job) -> list[Document]:
        """The items of the job, fixed at the first time; the owner's rights are checked every time."""
        rights = await self.authority.rights_of(job.principal)
        check_target(rights, job)
        planned = await self.documents.read_plan(job.id)
        if planned is not None:
            return planned
        await self.services.require_collection(job.collection, rights.principal)
        items = await self.documents.write_plan(job.id, await self.gatherer.gather(job.id, rights))
        await self.documents.delete_pages(job.id)
        return items

    async def _need(self, job: Job, items: list[Document], planned: Sequence[Planned]) -> Need:
        """Which files the job transfers, fixed once there is room for their bytes."""
        fixed = await self.documents.read_need(job.id)
        if fixed is not None:
            return fixed
        existing = await self.catalog.items(job.collection, [item["id"] for item in items])
        candidates = self._candidates(planned, existing)
        missing = await each(candidates, self._is_missing, AT_ONCE)
        needed = [candidate for candidate, is_missing in zip(candidates, missing, strict=True) if is_missing]
        need = Need(
            files=[transfer.number for transfer, _ in needed],
            replacing=[transfer.number for transfer, standing in needed if standing.there],
        )
        if job.dry_run:
            return need
        if needed:
            await self.stores.quotas.take_bytes(job, size_of(transfer for transfer, _ in needed))
        return await self.documents.write_need(job.id, need)

    def _needed(self, planned: Sequence[Planned], need: Need) -> list[Transfer]:
        """The transfers that are to be done."""
        files, replacing = set(need.files), set(need.replacing)
        return [
            replace(transfer, replaces=True) if transfer.number in replacing else self._parted(transfer)
            for transfer, _ in planned
            if transfer.number in files
        ]

    async def _end(self, job: Job, lease: Lease, items: list[Document], needed: list[Transfer]) -> None:
        """End a job that has nothing to bring, or was only to tell what it would."""
        await self.documents.write_results(lease, {"items": forecast(items, needed)})
        await self.stores.jobs.note_outcome(lease)
        message = "There was nothing to transfer that is not there already."
        if needed:
            message = f"{len(needed)} files with {size_of(needed)} bytes would be transferred."
        await self.stores.quotas.give_back(job)
        if await self.stores.jobs.close(lease, "planning", "successful", message):
            await self.stores.claims.release_all(job.collection, [item["id"] for item in items], job.id)

    def _candidates(self, planned: Sequence[Planned], existing: dict[str, Document]) -> list[tuple[Transfer, Standing]]:
        """The transfers, and how the asset of each stands in the catalog."""
        return [
            (transfer, standing_of(asset, self.stores.objects.uri(transfer.key), existing.get(transfer.item)))
            for transfer, asset in planned
        ]

    def _parted(self, transfer: Transfer) -> Transfer:
        """The transfer, in ranges where it is so large that several workers pay."""
        if transfer.size is None or transfer.size < 2 * self.range_size:
            return transfer
        return replace(transfer, parts_per_range=max(1, self.range_size // transfer.part_size))

    async def _is_missing(self, candidate: tuple[Transfer, Standing]) -> bool:
        """Whether the object is not what the catalog says and what is wanted."""
        transfer, standing = candidate
        if not standing.same:
            return True
        there = await self.stores.objects.find(transfer.key)
        return there is None or there.size != transfer.size


def check_target(rights: Rights, job: Job) -> None:
    """Raise unless the job's owner may stage, and write into the target collection."""
    rights.require("write", STAGING, absent="There is no process 'staging'.")
    rights.require(
        "write", catalog_resource(job.collection), absent=f"inputs.collection: there is no collection {job.collection}."
    )


def plan_transfers(job: Job, items: list[Document]) -> list[Planned]:
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


def forecast(items: Sequence[Document], needed: Sequence[Transfer]) -> list[Document]:
    """What would become of items: unchanged, or how many files would come, and how many bytes they have."""
    missing: dict[str, list[Transfer]] = {}
    for transfer in needed:
        missing.setdefault(transfer.item, []).append(transfer)
    return [_forecast(item, missing.get(item["id"], [])) for item in items]


def _forecast(item: Document, missing: Sequence[Transfer]) -> Document:
    if not missing:
        return {"id": item["id"], "status": UNCHANGED}
    there = len(item["assets"]) - len(missing)
    figures = {"files": len(missing), "bytes": size_of(missing), "there": there}
    return {"id": item["id"], "status": "planned", **figures, **({"offline": True} if is_offline(item) else {})}


def size_of(transfers: Iterable[Transfer]) -> int:
    """Bytes of transfers, as far as their stations tell."""
    return sum(transfer.size or 0 for transfer in transfers)
