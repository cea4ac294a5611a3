"""The access service: keys, grants, users, groups and the audit trail under /access."""

from __future__ import annotations

import os

from rs_server.access.api.app import create_app
from rs_server.access.api.stores import Stores
from rs_server.access.audited import Audited
from rs_server.access.store.table import connect
from rs_server.http import lambda_handler, serve
from rs_server.public_address import BaseUrlParameter
from rs_server.settings import AccessSettings, PublicAddressSettings, read

table = connect(read(AccessSettings, os.environ).access_table)
stores = Stores.of(table)
base_url = BaseUrlParameter(read(PublicAddressSettings, os.environ).base_url_parameter)

handler = lambda_handler(serve(Audited(create_app(stores), stores.audit), base_url, "/access"))
