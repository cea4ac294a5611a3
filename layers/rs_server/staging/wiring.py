"""Puts what staging's functions share together from their settings: clients of AWS, stores, services."""

from __future__ import annotations

import boto3
from botocore.config import Config

from rs_server.settings import StagingSettings, StorageSettings
from rs_server.staging.quotas import Limits
from rs_server.staging.services import Services, parse_functions
from rs_server.staging.stores import Stores

PATIENCE = Config(
    connect_timeout=3,
    read_timeout=20,
    retries={"total_max_attempts": 4, "mode": "standard"},
    max_pool_connections=32,
    s3={"payload_signing_enabled": False},
)
"""Bodies are not hashed once more for the signature: over https they never are, and parts carry their CRC-32."""
ANSWERING = Config(connect_timeout=3, read_timeout=70, retries={"total_max_attempts": 1}, max_pool_connections=16)
"""For calls of our own functions: as long as the slowest of them takes, and never sent twice behind our back."""


def connect_stores(settings: StagingSettings, storage: StorageSettings) -> Stores:
    """The stores of jobs."""
    return Stores.connect(
        dynamodb=boto3.client("dynamodb", config=PATIENCE),
        s3=boto3.client("s3", config=PATIENCE),
        sqs=boto3.client("sqs", config=PATIENCE),
        table=settings.jobs_table,
        bucket=storage.bucket,
        queue_url=settings.transfer_queue_url,
        quotas=Limits(settings.user_jobs, settings.user_bytes),
    )


def connect_services(settings: StagingSettings) -> Services:
    """The functions of our services."""
    functions = parse_functions(settings.service_functions)
    return Services(boto3.client("lambda", config=ANSWERING), functions, settings.catalog_ingest_function)
