"""The entity sets of CADIP (CADIP ICD; types as in the published EDM of a CADIP server), and their tables.

The life of a session is in its rows: fields that a station learns later have an instant from which they are known,
and are null before it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from simulators.odata.types import Edm, EntitySet, Property

SCHEMA = """
CREATE TABLE sessions (
  rowid INTEGER PRIMARY KEY, Id TEXT UNIQUE, SessionId TEXT, NumChannels INTEGER, PublicationDate INTEGER,
  Satellite TEXT, StationUnitId TEXT, StationId TEXT, DownlinkOrbit INTEGER, AcquisitionId TEXT, AntennaId TEXT,
  FrontEndId TEXT, Retransfer INTEGER, AntennaStatusOK INTEGER, FrontEndStatusOK INTEGER, PlannedDataStart INTEGER,
  PlannedDataStop INTEGER, DownlinkStart INTEGER, DownlinkStop INTEGER, DownlinkStatusOK INTEGER,
  DeliveryPushOK INTEGER, completed INTEGER, evicted INTEGER);
CREATE INDEX sessions_by_publication ON sessions (PublicationDate);
CREATE INDEX sessions_by_session_id ON sessions (SessionId);
CREATE TABLE files (
  rowid INTEGER PRIMARY KEY, Id TEXT UNIQUE, Name TEXT, SessionId TEXT, Channel INTEGER, BlockNumber INTEGER,
  FinalBlock INTEGER, PublicationDate INTEGER, EvictionDate INTEGER, Size INTEGER, Retransfer INTEGER,
  session INTEGER, evicted INTEGER, seed INTEGER);
CREATE INDEX files_by_publication ON files (PublicationDate);
CREATE INDEX files_by_session_id ON files (SessionId);
CREATE INDEX files_by_session ON files (session);
CREATE INDEX files_by_name ON files (Name);
CREATE TABLE quality (
  rowid INTEGER PRIMARY KEY, Channel INTEGER, SessionId TEXT, AcquiredTFs INTEGER, ErrorTFs INTEGER,
  CorrectedTFs INTEGER, UncorrectableTFs INTEGER, DataTFs INTEGER, ErrorDataTFs INTEGER, CorrectedDataTFs INTEGER,
  UncorrectableDataTFs INTEGER, DeliveryStart INTEGER, DeliveryStop INTEGER, TotalChunks INTEGER,
  TotalVolume INTEGER, session INTEGER, known INTEGER);
CREATE INDEX quality_by_session ON quality (session);
"""

TEXT, WHOLE, FLAG, INSTANT, GUID = Edm.STRING, Edm.INT64, Edm.BOOLEAN, Edm.INSTANT, Edm.GUID


def _once(known: str, path: str) -> str:
    """The value of a column from the instant on that `known`, another column, gives."""
    return f'CASE WHEN {known} <= :now THEN "{path}" END'


STATION_ID = Property("StationId", TEXT)
"""The antenna's site, which only a station with several tells."""

SESSIONS = EntitySet(
    name="Sessions",
    table="sessions",
    visible="PublicationDate <= :now AND evicted > :now",
    order="PublicationDate, rowid",
    expands=("Files", "QualityInfo"),
    properties=(
        Property("Id", GUID),
        Property("SessionId", TEXT),
        Property("NumChannels", WHOLE),
        Property("PublicationDate", INSTANT),
        Property("Satellite", TEXT),
        Property("StationUnitId", TEXT),
        Property("DownlinkOrbit", WHOLE),
        Property("AcquisitionId", TEXT),
        Property("AntennaId", TEXT),
        Property("FrontEndId", TEXT),
        Property("Retransfer", FLAG),
        Property("AntennaStatusOK", FLAG),
        Property("FrontEndStatusOK", FLAG),
        Property("PlannedDataStart", INSTANT),
        Property("PlannedDataStop", INSTANT),
        Property("DownlinkStart", INSTANT, _once("DownlinkStart", "DownlinkStart")),
        Property("DownlinkStop", INSTANT, _once("DownlinkStop", "DownlinkStop")),
        Property("DownlinkStatusOK", FLAG, _once("completed", "DownlinkStatusOK")),
        Property("DeliveryPushOK", FLAG, _once("completed", "DeliveryPushOK")),
    ),
)

OVER = {
    "NumChannels": _once("completed", "NumChannels"),
    "FinalBlock": _once("(SELECT s.completed FROM sessions s WHERE s.rowid = session)", "FinalBlock"),
}
"""The values of properties that some stations know only once a session is over."""

FILES = EntitySet(
    name="Files",
    table="files",
    visible="PublicationDate <= :now AND evicted > :now",
    order="PublicationDate, rowid",
    hidden=("seed",),
    media_type="application/octet-stream",
    properties=(
        Property("Id", GUID),
        Property("Name", TEXT),
        Property("SessionId", TEXT),
        Property("Channel", WHOLE),
        Property("BlockNumber", WHOLE),
        Property("FinalBlock", FLAG),
        Property("PublicationDate", INSTANT),
        Property("EvictionDate", INSTANT),
        Property("Size", WHOLE),
        Property("Retransfer", FLAG),
    ),
)

QUALITY_INFO = EntitySet(
    name="QualityInfo",
    table="quality",
    visible="known <= :now",
    properties=(
        Property("Channel", WHOLE),
        Property("SessionId", TEXT),
        Property("AcquiredTFs", WHOLE),
        Property("ErrorTFs", WHOLE),
        Property("CorrectedTFs", WHOLE),
        Property("UncorrectableTFs", WHOLE),
        Property("DataTFs", WHOLE),
        Property("ErrorDataTFs", WHOLE),
        Property("CorrectedDataTFs", WHOLE),
        Property("UncorrectableDataTFs", WHOLE),
        Property("DeliveryStart", INSTANT),
        Property("DeliveryStop", INSTANT),
        Property("TotalChunks", WHOLE),
        Property("TotalVolume", WHOLE),
    ),
)


def known_when_over(entities: EntitySet, names: Collection[str]) -> EntitySet:
    """The entity set of a station that leaves these properties null as long as a session goes on."""
    late = OVER.keys() & set(names)
    properties = tuple(
        replace(each, sql=OVER[each.path]) if each.path in late else each for each in entities.properties
    )
    return replace(entities, properties=properties)
