"""Publication: uploads become objects, objects are verified, items enter the catalog, and the job ends.

It may be done twice or go on where another worker died: an upload that was completed is recognised by its object, a
checksum that was computed is on its transfer, writing an item again changes nothing, and the first outcome stands.
An object that another item than the new one names is replaced last, when the catalog has the new one for certain.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rs_server.errors import BackendFailed, BackendUnavailable, InvalidRequest
from rs_server.staging.authority import Authority
from rs_server.staging.beating import Busy
from rs_server.staging.catalog import CatalogReader
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.concurrency import each
from rs_server.staging.documents import JobDocuments
from rs_server.staging.jobs import Job
from rs_server.staging.leases import Lease
from rs_server.staging.planning import UNCHANGED, check_target
from rs_server.staging.services import INGEST_SECONDS, Services
from rs_server.staging.standing import merged
from rs_server.staging.stored_items import stored_item
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.staging.verifying import Verifier
from rs_server.storage.faults import UploadGone
from rs_server.storage.multipart import PartsMissing, Upload

Document = dict[str, Any]
AT_ONCE = 4
IN_CATALOG = frozenset({"created", "replaced", "unchanged"})
"""What catalog_ingest says of an item that the catalog now has."""


class Publisher:
    """Publishes jobs whose files have all come."""

    def __init__(
        self,
        stores: Stores,
        services: Services,
        catalog: CatalogReader,
        authority: Authority,
        cleaner: Cleaner,
        verifier: Verifier | None = None,
    ) -> None:
        self.stores = stores
        self.catalog = catalog
        self.cleaner = cleaner
        self.documents = JobDocuments(stores.objects)
        self.services = services
        self.authority = authority
        self.verifier = verifier or Verifier(stores)

    async def publish(self, job: Job, lease: Lease, *, last: bool = False) -> None:
        """Publish `job` and end it; raises what stands against it, and then nothing more of it may be published.

        BackendUnavailable while the catalog refuses items for a reason that may pass; the `last` time, the others of
        a job that publishes what it can are published without them.
        """
        items = await self.documents.read_plan(job.id) or []
        transfers = await self.stores.transfers.of_job(job.id)
        results = await self.documents.read_results(job)
        if results is None:
            fates = await self._publish(job, lease, items, transfers)
            await self._replace_objects(transfers, fates)  # at once: trying others again may take minutes
            if not (last and job.publication == "partial"):
                check_passing(fates)
            results = {"items": outcome_of(items, transfers, fates)}
            await self.documents.write_results(lease, results)
            if not await self.stores.jobs.note_outcome(lease):
                raise Busy
        await self._end(job, lease, results["items"])

    async def _publish(
        self, job: Job, lease: Lease, items: list[Document], transfers: list[Transfer]
    ) -> list[Document]:
        rights = await self.authority.rights_of(job.principal)
        check_target(rights, job)
        complete = complete_items(items, transfers)
        if not complete:
            return []
        names = {item["id"] for item in complete}
        verified: dict[str, list[Transfer]] = {name: [] for name in names}
        for transfer in await each([one for one in transfers if one.item in names], self._verified, AT_ONCE):
            verified[transfer.item].append(transfer)
        existing = await self.catalog.items(job.collection, names)
        bucket = self.stores.objects.bucket
        stored = [
            merged(stored_item(item, job.collection, verified[item["id"]], bucket), existing.get(item["id"]))
            for item in complete
        ]
        key = await self.documents.write_items(lease, stored)
        async with self.stores.leases.lasting(lease, INGEST_SECONDS):
            return await self.services.ingest(
                job_id=job.id,
                principal=rights.principal,
                collection=job.collection,
                bucket=bucket,
                key=key,
                together=job.publication == "atomic",
                until=lease.until,
            )

    async def _verified(self, transfer: Transfer) -> Transfer:
        """Complete the upload of `transfer`, or make sure that it can be; and make sure of the checksum."""
        if await self._replaces(transfer):
            await self._completing(transfer, self.stores.uploads.whole)
        else:
            await self._completing(transfer, self.stores.uploads.complete)
        return await self.verifier.verified(transfer)

    async def _replaces(self, transfer: Transfer) -> bool:
        """Whether completing the upload would replace an object that the catalog names."""
        if not (transfer.replaces and transfer.checksum):
            return False
        there = await self.stores.objects.find(transfer.key)
        return there is not None and there.made_by != transfer.job

    async def _completing(self, transfer: Transfer, step: Callable[[Upload, int, int], Awaitable[object]]) -> None:
        """Do `step` with the upload of `transfer`, unless it was completed before."""
        assert transfer.size is not None
        try:
            await step(transfer.upload, transfer.size, transfer.part_size)
        except UploadGone as error:
            there = await self.stores.objects.find(transfer.key)
            if there is None or (there.made_by, there.size) != (transfer.job, transfer.size):
                raise BackendFailed(
                    f"The upload of {transfer.asset!r} was ended by someone else. Stage it again."
                ) from error
        except PartsMissing as error:
            raise BackendFailed(f"{transfer.asset!r} is not whole in the bucket: {error}") from error

    async def _replace_objects(self, transfers: Sequence[Transfer], fates: Sequence[Document]) -> None:
        """Let new objects take the place of those that items in the catalog named before."""
        published = published_of(fates)
        replacing = [one for one in transfers if one.replaces and one.item in published]
        await each(replacing, lambda one: self._completing(one, self.stores.uploads.complete), AT_ONCE)

    async def _end(self, job: Job, lease: Lease, outcome: Sequence[Document]) -> None:
        refused = [fate for fate in outcome if fate["status"] not in IN_CATALOG]
        if refused and (job.publication == "atomic" or len(refused) == len(outcome)):
            raise InvalidRequest(
                f"Item {refused[0]['id']!r} was not published: {refused[0].get('reason', 'no reason given')}"
            )
        published = published_of(outcome)
        await self.cleaner.tidy(job, lease, published)
        message = f"{len(published)} of {len(outcome)} items are in the catalog."
        if await self.stores.jobs.close(lease, "publishing", "successful", message):
            await self.cleaner.release(job)


def published_of(fates: Sequence[Document]) -> set[str]:
    """The ids of the items that the catalog now has."""
    return {fate["id"] for fate in fates if fate["status"] in IN_CATALOG}


def check_passing(fates: Sequence[Document]) -> None:
    """Raise BackendUnavailable if the catalog refused an item for a reason that may pass."""
    passing = [fate for fate in fates if fate.get("passing")]
    if passing:
        raise BackendUnavailable(f"Item {passing[0]['id']!r} was not published: {passing[0]['reason']}")


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
