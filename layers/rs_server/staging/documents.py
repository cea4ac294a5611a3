"""Job documents: what a job keeps in the bucket, under `jobs/{id}/`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rs_server.errors import NotFound
from rs_server.staging.addresses import ServiceAddress
from rs_server.staging.jobs import Job
from rs_server.staging.leases import Lease
from rs_server.staging.selection import AssetFilter
from rs_server.storage.objects import ObjectStore, job_document_key

Document = dict[str, Any]
REQUEST, PLAN, NEED = "request.json", "plan.json", "need.json"
SUBSCRIBER = "subscriber.json"
PAGES = "pages/"


@dataclass(frozen=True, slots=True)
class ItemsRequest:
    """Which items a job is to bring: those at an address of ours, or those given as they are; and which assets."""

    address: ServiceAddress | None
    value: Document | None
    wanted: AssetFilter

    def to_document(self) -> Document:
        """The request as its document has it."""
        return {
            "href": self.address.to_document() if self.address else None,
            "value": self.value,
            "asset_names": list(self.wanted.names),
            "asset_patterns": list(self.wanted.patterns),
        }

    @classmethod
    def from_document(cls, document: Document) -> ItemsRequest:
        """Read what `to_document` wrote."""
        return cls(
            ServiceAddress.from_document(document["href"]) if document["href"] else None,
            document["value"],
            AssetFilter(tuple(document["asset_names"]), tuple(document["asset_patterns"])),
        )


@dataclass(frozen=True, slots=True)
class Need:
    """Which files of a plan a job transfers, by the numbers of their transfers."""

    files: list[int]
    replacing: list[int]
    """Those that take the place of an object which the catalog has."""


def results_of(worker: str) -> str:
    """Name of the outcome that a worker wrote down."""
    return f"results-{worker}.json"


class JobDocuments:
    """Reads and writes the documents of jobs."""

    def __init__(self, objects: ObjectStore) -> None:
        self.objects = objects

    def key(self, job_id: str, name: str) -> str:
        """Key of a document in the bucket."""
        return job_document_key(job_id, name)

    async def write_request(self, job_id: str, request: ItemsRequest) -> None:
        """Keep what was asked for."""
        await self.objects.write_json(self.key(job_id, REQUEST), request.to_document())

    async def read_request(self, job_id: str) -> ItemsRequest:
        """What was asked for."""
        return ItemsRequest.from_document(await self.objects.read_json(self.key(job_id, REQUEST)))

    async def write_subscriber(self, job_id: str, subscriber: Document) -> None:
        """Keep who is called back, and the secret with which the calls are signed."""
        await self.objects.write_json(self.key(job_id, SUBSCRIBER), subscriber)

    async def read_subscriber(self, job_id: str) -> Document:
        """Who is called back."""
        subscriber: Document = await self.objects.read_json(self.key(job_id, SUBSCRIBER))
        return subscriber

    async def write_page(self, job_id: str, number: int, page: Document) -> Document:
        """Keep a page of items that was read for a plan, so that no other worker need read it again.

        If another worker kept it before, theirs is answered: the pages behind it are those that followed on it.
        """
        kept: Document = await self.objects.write_json_once(self.key(job_id, f"{PAGES}{number:05d}.json"), page)
        return kept

    async def read_page(self, job_id: str, number: int) -> Document | None:
        """A page that was kept; None if it was not."""
        return await self._read(job_id, f"{PAGES}{number:05d}.json")

    async def delete_pages(self, job_id: str) -> None:
        """Delete the pages of a job that is planned."""
        await self.objects.delete_prefix(self.key(job_id, PAGES))

    async def write_plan(self, job_id: str, items: list[Document]) -> list[Document]:
        """Fix which items the job brings; if another worker fixed them before, theirs are answered."""
        plan = await self.objects.write_json_once(self.key(job_id, PLAN), {"items": items})
        planned: list[Document] = plan["items"]
        return planned

    async def read_plan(self, job_id: str) -> list[Document] | None:
        """The items that the job brings, each with the assets to transfer only; None before it is planned."""
        plan = await self._read(job_id, PLAN)
        return None if plan is None else plan["items"]

    async def write_need(self, job_id: str, need: Need) -> Need:
        """Fix which files of its plan the job transfers; if another worker fixed them before, theirs are answered."""
        written = await self.objects.write_json_once(self.key(job_id, NEED), asdict(need))
        return Need(**written)

    async def read_need(self, job_id: str) -> Need | None:
        """Which files the job transfers; None before that is fixed."""
        need = await self._read(job_id, NEED)
        return None if need is None else Need(**need)

    async def write_results(self, lease: Lease, results: Document) -> None:
        """Write an outcome, which is the job's once its record names the holder of `lease`."""
        await self.objects.write_json(self.key(lease.job, results_of(lease.holder)), results)

    async def read_results(self, job: Job) -> Document | None:
        """The outcome; None before there is one."""
        return await self._read(job.id, results_of(job.outcome)) if job.outcome else None

    async def write_items(self, lease: Lease, items: list[Document]) -> str:
        """Write the stored items for the catalog to read; returns the key, under which no other worker writes."""
        key = self.key(lease.job, f"items-{lease.holder}.json")
        await self.objects.write_json(key, {"type": "FeatureCollection", "features": items})
        return key

    async def delete_all(self, job_id: str) -> None:
        """Delete the documents of a job."""
        await self.objects.delete_prefix(self.key(job_id, ""))

    async def _read(self, job_id: str, name: str) -> Document | None:
        try:
            document: Document = await self.objects.read_json(self.key(job_id, name))
        except NotFound:
            return None
        return document
