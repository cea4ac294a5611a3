"""Publication: uploads become objects, objects are verified, items enter the catalog, and the job ends.

It may be done twice or go on where another worker died: an upload that was completed is recognised by its object, a
checksum that was computed is on its transfer, writing an item again changes nothing, and the first outcome stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rs_server.errors import BackendFailed, InvalidRequest
from rs_server.staging.authority import Authority
from rs_server.staging.catalog import CatalogReader
from rs_server.staging.checksums import Checksum, differs, new_hash
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.concurrency import each
from rs_server.staging.documents import JobDocuments
from rs_server.staging.jobs import Job
from rs_server.staging.planning import UNCHANGED, check_target
from rs_server.staging.services import Services
from rs_server.staging.standing import merged
from rs_server.staging.stored_items import stored_item
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.storage.faults import UploadGone
from rs_server.storage.multipart import MEBIBYTE, PartsMissing

Document = dict[str, Any]
AT_ONCE = 4
IN_CATALOG = frozenset({"created", "replaced", "unchanged"})
"""What catalog_ingest says of an item that the catalog now has."""


class Publisher:
    """Publishes jobs whose files have all come."""

    def __init__(
        self, stores: Stores, services: Services, catalog: CatalogReader, authority: Authority, cleaner: Cleaner
    ) -> None:
        self.stores = stores
        self.catalog = catalog
        self.cleaner = cleaner
        self.documents = JobDocuments(stores.objects)
        self.services = services
        self.authority = authority

    async def publish(self, job: Job) -> None:
        """Publish `job` and end it; raises what stands against it, and then nothing more of it may be published."""
        items = await self.documents.read_plan(job.id) or []
        results = await self.documents.read_results(job.id)
        if results is None:
            transfers = await self.stores.transfers.of_job(job.id)
            fates = await self._publish(job, items, transfers)
            outcome = outcome_of(items, transfers, fates)
            results = await self.documents.write_results(job.id, {"items": outcome})
        await self._end(job, results["items"])

    async def _publish(self, job: Job, items: list[Document], transfers: list[Transfer]) -> list[Document]:
        rights = await self.authority.rights_of(job.principal)
        check_target(rights, job)
        complete = complete_items(items, transfers)
        if not complete:
            return []
        names = {item["id"] for item in complete}
        verified: dict[str, list[Transfer]] = {name: [] for name in names}
        for transfer in await each([one for one in transfers if one.item in names], self._verified, AT_ONCE):
            verified[transfer.item].append(transfer)
        existing = await self.catalog.items(job.collection, names, job.principal)
        bucket = self.stores.objects.bucket
        stored = [
            merged(stored_item(item, job.collection, verified[item["id"]], bucket), existing.get(item["id"]))
            for item in complete
        ]
        key = await self.documents.write_items(job.id, stored)
        return await self.services.ingest(
            job_id=job.id, principal=rights.principal, collection=job.collection, bucket=bucket, key=key
        )

    async def _verified(self, transfer: Transfer) -> Transfer:
        """Complete the upload of `transfer`, and make sure of the object's checksum."""
        await self._complete(transfer)
        if transfer.checksum:
            return transfer
        checksum = await self._read_back(transfer)
        if differs(transfer.declared, checksum):
            raise BackendFailed(f"{transfer.asset!r} came with another checksum than its station declares.")
        await self.stores.transfers.verified(transfer, checksum)
        return replace(transfer, checksum=checksum)

    async def _complete(self, transfer: Transfer) -> None:
        assert transfer.size is not None
        try:
            await self.stores.uploads.complete(transfer.upload, transfer.size, transfer.part_size)
        except UploadGone as error:
            there = await self.stores.objects.find(transfer.key)
            if there is None or (there.made_by, there.size) != (transfer.job, transfer.size):
                raise BackendFailed(
                    f"The upload of {transfer.asset!r} was ended by someone else. Stage it again."
                ) from error
        except PartsMissing as error:
            raise BackendFailed(f"{transfer.asset!r} is not whole in the bucket: {error}") from error

    async def _read_back(self, transfer: Transfer) -> str:
        digest = new_hash(transfer.declared)
        async for chunk in self.stores.objects.chunks(transfer.key, MEBIBYTE):
            await asyncio.to_thread(digest.update, chunk)
        return str(Checksum(digest.name, digest.hexdigest()))

    async def _end(self, job: Job, outcome: Sequence[Document]) -> None:
        refused = [fate for fate in outcome if fate["status"] not in IN_CATALOG]
        if refused and (job.publication == "atomic" or len(refused) == len(outcome)):
            raise InvalidRequest(
                f"Item {refused[0]['id']!r} was not published: {refused[0].get('reason', 'no reason given')}"
            )
        published = {fate["id"] for fate in outcome if fate["status"] in IN_CATALOG}
        await self.cleaner.tidy(job, published)
        message = f"{len(published)} of {len(outcome)} items are in the catalog."
        await self.stores.jobs.close(job.id, "successful", message)
        await self.cleaner.release(job)


def complete_items(items: Sequence[Document], transfers: Sequence[Transfer]) -> list[Document]:
    """The items that something was brought for, and all of it came."""
    awaited = {transfer.item for transfer in transfers}
    broken = {transfer.item for transfer in transfers if transfer.status != "moved"}
    return [item for item in items if item["id"] in awaited - broken]


def outcome_of(items: Sequence[Document], transfers: Sequence[Transfer], fates: Sequence[Document]) -> list[Document]:
    """What became of each planned item: what the catalog says, that its files did not come, or that they were there."""
    awaited = {transfer.item for transfer in transfers}
    known = {fate["id"]: fate for fate in fates}
    missing = {"status": "failed", "reason": "Not all of its files could be transferred."}
    there = {"status": UNCHANGED}
    return [{"id": item["id"]} | known.get(item["id"], missing if item["id"] in awaited else there) for item in items]
