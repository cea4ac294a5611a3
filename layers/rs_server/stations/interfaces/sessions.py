"""The files of CADIP sessions, in as few requests as the station allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rs_server.errors import BackendFailed
from rs_server.stations.filters.odata import one_of
from rs_server.stations.interfaces.model import Entity
from rs_server.stations.interfaces.values import truth
from rs_server.stations.odata.client import ODataClient, Row
from rs_server.stations.odata.http import Deadline
from rs_server.stations.odata.query import ODataQuery
from rs_server.stations.odata.walk import walk
from rs_server.stations.profiles.model import Station
from rs_server.stations.queryables import Column

SESSION_ID = Column("SessionId", "string", nullable=False)
PUBLISHED = Column("PublicationDate", "datetime", nullable=False)


async def files_of_sessions(client: ODataClient, rows: Sequence[Row], deadline: Deadline) -> list[Entity]:
    """Each session with its own files: a retransfer shares its SessionId with the first delivery, not the files."""
    missing = [str(row.get("SessionId")) for row in rows if not _expanded(row)]
    files: dict[tuple[str, bool], list[Row]] = {}
    for condition in _conditions(client.station, dict.fromkeys(missing)):
        async for file in walk(client, "Files", ODataQuery(filter=condition), PUBLISHED.path, deadline):
            files.setdefault(_delivery(file), []).append(file)
    return [Entity(row, _usable(row["Files"] if _expanded(row) else files.get(_delivery(row), []))) for row in rows]


def _expanded(row: Row) -> bool:
    return isinstance(row.get("Files"), list) and "Files@odata.nextLink" not in row


def _delivery(row: Row) -> tuple[str, bool]:
    return str(row.get("SessionId") or row.get("SessionID")), truth(row.get("Retransfer")) or False


def _usable(files: Iterable[Row]) -> list[Row]:
    return [file for file in files if isinstance(file, dict) and file.get("Name") and file.get("Id")]


def _conditions(station: Station, session_ids: Iterable[str]) -> Iterator[str]:
    """Conditions on SessionId that each fit into an address of the station."""
    group: list[str] = []
    for session_id in session_ids:
        if group and not _fits(station, [*group, session_id]):
            yield _condition(station, group)
            group = []
        group.append(session_id)
    if group:
        yield _condition(station, group)


def _condition(station: Station, session_ids: Sequence[str]) -> str:
    condition = one_of(station, SESSION_ID, session_ids).text
    if not condition:
        raise BackendFailed(f"The profile of station {station.id} leaves no way to ask for the files of a session.")
    return condition


def _fits(station: Station, session_ids: Sequence[str]) -> bool:
    condition = one_of(station, SESSION_ID, session_ids)
    return bool(condition.text) and len(ODataQuery(filter=condition.text or "").encode()) < station.limits.url_length
