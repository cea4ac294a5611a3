"""Puts staging together from its settings: clients of AWS, stores, services, the worker."""

from __future__ import annotations

from collections.abc import Mapping

import boto3
from botocore.config import Config

from rs_server.access.grants import GrantReader
from rs_server.access.store.table import connect
from rs_server.access.store.users import UserStore
from rs_server.public_address import BaseUrlParameter
from rs_server.settings import (
    AccessSettings,
    PublicAddressSettings,
    StagingSettings,
    StationSettings,
    StorageSettings,
    read,
)
from rs_server.staging.authority import Authority, UserRecords
from rs_server.staging.catalog import CatalogReader
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.gathering import Gatherer
from rs_server.staging.lambda_worker import Duties
from rs_server.staging.lifecycle import Lifecycle
from rs_server.staging.planning import Planner
from rs_server.staging.publication import Publisher
from rs_server.staging.services import Services, parse_functions
from rs_server.staging.sources import StationSources, load_stations
from rs_server.staging.stores import Stores
from rs_server.staging.transfer import TransferWorker
from rs_server.staging.worker import Worker
from rs_server.stations.connections import connect_stations

PATIENCE = Config(
    connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 4, "mode": "standard"}, max_pool_connections=32
)
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
    )


def connect_services(settings: StagingSettings) -> Services:
    """The functions of our services."""
    functions = parse_functions(settings.service_functions)
    return Services(boto3.client("lambda", config=ANSWERING), functions, settings.catalog_ingest_function)


def connect_worker(environment: Mapping[str, str]) -> Duties:
    """The duties of a worker in the deployment that the environment describes."""
    settings, stations = read(StagingSettings, environment), read(StationSettings, environment)
    stores = connect_stores(settings, read(StorageSettings, environment))
    services = connect_services(settings)
    table = read(AccessSettings, environment).access_table
    authority = Authority(GrantReader.of_table(table), UserRecords(UserStore(connect(table))))
    sources = StationSources(load_stations(stations.station_profiles, services.functions), connect_stations(stations))
    base_url = BaseUrlParameter(read(PublicAddressSettings, environment).base_url_parameter)
    catalog = CatalogReader(services)
    cleaner = Cleaner(stores, catalog)
    dispatcher = Dispatcher(stores, sources)
    worker = Worker(
        stores,
        Planner(stores, services, catalog, Gatherer(services, sources, base_url), authority),
        dispatcher,
        TransferWorker(stores, sources, cleaner),
        Publisher(stores, services, catalog, authority, cleaner),
        cleaner,
    )
    lifecycle = Lifecycle(stores, dispatcher, cleaner, tuple(sources.stations))
    return Duties(worker.handle, lifecycle.run, stores.queue)
