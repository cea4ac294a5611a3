"""A CADIP station: its resources, and the data they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from simulators.cadip.generator import Passes, generate_sessions
from simulators.cadip.model import FILES, QUALITY_INFO, SESSIONS, STATION_ID
from simulators.cadip.recorded import recorded_session
from simulators.cadip.records import Session, store
from simulators.odata.instants import DAY, read_instant
from simulators.odata.service import Dialect, Navigation, ODataService, Resource
from simulators.payload import Body, Payload
from simulators.storage import Database

FIRST, LAST = read_instant("2024-11-13T00:00:00Z"), read_instant("2024-11-16T00:00:00Z")
"""The passes of the default data begin between these; the recorded one is of 2024-11-14."""
DEFAULT_SESSIONS = 64


def fill(database: Database, passes: Passes, *, recorded: bool, count: int, seed: int, size_scale: float) -> None:
    """Store `count` sessions; beyond what three days hold, they reach further back, up to a week."""
    days = min(7, max(3, count // 40))
    sessions: list[Session] = [recorded_session()] if recorded else []
    sessions += generate_sessions(passes, count - len(sessions), LAST - days * DAY, LAST, seed)
    store(database, sessions, size_scale)


def cadip_service(database: Database, dialect: Dialect, *, several_sites: bool) -> ODataService:
    """The OData service over stored sessions; a station with several sites tells each session's StationId."""
    sessions = replace(SESSIONS, properties=(*SESSIONS.properties, STATION_ID)) if several_sites else SESSIONS
    resources: dict[str, Resource] = {}
    service = ODataService(database, resources, dialect)
    resources["Sessions"] = Resource(
        sessions,
        expanders={
            "Files": service.related("Files", "session"),
            "QualityInfo": service.related("QualityInfo", "session"),
        },
        navigations={
            "Files": Navigation("Files", "session = :parent"),
            "QualityInfo": Navigation("QualityInfo", "session = :parent"),
        },
    )
    resources["Files"] = Resource(FILES, payload=_file_payload)
    resources["QualityInfo"] = Resource(QUALITY_INFO)
    return service


def _file_payload(file: Mapping[str, Any]) -> Payload:
    return Payload(Body(file["seed"], file["Size"]), file["Name"])
