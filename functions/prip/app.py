"""The PRIP service: STAC over the production services' fresh products, under /prip."""

from __future__ import annotations

import os

from rs_server.access.audited import Audited
from rs_server.http import lambda_handler, serve
from rs_server.public_address import BaseUrlParameter
from rs_server.settings import AccessSettings, PublicAddressSettings, StationSettings, read
from rs_server.stations.api.wiring import station_service
from rs_server.stations.interfaces.prip import prip_interface

access = read(AccessSettings, os.environ)
app = station_service(prip_interface(), read(StationSettings, os.environ), access)
base_url = BaseUrlParameter(read(PublicAddressSettings, os.environ).base_url_parameter)

handler = lambda_handler(serve(Audited.by_table(app, access.access_table), base_url, "/prip"))
