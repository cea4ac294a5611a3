"""Acceptance: a job that nothing stands against is recorded, with what it is to bring, and sent to be planned."""

from __future__ import annotations

from rs_server.errors import BackendUnavailable
from rs_server.staging.documents import ItemsRequest, JobDocuments
from rs_server.staging.jobs import Job
from rs_server.staging.messages import Message
from rs_server.staging.stores import Stores


class Acceptance:
    """Takes jobs in."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.documents = JobDocuments(stores.objects)

    async def take_turn(self, job: Job) -> None:
        """Count a new job of its owner's; raises TooManyRequests when they have too many under way."""
        await self.stores.quotas.take_job(job.owner, job.id)

    async def accept(self, job: Job, request: ItemsRequest) -> None:
        """Record a new job and have it planned; raises BackendUnavailable, and then nothing is recorded."""
        await self.documents.write_request(job.id, request)
        await self.stores.jobs.create(job)
        try:
            await self.stores.queue.send([Message("plan", job.id)])
        except BackendUnavailable:
            await self.stores.jobs.delete(job.id)  # no worker will ever hear of it
            raise

    async def accept_once(self, job: Job, request: ItemsRequest) -> None:
        """The same for a job whose id its caller can tell again: however often it is called, there is one job.

        A call that was cut short is made good by the next one. A job that is under way loses nothing by another
        message.
        """
        await self.documents.write_request(job.id, request)
        await self.stores.jobs.create_once(job)
        await self.stores.queue.send([Message("plan", job.id)])
