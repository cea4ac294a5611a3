"""The mapping of product attributes to STAC, for AUXIP, PRIP and LTA together.

Names and types of attributes: the product metadata documents of the missions (SP-01 to SP-05). STAC names: the
extensions processing, product, sat, sar, eo, grid and eopf, as the ground segment's own STAC services use them.
"""

from __future__ import annotations

from collections.abc import Mapping

from rs_server.stations.interfaces.attributes import (
    Attributes,
    Mapped,
    Reader,
    attribute,
    coded,
    computed,
    listed,
    number,
    same,
)
from rs_server.stations.interfaces.values import PLATFORMS, text
from rs_server.stations.queryables import Coded, Column, Derived, Same

MISSIONS = {f"SENTINEL-{mission}": f"sentinel-{mission.lower()}" for mission in ("1", "2", "3", "5P", "6")}
SHORT_NAME, SERIAL = attribute("platformShortName"), attribute("platformSerialIdentifier")


def _platforms() -> Mapping[str, tuple[tuple[tuple[Column, str | bool], ...], ...]]:
    """`sentinel-1a` is SENTINEL-1 with the serial identifier A; Sentinel-5P has no units."""
    values: dict[str, tuple[tuple[tuple[Column, str | bool], ...], ...]] = {
        "sentinel-5p": (((SHORT_NAME, "SENTINEL-5P"),),)
    }
    for platform, constellation in PLATFORMS.values():
        if platform != constellation:
            terms = ((SHORT_NAME, constellation.upper()), (SERIAL, platform[-1].upper()))
            values[platform] = (terms,)
    return values


PLATFORM_VALUES = _platforms()


def _platform(values: Attributes) -> str | None:
    mission = MISSIONS.get(str(values.get("platformShortName")))
    unit = "" if mission == "sentinel-5p" else str(values.get("platformSerialIdentifier") or "").lower()
    platform = f"{mission}{unit}"
    return platform if platform in PLATFORM_VALUES else None


LEVELS = {
    **dict.fromkeys(("0", "L0", "L0_", "L0__", "LEVEL0"), "L0"),
    **dict.fromkeys(("1", "L1", "L1_", "L1B", "L1B_", "LEVEL1", "S2MSI1C"), "L1"),
    **dict.fromkeys(("2", "L2", "L2_", "L2__", "LEVEL2", "S2MSI2A"), "L2"),
}
"""What stations write as processing level; the processing extension's examples have RAW, L1, L2."""

TIMELINESS = {
    **dict.fromkeys(("NR", "NRT", "NRTI", "NRT-3h", "Fast-3h"), "PT3H"),
    **dict.fromkeys(("Fast-24h", "Fast-24H"), "PT24H"),
    **dict.fromkeys(("ST", "STC"), "PT48H"),
    **dict.fromkeys(("NT", "NTC"), "P30D"),
}
"""How long after sensing a product of this category is there (ISO 8601 durations, which the extension demands)."""

ACQUISITION_TYPES = {"NOMINAL": "nominal", "CALIBRATION": "calibration", "OTHER": "other"}
ORBIT_STATES = {"ASCENDING": "ascending", "DESCENDING": "descending"}
POLARIZATIONS = frozenset({"HH", "VV", "HV", "VH"})


def _timeliness_category(values: Attributes) -> str | None:
    category = text(values.get("timeliness") or values.get("processingMode"))
    return category if category in TIMELINESS else None


def _timeliness_source(category: str) -> tuple[tuple[tuple[Column, str | bool], ...], ...]:
    return ((attribute("timeliness"), category),), ((attribute("processingMode"), category),)


def _polarizations(values: Attributes) -> list[str] | None:
    """`VV&VH`, or with a comma."""
    names = str(values.get("polarisationChannels") or "").replace("&", ",").split(",")
    return [name.strip() for name in names if name.strip() in POLARIZATIONS] or None


def _instruments(values: Attributes) -> list[str] | None:
    name = values.get("instrumentShortName")
    return [str(name).lower()] if name else None


def _mode_of(mission: str, *, radar: bool) -> Reader:
    def read(values: Attributes) -> str | None:
        is_radar = values.get("platformShortName") == mission
        return text(values.get("operationalMode")) if is_radar == radar else None

    return read


def _percentage(values: Attributes) -> float | None:
    cover = number(values.get("cloudCover"))
    return cover if cover is not None and 0 <= cover <= 100 else None


def _tile(values: Attributes) -> str | None:
    """Tiles are named with and without a T before the zone."""
    tile = text(values.get("tileId"))
    return f"MGRS-{tile.removeprefix('T')}" if tile else None


def _tile_candidates(code: str) -> tuple[str, ...]:
    tile = code.removeprefix("MGRS-")
    return (tile, f"T{tile}") if code.startswith("MGRS-") else ()


PLATFORM: tuple[Mapped, ...] = (
    computed(
        "platform",
        "Satellite",
        "string",
        Coded(PLATFORM_VALUES),
        _platform,
        enum=sorted(PLATFORM_VALUES),
    ),
    coded("constellation", "Mission", "platformShortName", MISSIONS),
)
"""Which satellite."""

PROCESSING: tuple[Mapped, ...] = (
    same("product:type", "Product type", "productType"),
    same("processing:datetime", "Time of processing", "processingDate", "DateTimeOffset"),
    same("processing:facility", "Processing centre", "processingCenter"),
    same("processing:version", "Version of the processor", "processorVersion"),
)
"""What kind of product, and where it was made."""

PRODUCT: tuple[Mapped, ...] = (
    coded("processing:level", "Processing level", "processingLevel", LEVELS),
    computed(
        "product:timeliness_category",
        "Timeliness category",
        "string",
        Coded({category: _timeliness_source(category) for category in TIMELINESS}, partial=True),
        _timeliness_category,
        enum=sorted(TIMELINESS),
    ),
    coded("product:acquisition_type", "Type of acquisition", "acquisitionType", ACQUISITION_TYPES),
    listed("instruments", "Instruments", _instruments, ["sar"]),
    same("sat:absolute_orbit", "Absolute orbit", "orbitNumber", "Integer"),
    same("sat:relative_orbit", "Relative orbit", "relativeOrbitNumber", "Integer"),
    same("sat:orbit_cycle", "Orbit cycle", "cycleNumber", "Integer"),
    coded("sat:orbit_state", "Orbit direction", "orbitDirection", ORBIT_STATES),
    computed(
        "sar:instrument_mode",
        "Mode of the radar",
        "string",
        Same(attribute("operationalMode"), partial=True),
        _mode_of("SENTINEL-1", radar=True),
        examples=["IW", "EW"],
    ),
    listed("sar:polarizations", "Polarizations", _polarizations, ["VV", "VH"]),
    computed(
        "eopf:instrument_mode",
        "Mode of the instrument",
        "string",
        Same(attribute("operationalMode"), partial=True),
        _mode_of("SENTINEL-1", radar=False),
        examples=["INS-NOBS"],
    ),
    computed(
        "eopf:datatake_id",
        "Datatake",
        "string",
        None,
        lambda values: text(values.get("productGroupId", values.get("datatakeID"))),
    ),
    same("eopf:datastrip_id", "Datastrip", "datastripId"),
    same("eopf:instrument_configuration_id", "Configuration of the instrument", "instrumentConfigurationID", "Integer"),
    computed(
        "grid:code",
        "Tile",
        "string",
        Derived(attribute("tileId"), _tile_candidates),
        _tile,
        examples=["MGRS-47XMH"],
    ),
    computed(
        "eo:cloud_cover",
        "Cloud cover",
        "number",
        Same(attribute("cloudCover", "Double"), partial=True),
        _percentage,
        minimum=0,
        maximum=100,
    ),
)
"""What PRIP and LTA say besides."""
