"""Cleaning: what a job that ends leaves behind that no item names, taken away.

Only the holder of the items' claims cleans, and it touches only what its own job made: uploads to the job's keys, and
objects that say that this job made them and that no item of the catalog names. What the catalog says is what counts: an
upload whose bytes an item has come to name, though the job then failed, is completed.

A cleaner may stand still while another ends the job and a third job takes its items. When it goes on, it touches
nothing of the third's: an upload is dropped by its id, or if it is older than that cleaner's lease; an object is
deleted if it is the one that was looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from rs_server.staging.catalog import CatalogReader
from rs_server.staging.concurrency import each
from rs_server.staging.documents import JobDocuments
from rs_server.staging.jobs import Job
from rs_server.staging.leases import LEASE_SECONDS, Lease
from rs_server.staging.selection import stations_of
from rs_server.staging.services import INGEST_SECONDS
from rs_server.staging.standing import objects_in
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.storage.faults import UploadGone
from rs_server.storage.multipart import PartsMissing
from rs_server.storage.objects import JOURNAL, job_document_key
from rs_server.telemetry import logger

AT_ONCE = 8
CLOCKS_DIFFER = timedelta(seconds=5)
"""How much S3's clock and ours may differ. What a killed worker left is older when its message comes again."""


class Cleaner:
    """Cleans up behind jobs."""

    def __init__(self, stores: Stores, catalog: CatalogReader) -> None:
        self.stores = stores
        self.documents = JobDocuments(stores.objects)
        self.catalog = catalog

    async def undo(self, job: Job, lease: Lease) -> None:
        """Undo what a failed or dismissed job did and has not published, then end it."""
        for transfer in await self.stores.transfers.of_job(job.id):
            if transfer.status in {"waiting", "offline"}:
                await self.stores.transfers.cancel(transfer)
        if job.publication == "atomic" and await self.stores.objects.find(job_document_key(job.id, JOURNAL)):
            async with self.stores.leases.lasting(lease, INGEST_SECONDS):
                await self.catalog.services.take_back(job.id, job.collection, lease.until)
        await self.tidy(job, lease)
        if await self.stores.jobs.close(lease, "closing", "dismissed" if job.status == "dismissed" else "failed"):
            await self.release(job)

    async def release(self, job: Job) -> None:
        """Give back the claims of a job that is closed, and its place in the waiting."""
        items = await self.documents.read_plan(job.id) or []
        await self.stores.claims.release_all(job.collection, [item["id"] for item in items], job.id)
        await self.stores.awaited.delete_all(job.id)
        elsewhere = {transfer.station for transfer in await self.stores.transfers.of_job(job.id)}
        for station in elsewhere.union(stations_of(items)):
            await self.stores.turns.forget(station, job.id)

    async def tidy(self, job: Job, lease: Lease, published: Collection[str] = ()) -> None:
        """End every upload of the job that is still open, and delete its objects that no item of the catalog names.

        Objects of items that are known to be `published` are not looked at.
        """
        ours = self.stores.leases.clock() + timedelta(seconds=LEASE_SECONDS / 2)  # S3 has a clock of its own
        await self.stores.leases.keep(lease)
        transfers = await self.stores.transfers.of_job(job.id)
        rest = [transfer for transfer in transfers if transfer.item not in published]
        await self._complete_named(job, [one for one in rest if one.replaces and one.status == "moved"])
        await each([one.upload for one in rest if one.upload_id], self.stores.uploads.abort, AT_ONCE)
        prefix = f"{job.collection.owner}/{job.collection.collection}/"
        await self.stores.uploads.abort_all(prefix, [transfer.key for transfer in transfers], begun_until=ours)
        await self._delete_unnamed(job, lease, [transfer for transfer in rest if transfer.status == "moved"])
        await self.stores.quotas.give_back(job)

    async def sweep(self, job: Job, transfer: Transfer) -> None:
        """End uploads that a worker, killed after its job was closed, opened to a key without telling.

        If another job has the claim, that one sweeps the same key when it ends; one that gets it meanwhile opens its
        uploads later.
        """
        ours = self.stores.leases.clock() - CLOCKS_DIFFER
        if await self.stores.claims.take(job.collection, transfer.item, job.id):
            await self.stores.uploads.abort_all(transfer.key, [transfer.key], begun_until=ours)
            await self.stores.claims.release_all(job.collection, [transfer.item], job.id)

    async def _complete_named(self, job: Job, transfers: Sequence[Transfer]) -> None:
        """Let those of replaced objects be replaced after all whose items in the catalog say so."""
        if not transfers:
            return
        items = await self.catalog.items(job.collection, {transfer.item for transfer in transfers})
        for one in transfers:
            shown = items.get(one.item, {"assets": {}})["assets"].get(one.asset, {})
            if one.size is None or not one.checksum or shown.get("file:checksum") != one.checksum:
                continue
            try:
                await self.stores.uploads.complete(one.upload, one.size, one.part_size)
            except UploadGone:  # it was completed before
                continue
            except PartsMissing as error:
                logger.error("an item names bytes that are lost", item=one.item, asset=one.asset, error=str(error))

    async def _delete_unnamed(self, job: Job, lease: Lease, transfers: Sequence[Transfer]) -> None:
        found = await each(transfers, lambda transfer: self.stores.objects.find(transfer.key), AT_ONCE)
        etags = {
            one.key: there.etag
            for one, there in zip(transfers, found, strict=True)
            if there and there.made_by == job.id
        }
        made = [one for one in transfers if one.key in etags]
        if not made:
            return
        items = await self.catalog.items(job.collection, {transfer.item for transfer in made})
        named = objects_in(items.values())
        uris = {transfer.key: self.stores.objects.uri(transfer.key) for transfer in made}
        await self.stores.leases.keep(lease)
        await self.stores.objects.delete([key for key, uri in uris.items() if uri not in named], etags)
