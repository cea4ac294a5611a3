"""The process service: /processes and /jobs."""

from __future__ import annotations

import os

from rs_server.access.grants import GrantReader
from rs_server.http import lambda_handler, serve
from rs_server.public_address import BaseUrlParameter
from rs_server.settings import AccessSettings, PublicAddressSettings, StagingSettings, StorageSettings, read
from rs_server.staging.api import create_app
from rs_server.staging.submission import Submissions
from rs_server.staging.wiring import connect_services, connect_stores

settings = read(StagingSettings, os.environ)
stores = connect_stores(settings, read(StorageSettings, os.environ))
services = connect_services(settings)
grants = GrantReader.of_table(read(AccessSettings, os.environ).access_table)
base_url = BaseUrlParameter(read(PublicAddressSettings, os.environ).base_url_parameter)

handler = lambda_handler(serve(create_app(stores, Submissions(stores, services, grants, base_url), grants), base_url))
"""Two prefixes lead here, so the routes carry their whole path and the service has none of its own."""
