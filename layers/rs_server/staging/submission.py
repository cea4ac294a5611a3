"""Submission: an execution request becomes a job, once everything that can be known at this point is in order."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from rs_server.access.principals import Principal
from rs_server.access.resources import STAGING, catalog_resource
from rs_server.errors import InvalidRequest
from rs_server.stac.ids import parse_collection_id
from rs_server.staging.acceptance import Acceptance
from rs_server.staging.addresses import BaseUrl, ServiceAddress
from rs_server.staging.authority import RightsReader
from rs_server.staging.callbacks.addresses import check_url
from rs_server.staging.documents import ItemsRequest, JobDocuments
from rs_server.staging.jobs import PROCESS_ID, Clock, Job, timestamp, utc_now
from rs_server.staging.process import PRIORITIES, Execute, Inputs
from rs_server.staging.selection import AssetFilter, features_of, select, station_of
from rs_server.staging.services import Services
from rs_server.staging.status_info import no_such_process
from rs_server.staging.stores import Stores


class Submissions:
    """Takes execution requests."""

    def __init__(
        self,
        stores: Stores,
        services: Services,
        grants: RightsReader,
        base_url: BaseUrl,
        clock: Clock = utc_now,
        origins: Collection[str] = (),
    ) -> None:
        self.acceptance = Acceptance(stores)
        self.documents = JobDocuments(stores.objects)
        self.origins = origins
        self.services = services
        self.grants = grants
        self.base_url = base_url
        self.clock = clock

    async def submit(self, execute: Execute, principal: Principal) -> Job:
        """Record a job and have it planned; raises what stands against it, and then nothing is recorded."""
        rights = await self.grants.rights_of(principal)
        rights.require("write", STAGING, absent=no_such_process(PROCESS_ID).message)
        inputs = execute.inputs
        collection = parse_collection_id(inputs.collection, default_owner=principal.login)
        absent = f"inputs.collection: there is no collection {collection}. Create it first."
        rights.require("write", catalog_resource(collection), absent=absent)
        for name, url in (execute.subscriber.addresses if execute.subscriber else {}).items():
            check_url(url, self.origins, name)
        request = await self._request(inputs)
        if request.value:
            for item in select(features_of(request.value), request.wanted):
                station_of(item)
        if inputs.create_collection and not inputs.dry_run:
            await self.services.ensure_collection(collection, principal)
        else:
            await self.services.require_collection(collection, principal)
        job = Job(
            id=str(uuid.uuid4()),
            principal=principal,
            collection=collection,
            created=timestamp(self.clock()),
            updated=timestamp(self.clock()),
            publication=inputs.publication,
            dry_run=inputs.dry_run,
            priority=PRIORITIES[inputs.priority],
            label=inputs.label,
            subscribed=execute.subscriber is not None,
            message="The job was accepted.",
        )
        if execute.subscriber:
            await self.documents.write_subscriber(job.id, execute.subscriber.model_dump(exclude_none=True))
        await self.acceptance.take_turn(job)
        await self.acceptance.accept(job, request)
        return job

    async def _request(self, inputs: Inputs) -> ItemsRequest:
        wanted = AssetFilter(tuple(inputs.asset_names), tuple(inputs.asset_patterns))
        if inputs.items.href is None:
            return ItemsRequest(None, inputs.items.value, wanted)
        stations = [service for service in self.services.functions if service != "catalog"]
        if not stations:
            raise InvalidRequest("inputs.items.href: no station service is deployed here. Give the items as 'value'.")
        return ItemsRequest(ServiceAddress.parse(inputs.items.href, await self.base_url(), stations), None, wanted)
