"""A CADIP station: its resources, and the data they show."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from simulators.cadip import model
from simulators.cadip.generator import Passes, generate_sessions
from simulators.cadip.recorded import recorded_session
from simulators.cadip.records import Session, store
from simulators.odata.actions import ActionTable
from simulators.odata.instants import DAY
from simulators.odata.service import Dialect, Navigation, ODataService, Resource
from simulators.payload import Body, Payload
from simulators.root import ServiceRoot
from simulators.storage import Database
from simulators.timeline import DATA_END

DEFAULT_SESSIONS = 64


def fill(database: Database, passes: Passes, *, recorded: bool, count: int, seed: int, size_scale: float) -> None:
    """Store `count` sessions, unless the database has them from an earlier start.

    They are spread over three days, many over up to a week.
    """
    if database.has("sessions"):
        return
    days = min(7, max(3, count // 40))
    sessions: list[Session] = [recorded_session()] if recorded else []
    sessions += generate_sessions(passes, count - len(sessions), DATA_END - days * DAY, DATA_END, seed)
    store(database, sessions, size_scale)


def cadip_service(
    database: Database,
    dialect: Dialect,
    *,
    several_sites: bool,
    renamed_in_files: Mapping[str, str],
    known_when_over: Collection[str],
) -> ServiceRoot:
    """The OData service over stored sessions; a station with several sites tells each session's StationId."""
    sessions, files = (model.known_when_over(each, known_when_over) for each in (model.SESSIONS, model.FILES))
    if several_sites:
        sessions = replace(sessions, properties=(*sessions.properties, model.STATION_ID))
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
    resources["Files"] = Resource(files.renamed(renamed_in_files), payload=_file_payload)
    resources["QualityInfo"] = Resource(model.QUALITY_INFO)
    return ServiceRoot(service, ActionTable({}))


def _file_payload(file: Mapping[str, Any]) -> Payload:
    return Payload(Body(file["seed"], file["Size"]), file["Name"])
