"""What the steps of a job share: its records, its objects and the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rs_server.staging.awaited import AwaitedStore
from rs_server.staging.claims import Claims
from rs_server.staging.job_store import JobStore
from rs_server.staging.jobs import Clock, utc_now
from rs_server.staging.leases import Leases
from rs_server.staging.messages import WorkQueue
from rs_server.staging.quotas import Limits, Quotas
from rs_server.staging.table import Table
from rs_server.staging.transfer_store import TransferStore
from rs_server.staging.turns import TurnStore
from rs_server.storage.multipart import MultipartUploads
from rs_server.storage.objects import ObjectStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Everything that a job is kept in."""

    jobs: JobStore
    leases: Leases
    transfers: TransferStore
    claims: Claims
    awaited: AwaitedStore
    quotas: Quotas
    turns: TurnStore
    queue: WorkQueue
    objects: ObjectStore
    uploads: MultipartUploads

    @classmethod
    def connect(
        cls,
        *,
        dynamodb: DynamoDBClient,
        s3: S3Client,
        sqs: SQSClient,
        table: str,
        bucket: str,
        queue_url: str,
        clock: Clock = utc_now,
        quotas: Limits | None = None,
    ) -> Stores:
        """The stores behind three clients of AWS."""
        records = Table(dynamodb, table)
        jobs = JobStore(records, clock)

        async def is_closed(job_id: str) -> bool:
            job = await jobs.get(job_id)
            return job is None or job.stage == "closed"

        return cls(
            jobs=jobs,
            leases=Leases(records, clock),
            transfers=TransferStore(records),
            claims=Claims(records, is_closed),
            awaited=AwaitedStore(records),
            quotas=Quotas(records, is_closed, quotas),
            turns=TurnStore(records, clock),
            queue=WorkQueue(sqs, queue_url),
            objects=ObjectStore(s3, bucket),
            uploads=MultipartUploads(s3, bucket),
        )
