"""How a client of its own would get a file from a station (STAC authentication extension): never with what we know."""

from __future__ import annotations

from rs_server.stations.profiles.model import Station

EXTENSION = "https://stac-extensions.github.io/authentication/v1.1.0/schema.json"
SCHEME = "station"
"""The name of the scheme in `auth:schemes` and `auth:refs`."""

DESCRIPTION = "A token of the station itself. Who has none stages the item, and downloads from the catalog."
BEARER = {"type": "http", "scheme": "bearer", "description": DESCRIPTION}


def schemes_of(station: Station) -> dict[str, object]:
    """`auth:schemes` of the items of a station."""
    header = station.authentication.header
    if header == "Authorization":
        return {SCHEME: BEARER}
    return {SCHEME: {"type": "apiKey", "in": "header", "name": header, "description": DESCRIPTION}}
