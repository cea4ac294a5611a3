"""Loads the profiles of a service from a folder of YAML files beside this module, and checks them as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from rs_server.stac.ids import COLLECTION
from rs_server.stations.odata.query import parse_datetime
from rs_server.stations.profiles.documents import place_of, read_document
from rs_server.stations.profiles.model import ServiceProfile, Station

FOLDER = Path(__file__).parent

PRODUCT_QUERIES = frozenset({"productType", "platformShortName", "platformSerialIdentifier", "processingLevel"})
QUERY_PROPERTIES: Mapping[str, frozenset[str]] = {
    "cadip": frozenset({"Satellite", "StationId", "StationUnitId", "AntennaId"}),
    "auxip": PRODUCT_QUERIES,
    "prip": PRODUCT_QUERIES,
    "lta": PRODUCT_QUERIES,
}
"""What the collections of a service may be told apart by."""


def load_profiles(folder: str, service: str, base: Path = FOLDER) -> ServiceProfile:
    """The profile of `service` (`cadip`, ...) in `folder` (`simulators`, ...).

    Raises InvalidProfile naming file, line and field for whatever is wrong in it, FileNotFoundError without a file.
    """
    path = base / folder / f"{service}.yaml"
    profile, node = read_document(ServiceProfile, path.read_text(encoding="utf-8"), path.name)
    stations = {name: station._replace(service=service, name=name) for name, station in profile.stations.items()}
    for name, station in stations.items():
        _check_station(station, node, path.name, name)
    _check_collections(profile, node, path.name)
    return profile._replace(stations=stations)


def _check_station(station: Station, node: yaml.Node, file: str, name: str) -> None:
    for field, url in (
        ("service_root", station.service_root),
        ("authentication.token_url", station.authentication.token_url),
    ):
        if not url.startswith(("https://", "http://")):
            raise place_of(node, file, "stations", name, *field.split(".")).refuse(f"{url!r} is no address.")
    if not station.service_root.endswith("/"):
        raise place_of(node, file, "stations", name, "service_root").refuse("It must end with '/'.")
    if not {"eq", "and"} <= station.operators:
        raise place_of(node, file, "stations", name, "operators").refuse("No station can do without eq and and.")


def _check_collections(profile: ServiceProfile, node: yaml.Node, file: str) -> None:
    seen: set[str] = set()
    allowed = QUERY_PROPERTIES[profile.service]
    for index, collection in enumerate(profile.collections):
        where = ("collections", index)
        if not COLLECTION.fullmatch(collection.id):
            raise place_of(node, file, *where, "id").refuse(f"{collection.id!r} is no collection name.")
        if collection.id in seen:
            raise place_of(node, file, *where, "id").refuse(f"{collection.id!r} is declared twice.")
        seen.add(collection.id)
        for number, station in enumerate(collection.stations):
            if station not in profile.stations:
                raise place_of(node, file, *where, "stations", number).refuse(f"There is no station {station!r}.")
        for name in collection.query:
            if name not in allowed:
                known = ", ".join(sorted(allowed))
                raise place_of(node, file, *where, "query", name).refuse(f"A query can hold {known}.")
        try:
            parse_datetime(collection.start)
        except ValueError:
            raise place_of(node, file, *where, "start").refuse(
                "It must be a date and time, such as 2014-04-03T00:00:00Z (in quotes)."
            ) from None
