"""The PRIP service: STAC over the production services' fresh products, under /prip."""

from __future__ import annotations

import os

from rs_server.http import lambda_handler, serve
from rs_server.public_address import BaseUrlParameter
from rs_server.settings import AccessSettings, PublicAddressSettings, StationSettings, read
from rs_server.stations.api.wiring import station_service
from rs_server.stations.interfaces.prip import prip_interface

app = station_service(prip_interface(), read(StationSettings, os.environ), read(AccessSettings, os.environ))
base_url = BaseUrlParameter(read(PublicAddressSettings, os.environ).base_url_parameter)

handler = lambda_handler(serve(app, base_url, "/prip"))
