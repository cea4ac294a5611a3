"""The portal: the root STAC catalog, the documentation, health, and every path that no service has."""

from __future__ import annotations

import os

from rs_server.http import lambda_handler, serve
from rs_server.portal.app import Service, create_app
from rs_server.portal.descriptions import Described, Descriptions
from rs_server.portal.readiness import Readiness
from rs_server.public_address import BaseUrlParameter
from rs_server.settings import PortalSettings, PublicAddressSettings, read

SERVICES = (
    Service("catalog", "Catalog of our collections"),
    Service("cadip", "CADIP stations: raw data of downlink sessions"),
    Service("auxip", "AUXIP stations: auxiliary files"),
    Service("prip", "PRIP stations: fresh products"),
    Service("lta", "Long-term archives: products of all times, ordered where they are offline"),
)

DESCRIBED = (
    *(Described(service.name, f"/{service.name}/api", f"/{service.name}") for service in SERVICES),
    Described("staging", "/processes/openapi.json"),
    Described("access", "/access/openapi.json", "/access"),
)

settings = read(PortalSettings, os.environ)
readiness = Readiness([service.name for service in SERVICES])
app = create_app(SERVICES, readiness, Descriptions(DESCRIBED), settings.browser_url)
base_url = BaseUrlParameter(read(PublicAddressSettings, os.environ).base_url_parameter)

handler = lambda_handler(serve(app, base_url))
