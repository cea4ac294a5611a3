"""Puts the worker of staging together from its settings: what it does with messages, and what it looks after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

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
from rs_server.staging.acceptance import Acceptance
from rs_server.staging.addresses import BaseUrl
from rs_server.staging.authority import Authority, UserRecords
from rs_server.staging.callbacks.addresses import parse_origins
from rs_server.staging.callbacks.notifying import Notifier
from rs_server.staging.callbacks.posting import HttpPoster
from rs_server.staging.catalog import CatalogReader
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.delivery import Delivery
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.documents import JobDocuments
from rs_server.staging.gathering import Gatherer
from rs_server.staging.jobs import Clock, utc_now
from rs_server.staging.lambda_worker import Duties
from rs_server.staging.lifecycle import Lifecycle
from rs_server.staging.messages import Message
from rs_server.staging.ordering import Ordering
from rs_server.staging.planning import Planner
from rs_server.staging.publication import Publisher
from rs_server.staging.services import Services
from rs_server.staging.sources import StationSources, load_stations
from rs_server.staging.stores import Stores
from rs_server.staging.subscriptions.polling import Poller
from rs_server.staging.subscriptions.store import SubscriptionStore
from rs_server.staging.subscriptions.tending import Tender
from rs_server.staging.subscriptions.walking import Walker
from rs_server.staging.transferring import TransferWorker
from rs_server.staging.wiring import connect_services, connect_stores
from rs_server.staging.worker import Worker
from rs_server.stations.connections import connect_stations
from rs_server.stations.odata.downloads import ThreadedTransport


def connect_worker(environment: Mapping[str, str]) -> Duties:
    """The duties of a worker in the deployment that the environment describes."""
    settings, stations = read(StagingSettings, environment), read(StationSettings, environment)
    stores = connect_stores(settings, read(StorageSettings, environment))
    services = connect_services(settings)
    table = read(AccessSettings, environment).access_table
    authority = Authority(GrantReader.of_table(table), UserRecords(UserStore(connect(table))))
    clients = connect_stations(stations, transport=ThreadedTransport())
    sources = StationSources(load_stations(stations.station_profiles, services.functions), clients)
    base_url = BaseUrlParameter(read(PublicAddressSettings, environment).base_url_parameter)
    catalog = CatalogReader(services)
    cleaner = Cleaner(stores, catalog)
    dispatcher = Dispatcher(stores, sources)
    gatherer = Gatherer(services, sources, base_url, JobDocuments(stores.objects))
    worker = Worker(
        stores,
        Planner(stores, services, catalog, gatherer, authority),
        dispatcher,
        Ordering(stores, services, dispatcher),
        TransferWorker(stores, sources, cleaner),
        Publisher(stores, services, catalog, authority, cleaner),
        cleaner,
    )
    kept = timedelta(days=settings.job_days)
    lifecycle = Lifecycle(stores, dispatcher, cleaner, tuple(sources.stations), kept=kept)
    poller = connect_poller(stores, services, authority, base_url)
    poster = HttpPoster(parse_origins(settings.callback_origins))
    notifier = Notifier(stores.jobs, JobDocuments(stores.objects), stores.queue, poster, base_url)
    others = {"poll": poller.handle, "notify": notifier.handle}

    async def handle(message: Message, delivery: Delivery) -> bool:
        return await others.get(message.kind, worker.handle)(message, delivery)

    async def look_after() -> None:
        try:
            await poller.call_all()
        finally:
            await lifecycle.run()

    return Duties(handle, look_after, stores.queue)


def connect_poller(
    stores: Stores, services: Services, authority: Authority, base_url: BaseUrl, clock: Clock = utc_now
) -> Poller:
    """What polls subscriptions."""
    subscriptions, walker = SubscriptionStore(stores.jobs.table, clock), Walker(services, base_url)
    tender = Tender(subscriptions, stores.jobs, Acceptance(stores), walker, clock)
    return Poller(subscriptions, walker, tender, authority, stores.queue, clock)
