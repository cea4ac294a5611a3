"""The page of station profiles: the fields of the model, and the stations and collections that are declared."""

from __future__ import annotations

from reference.markdown import code, sentence, table
from reference.settings import described_fields, type_text
from rs_server.stations.profiles.loading import load_profiles
from rs_server.stations.profiles.model import (
    Authentication,
    Limits,
    Provider,
    ServiceProfile,
    Station,
    VirtualCollection,
)

SERVICES = ("cadip", "auxip", "prip", "lta")
FOLDER = "operational"
INTRODUCTION = f"""# Station profiles

What is declared of a station, in YAML, before it is asked. The profiles are in
`layers/rs_server/stations/profiles/<folder>/<service>.yaml`; the template's parameter `StationProfiles` names the
folder. A fault in a file is told with its line and field. The stations of `{FOLDER}` stand below the fields.

"""


def page() -> str:
    """The fields of a profile, then the stations of each service."""
    kinds = (ServiceProfile, Station, Authentication, Limits, VirtualCollection, Provider)
    return INTRODUCTION + "".join(map(_fields, kinds)) + "".join(map(_service, SERVICES))


def _fields(kind: type) -> str:
    rows = [
        (code(name), type_text(hint), code(default) or "required", note)
        for name, hint, default, note in described_fields(kind)
    ]
    return f"## {kind.__name__}\n\n{sentence(kind.__doc__)}\n\n" + table(("field", "type", "default", ""), rows)


def _service(name: str) -> str:
    profile = load_profiles(FOLDER, name)
    stations = [
        (code(station.id), station.title, station.limits.connections, station.limits.requests_per_minute)
        for station in profile.stations.values()
    ]
    collections = [
        (code(collection.id), collection.title, ", ".join(map(code, collection.stations)))
        for collection in profile.collections
    ]
    return (
        f"## {name}: {profile.title}\n\n{profile.description}\n\n"
        + table(("station", "title", "connections", "requests a minute"), stations)
        + table(("collection", "title", "stations"), collections)
    )
