"""CADIP: one item for each downlink session, one asset for each CADU chunk (CADIP ICD, ESA-EOPG-EOPGC-IF-15).

A session that a station delivers again has the same SessionId; the item of that second delivery ends in `.r1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rs_server.stations.interfaces import authentication
from rs_server.stations.interfaces.model import Entity, Item
from rs_server.stations.interfaces.sessions import files_of_sessions
from rs_server.stations.interfaces.values import PLATFORMS, instant, present, text, truth, whole_number
from rs_server.stations.odata.client import ODataClient, Row
from rs_server.stations.odata.http import Deadline
from rs_server.stations.odata.query import datetime_literal, parse_datetime
from rs_server.stations.profiles.model import Station
from rs_server.stations.queryables import Coded, Column, Kind, Named, Queryable, Queryables, Same

RETRANSFERRED = ".r1"
SESSION_ID = re.compile(r"[A-Z0-9]{2,3}_(\d{14})\d{6}")

EXTENSIONS = [
    authentication.EXTENSION,
    "https://home.rs-python.eu/cadip-stac-extension/v1.4.0/schema.json",
    "https://stac-extensions.github.io/external-ids/v1.0.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/sat/v1.2.0/schema.json",
    "https://stac-extensions.github.io/timestamps/v1.1.0/schema.json",
]

SESSION_PROPERTIES: tuple[tuple[str, str, str, Kind], ...] = (
    ("sat:absolute_orbit", "DownlinkOrbit", "Absolute orbit of the downlink", "integer"),
    ("cadip:num_channels", "NumChannels", "Channels of the session", "integer"),
    ("cadip:station_id", "StationId", "Antenna site, where one service covers several", "string"),
    ("cadip:station_unit_id", "StationUnitId", "Station unit", "string"),
    ("cadip:acquisition_id", "AcquisitionId", "Id in the acquisition plan", "string"),
    ("cadip:antenna_id", "AntennaId", "Antenna", "string"),
    ("cadip:front_end_id", "FrontEndId", "Front end", "string"),
    ("cadip:retransfer", "Retransfer", "Whether it is delivered again", "boolean"),
    ("cadip:antenna_status_ok", "AntennaStatusOK", "Antenna worked", "boolean"),
    ("cadip:front_end_status_ok", "FrontEndStatusOK", "Front end worked", "boolean"),
    ("cadip:planned_data_start", "PlannedDataStart", "Planned start of data", "datetime"),
    ("cadip:planned_data_stop", "PlannedDataStop", "Planned end of data", "datetime"),
    ("cadip:downlink_status_ok", "DownlinkStatusOK", "Downlink worked; absent until it ended", "boolean"),
    ("cadip:delivery_push_ok", "DeliveryPushOK", "Delivery worked; absent until it ended", "boolean"),
)
"""STAC property, Session property, title, type (stations write the same of a session and of its retransfer)."""

LENGTHS = {"cadip:station_id": 4, "cadip:station_unit_id": 2}
"""Lengths that the cadip extension wants; a value of another length is left out."""

READERS: Mapping[Kind, Any] = {"string": text, "integer": whole_number, "boolean": truth, "datetime": instant}

PUBLISHED = Column("PublicationDate", "datetime", nullable=False)
SATELLITE = Column("Satellite", "string", nullable=False)
DOWNLINK_START = Column("DownlinkStart", "datetime")


def _satellites(position: int) -> Coded:
    """`platform` (0) or `constellation` (1) by satellite code."""
    values: dict[str, tuple[tuple[tuple[Column, str], ...], ...]] = {}
    for code, names in PLATFORMS.items():
        values[names[position]] = (*values.get(names[position], ()), ((SATELLITE, code),))
    return Coded(values)


def _queryables() -> Queryables:
    platforms = sorted({platform for platform, _ in PLATFORMS.values()})
    constellations = sorted({constellation for _, constellation in PLATFORMS.values()})
    identifier = Named(Column("SessionId", "string", nullable=False), (RETRANSFERRED,), "item")
    fixed = [
        Queryable("id", "Item id", "string", identifier, {"examples": ["S1A_20241114143038056552"]}),
        Queryable("collection", "Collection", "string"),
        Queryable("datetime", "Start of the downlink", "datetime", Same(DOWNLINK_START, fallback=True)),
        Queryable("start_datetime", "Start of the downlink", "datetime", Same(DOWNLINK_START, partial=True)),
        Queryable(
            "end_datetime", "End of the downlink", "datetime", Same(Column("DownlinkStop", "datetime"), partial=True)
        ),
        Queryable("published", "Publication at the station", "datetime", Same(PUBLISHED)),
        Queryable("platform", "Satellite", "string", _satellites(0), {"enum": platforms}),
        Queryable("constellation", "Mission", "string", _satellites(1), {"enum": constellations}),
        Queryable("rs:station", "Station", "string", schema={"examples": ["cadip:mti"]}),
        Queryable("rs:complete", "Every block of every channel is there", "boolean"),
    ]
    mapped = [
        Queryable(name, title, kind, Same(Column(path, kind), partial=name in LENGTHS))
        for name, path, title, kind in SESSION_PROPERTIES
    ]
    return {queryable.name: queryable for queryable in (*fixed, *mapped)}


class CadipInterface:
    """Sessions and Files of a CADIP station."""

    service = "cadip"
    entity_set = "Sessions"
    queryables = _queryables()
    published = PUBLISHED
    query_columns: Mapping[str, Column] = {
        name: Column(name, "string", nullable=name != "Satellite")
        for name in ("Satellite", "StationId", "StationUnitId", "AntennaId")
    }
    collection_extensions: Sequence[str] = ()
    same_by: Column | None = None
    takes_orders = False
    late_properties = frozenset({"rs:complete"})

    def expand(self, station: Station, *, whole: bool) -> tuple[str, ...]:
        """Files come along where the station can, but not for sessions that are only looked at."""
        files = ("Files",) if whole and station.expand_files else ()
        return files if station.final_block else (*files, "QualityInfo")

    def properties(self, row: Row, station: Station) -> Item:
        """Id and properties of a session's item; a session has no geometry."""
        published = instant(row.get("PublicationDate"))
        start, stop = instant(row.get("DownlinkStart")), instant(row.get("DownlinkStop"))
        platform, constellation = PLATFORMS.get(str(row.get("Satellite")), (None, None))
        properties = {
            "datetime": start or _planned(str(row.get("SessionId"))) or published,
            "start_datetime": start if stop else None,
            "end_datetime": stop if start else None,
            "published": published,
            "platform": platform,
            "constellation": constellation,
            "externalIds": [{"scheme": "cadip", "value": str(row.get("Id"))}],
            "sat:acquisition_station": str(row.get("StationId") or station.name).rstrip("_").upper(),
            "rs:station": station.id,
        } | {name: READERS[kind](row.get(path)) for name, path, _, kind in SESSION_PROPERTIES}
        for name, length in LENGTHS.items():
            if len(str(properties[name])) != length:
                properties[name] = None
        properties["cadip:acquisition_id"] = properties["cadip:acquisition_id"] or ""
        return {"id": item_id(row), "geometry": None, "properties": present(properties)}

    def item(self, entity: Entity, station: Station) -> Item:
        """The item of a session with an asset for each of its files."""
        item = self.properties(entity.row, station)
        properties = item["properties"]
        chunks = {} if station.final_block else _chunks(entity.row.get("QualityInfo"))
        properties["rs:complete"] = is_complete(properties.get("cadip:num_channels"), entity.files, chunks)
        properties["auth:schemes"] = authentication.schemes_of(station)
        satellite, orbit = entity.row.get("Satellite"), properties.get("sat:absolute_orbit")
        properties["title"] = f"{satellite} orbit {orbit} at {station.title}, {properties['datetime'][:16]}"
        return {
            "type": "Feature",
            "stac_version": "1.1.0",
            "stac_extensions": EXTENSIONS,
            **item,
            "assets": _assets(entity.files, station),
        }

    def item_of_row(self, row: Row, station: Station) -> Item:
        """The item of a session with the files that came with it."""
        return self.item(Entity(row, row.get("Files") or []), station)

    async def complete(self, client: ODataClient, rows: Sequence[Row], deadline: Deadline) -> list[Entity]:
        """Sessions with their files: those that came expanded, and the others' in pages of files."""
        return await files_of_sessions(client, rows, deadline)


def item_id(row: Row) -> str:
    """Item id of a session."""
    return str(row.get("SessionId")) + (RETRANSFERRED if truth(row.get("Retransfer")) else "")


def _planned(session_id: str) -> str | None:
    """The time that a session's name holds: about the planned start of its data."""
    named = SESSION_ID.fullmatch(session_id)
    if not named:
        return None
    try:
        return datetime_literal(parse_datetime(f"{named[1][:8]}T{named[1][8:]}"))
    except ValueError:
        return None


def _chunks(quality: object) -> dict[int | None, int]:
    """The number of chunks of each channel, as the quality information tells it once the session is over."""
    rows = [row for row in quality if isinstance(row, dict)] if isinstance(quality, list) else []
    counted = {whole_number(row.get("Channel")): whole_number(row.get("TotalChunks")) for row in rows}
    return {channel: chunks for channel, chunks in counted.items() if chunks is not None}


def is_complete(channels: object, files: Iterable[Row], chunks: Mapping[int | None, int] | None = None) -> bool:
    """Whether every block of every channel is there: 1 to the final one. Files are not published in block order.

    `chunks` tell the final block of channels where the station does not mark it.
    """
    blocks: dict[int | None, set[int | None]] = {}
    final: dict[int | None, int] = dict(chunks or {})
    for file in files:
        channel, block = whole_number(file.get("Channel")), whole_number(file.get("BlockNumber"))
        if channel not in blocks:
            blocks[channel] = set()
        blocks[channel].add(block)
        if file.get("FinalBlock") and block is not None and truth(file["FinalBlock"]):
            final[channel] = block
    if not isinstance(channels, int) or len(final) < channels or not blocks:
        return False
    return final.keys() >= blocks.keys() and all(
        set(range(1, last + 1)) <= blocks.get(channel, set()) for channel, last in final.items()
    )


def _assets(files: Sequence[Row], station: Station) -> Item:
    """An asset for each file, by its name. Sessions have hundreds of files: this is where a page's time goes."""
    quote = "'" if station.quoted_keys else ""
    before, after = f"{station.service_root}Files({quote}", f"{quote})/$value"
    assets: Item = {}
    for file in files:
        key, name, get = str(file["Id"]), str(file["Name"]), file.get
        asset: dict[str, object] = {
            "href": before + key + after,
            "title": name,
            "type": "application/octet-stream",
            "roles": ["cadu"],
            "auth:refs": [authentication.SCHEME],
            "externalIds": [{"scheme": "cadip", "value": key}],
            "cadip:final_block": truth(get("FinalBlock")) or False,
            "created": instant(get("PublicationDate")),
            "eviction_datetime": instant(get("EvictionDate")),
            "file:size": whole_number(get("Size")),
            "cadip:channel": whole_number(get("Channel")),
            "cadip:block_number": whole_number(get("BlockNumber")),
            "cadip:retransfer": truth(get("Retransfer")),
        }
        assets[name] = present(asset) if None in asset.values() else asset
    return assets
