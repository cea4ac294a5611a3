"""The process service: /processes, /jobs, /subscriptions and /dead-letters."""

from __future__ import annotations

import os

from rs_server.access.audited import Audited
from rs_server.access.grants import GrantReader
from rs_server.http import lambda_handler, serve
from rs_server.public_address import BaseUrlParameter
from rs_server.settings import (
    AccessSettings,
    DeadLetterSettings,
    PublicAddressSettings,
    StagingSettings,
    StorageSettings,
    read,
)
from rs_server.staging.api import create_app
from rs_server.staging.callbacks.addresses import parse_origins
from rs_server.staging.dead_letters import DeadLetters
from rs_server.staging.submission import Submissions
from rs_server.staging.subscriptions.desk import SubscriptionDesk
from rs_server.staging.subscriptions.store import SubscriptionStore
from rs_server.staging.wiring import connect_services, connect_stores

settings = read(StagingSettings, os.environ)
stores = connect_stores(settings, read(StorageSettings, os.environ))
services = connect_services(settings)
access = read(AccessSettings, os.environ)
grants = GrantReader.of_table(access.access_table)
base_url = BaseUrlParameter(read(PublicAddressSettings, os.environ).base_url_parameter)

subscriptions = SubscriptionDesk(SubscriptionStore(stores.jobs.table), stores.queue, services, grants)

submissions = Submissions(stores, services, grants, base_url, origins=parse_origins(settings.callback_origins))

dead_letters = DeadLetters(stores.queue.sqs, read(DeadLetterSettings, os.environ).dead_letter_queue_url, stores.queue)

app = create_app(stores, submissions, subscriptions, dead_letters, grants)

handler = lambda_handler(serve(Audited.by_table(app, access.access_table), base_url))
"""Several prefixes lead here, so the routes carry their whole path and the service has none of its own."""
