"""Station profiles and virtual collections: what is declared, in YAML, before any station is asked."""

from rs_server.stations.profiles.documents import InvalidProfile
from rs_server.stations.profiles.loading import load_profiles
from rs_server.stations.profiles.model import Authentication, Limits, ServiceProfile, Station, VirtualCollection

__all__ = [
    "Authentication",
    "InvalidProfile",
    "Limits",
    "ServiceProfile",
    "Station",
    "VirtualCollection",
    "load_profiles",
]
