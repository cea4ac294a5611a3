"""The real session at Matera on 2024-11-14, as a record to replay."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import Any

from simulators.cadip.records import CaduFile, Quality, Session
from simulators.odata.instants import read_instant

RECORD = "cadip_session_S1A_20241114143038056552.json"


@cache
def recorded_session() -> Session:
    """The recorded session, with its files in the order of their publication."""
    text = files("simulators").joinpath("data", RECORD).read_text(encoding="utf-8")
    record = json.loads(text)["value"][0]
    return Session(
        files=tuple(CaduFile(**_fields(CaduFile, each)) for each in record["Files"]),
        quality=tuple(Quality(**_fields(Quality, each)) for each in record["QualityInfo"]),
        **_fields(Session, record),
    )


def _fields(record: type[Session | CaduFile | Quality], entity: dict[str, Any]) -> dict[str, Any]:
    names = (each.name for each in fields(record) if each.name not in {"files", "quality"})
    return {name: _value(name, entity.get(name)) for name in names}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, str) and name.endswith(("Date", "Start", "Stop")):
        return read_instant(value)
    return value
