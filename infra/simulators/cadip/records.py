"""A session as the station will have seen it in the end, and how it is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from simulators.cadip.model import SCHEMA
from simulators.odata.instants import DAY, SECOND
from simulators.storage import Database, Row
from simulators.timeline import FOREVER

CADU_BYTES = 2044
"""A channel access data unit; sizes of recorded files are whole multiples of it."""
KEPT = 7 * DAY
"""How long a station keeps files, and a session without any."""
SETTLING = 5 * SECOND
"""From the last file to the statuses and the QualityInfo (an estimate; no record tells)."""


@dataclass(frozen=True, slots=True)
class CaduFile:
    """A chunk of a channel, named by the DSDB convention."""

    Id: str
    Name: str
    SessionId: str
    Channel: int
    BlockNumber: int
    FinalBlock: bool | None
    PublicationDate: int
    EvictionDate: int | None
    Size: int
    Retransfer: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """What a channel delivered."""

    Channel: int
    SessionId: str
    AcquiredTFs: int
    ErrorTFs: int
    CorrectedTFs: int
    UncorrectableTFs: int
    DataTFs: int
    ErrorDataTFs: int
    CorrectedDataTFs: int
    UncorrectableDataTFs: int
    DeliveryStart: int
    DeliveryStop: int
    TotalChunks: int
    TotalVolume: int


@dataclass(frozen=True, slots=True)
class Session:
    """A downlink session; names and meanings are those of the interface."""

    Id: str
    SessionId: str
    NumChannels: int
    PublicationDate: int
    Satellite: str
    StationUnitId: str
    StationId: str | None
    DownlinkOrbit: int
    AcquisitionId: str
    AntennaId: str
    FrontEndId: str
    Retransfer: bool
    AntennaStatusOK: bool
    FrontEndStatusOK: bool
    PlannedDataStart: int
    PlannedDataStop: int
    DownlinkStart: int | None
    DownlinkStop: int | None
    DownlinkStatusOK: bool
    DeliveryPushOK: bool
    files: tuple[CaduFile, ...] = ()
    quality: tuple[Quality, ...] = ()

    @property
    def completed(self) -> int:
        """When its statuses and QualityInfo are known."""
        ends = [each.PublicationDate for each in self.files] + [each.DeliveryStop for each in self.quality]
        return max(ends, default=self.PlannedDataStop) + SETTLING

    @property
    def evicted(self) -> int:
        """When the station forgets it: with its last file."""
        return max((each.EvictionDate or FOREVER for each in self.files), default=self.PublicationDate + KEPT)


def scaled_size(size: int, scale: float) -> int:
    """A file's size at a scale, in whole CADUs and at least one; 1 leaves it as it is."""
    return size if scale == 1 else max(1, round(size * scale / CADU_BYTES)) * CADU_BYTES


def store(database: Database, sessions: Iterable[Session], size_scale: float) -> None:
    """Create the tables and fill them; file sizes are scaled, and the volumes of channels with them."""
    with database.writing() as connection:
        for statement in SCHEMA.split(";"):
            connection.execute(statement)
    session_rows: list[Row] = []
    file_rows: list[Row] = []
    quality_rows: list[Row] = []
    for number, session in enumerate(sorted(sessions, key=lambda each: each.PublicationDate), start=1):
        session_rows.append((number, *_primitives(session), session.completed, session.evicted))
        volumes: dict[int, int] = {}
        for file in session.files:
            size = scaled_size(file.Size, size_scale)
            volumes[file.Channel] = volumes.get(file.Channel, 0) + size
            stored = [size if each.name == "Size" else getattr(file, each.name) for each in fields(CaduFile)]
            file_rows.append((*stored, number, file.EvictionDate or FOREVER, seed_of(file.Id)))
        for quality in session.quality:
            known = (*_primitives(quality)[:-1], volumes.get(quality.Channel, 0), number, session.completed)
            quality_rows.append(known)
    file_rows.sort(key=lambda row: row[6])
    _insert(database, "sessions", ["rowid", *_names(Session), "completed", "evicted"], session_rows)
    _insert(database, "files", [*_names(CaduFile), "session", "evicted", "seed"], file_rows)
    _insert(database, "quality", [*_names(Quality), "session", "known"], quality_rows)


def seed_of(file_id: str) -> int:
    """The seed of a file's bytes: its own, from its Id."""
    return int.from_bytes(hashlib.sha256(file_id.encode()).digest()[:4], "big")


def _names(record: type[Session | CaduFile | Quality]) -> list[str]:
    return [each.name for each in fields(record) if each.name not in {"files", "quality"}]


def _primitives(record: Session | Quality) -> list[Any]:
    return [getattr(record, name) for name in _names(type(record))]


def _insert(database: Database, table: str, columns: list[str], rows: list[Row]) -> None:
    if rows:
        database.insert(table, columns, rows)
