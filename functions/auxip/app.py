"""The AUXIP service: STAC over the stations that deliver auxiliary files, under /auxip."""

from __future__ import annotations

import os

from rs_server.access.audited import Audited
from rs_server.http import lambda_handler, serve
from rs_server.public_address import BaseUrlParameter
from rs_server.settings import AccessSettings, PublicAddressSettings, StationSettings, read
from rs_server.stations.api.wiring import station_service
from rs_server.stations.interfaces.auxip import auxip_interface

access = read(AccessSettings, os.environ)
app = station_service(auxip_interface(), read(StationSettings, os.environ), access)
base_url = BaseUrlParameter(read(PublicAddressSettings, os.environ).base_url_parameter)

handler = lambda_handler(serve(Audited.by_table(app, access.access_table), base_url, "/auxip"))
