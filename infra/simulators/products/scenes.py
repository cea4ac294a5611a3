"""What is true of one product: times, orbits and the attributes that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulators.odata.instants import DAY, SECOND, datetime_of, read_instant
from simulators.orbits import PLANS, Position, position
from simulators.products.footprints import FootprintPool
from simulators.products.kinds import Kind

END_OF_TIME = read_instant("9999-12-31T23:59:59.999Z")
PLATFORMS = {"S1": "SENTINEL-1", "S2": "SENTINEL-2", "S3": "SENTINEL-3", "S5": "SENTINEL-5P"}
DATATAKE = 25 * 60 * SECOND
SITES = {"S2A": "2APS", "S2B": "2BPS", "S2C": "2CPS"}

type Facts = dict[str, Any]


def compact(instant: int) -> str:
    """An instant as names have it: 20241114T143038."""
    return f"{datetime_of(instant):%Y%m%dT%H%M%S}"


@dataclass(frozen=True, slots=True)
class Scene:
    """A product about to be made: its kind, satellite, running number, and the instants of its sensing and making."""

    kind: Kind
    mission: str
    unit: str
    number: int
    start: int
    stop: int
    created: int

    @property
    def place(self) -> Position | None:
        """Where the satellite is when the sensing begins; None for files that are of no satellite alone."""
        return position(self.unit, self.start) if self.unit[:2] in PLANS else None

    def footprint(self, place: Position | None, pool: FootprintPool) -> int | None:
        """The number of its footprint; none for some, as at the stations."""
        if place is None or self.kind.footprint == "none" or self.number % 997 == 996:
            return None
        if self.kind.footprint == "tile":
            return pool.first_tile + self.number % len(pool.tile_ids)
        return pool.swath_at(self.unit[:2], place)

    def facts(self, place: Position | None, footprint: int | None, pool: FootprintPool) -> Facts:
        """The attributes, and what else names are made of."""
        facts: Facts = dict(self.kind.attributes)
        facts |= {
            "productType": self.kind.type,
            "platformShortName": PLATFORMS.get(self.unit[:2], ""),
            "platformSerialIdentifier": self.unit[2:],
            "beginningDateTime": self.start,
            "endingDateTime": self.stop,
            "processingDate": self.created,
            "unit": self.unit,
            "start": compact(self.start),
            "stop": compact(self.stop),
            "creation": compact(self.created),
        }
        if place is not None:
            facts |= {
                "orbitNumber": place.absolute,
                "lastOrbitNumber": place.absolute,
                "relativeOrbitNumber": place.relative,
                "lastRelativeOrbitNumber": place.relative,
                "cycleNumber": place.cycle,
                "orbitDirection": place.direction,
                "lastOrbitDirection": place.direction,
            }
        if footprint is not None:
            facts["coordinates"] = pool.footprints[footprint].coordinates()
        match self.mission:
            case "S1":
                facts |= self._sentinel_1(place)
            case "S2":
                facts |= self._sentinel_2(facts, pool)
            case "S3":
                facts |= self._sentinel_3(place)
            case "S5P":
                facts |= self._sentinel_5p(facts)
            case _:
                facts["productGeneration"] = self.created
        return facts

    def _sentinel_1(self, place: Position | None) -> Facts:
        assert place is not None
        since_node = place.phase * PLANS["S1"].period / 1000
        slice_number = self.start % DATATAKE // (25 * SECOND) + 1
        return {
            "startTimeFromAscendingNode": round(since_node, 3),
            "completionTimeFromAscendingNode": round(since_node + (self.stop - self.start) / 1000, 3),
            "datatakeID": self.start // DATATAKE % 0xFFFFFF,
            "instrumentConfigurationID": 7,
            "sliceProductFlag": self.kind.attributes["productConsolidation"] == "SLICE",
            "sliceNumber": slice_number,
            "totalSlices": DATATAKE // (25 * SECOND),
            "segmentStartTime": self.start - self.start % DATATAKE,
            "productGeneration": self.created,
            "crc": (self.number * 40503) & 0xFFFF,
        }

    def _sentinel_2(self, facts: Facts, pool: FootprintPool) -> Facts:
        site = SITES.get(self.unit, "2APS")
        group = f"G{self.unit}_{compact(self.start - self.start % DATATAKE)}_{facts['orbitNumber']:06d}_N05.11"
        found = {
            "site": site,
            "detector": self.number % 12 + 1,
            "processingCenter": site,
            "productGroupId": group,
            "tileId": pool.tile_ids[self.number % len(pool.tile_ids)] if self.kind.footprint == "tile" else None,
            "datastripId": f"{self.unit}_OPER_MSI_L0__DS_{site}_{facts['creation']}_S{facts['start']}_N05.11",
            "granuleIdentifier": f"{self.unit}_{self.kind.type}_{facts['creation']}_S{facts['start']}",
            "qualityInfo": 0,
        }
        if self.kind.footprint == "tile":
            found["sourceProduct"] = f"{self.unit}_OPER_MSI_L0__DS_{site}_S{facts['start']}"
            found["cloudCover"] = self.number * 7919 % 10_000 / 100
            found["illuminationZenithAngle"] = self.number * 104_729 % 7_000 / 100
            found["sourceProductOriginDate"] = self.start
        return found

    def _sentinel_3(self, place: Position | None) -> Facts:
        assert place is not None
        land = self.number * 7919 % 101
        return {
            "duration": (self.stop - self.start) // SECOND,
            "frame": int(place.phase * 33) * 180,
            "landCover": float(land),
            "salineWaterCover": float(100 - land),
            "cloudCover": self.number * 104_729 % 10_000 / 100,
            "coastalCover": land / 10,
            "snowOrIceCover": 0.0,
            "brightCover": self.number * 31 % 1000 / 10,
            "tidalRegionCover": land / 20,
            "freshInlandWaterCover": land / 50,
            "closedSeaCover": 0,
            "openOceanCover": 100 - land,
            "continentalIceCover": 0,
        }

    def _sentinel_5p(self, facts: Facts) -> Facts:
        identifier = f"{self.unit}_{self.kind.type}_{facts['start']}_{facts['stop']}_{facts['orbitNumber']:05d}"
        return {
            "slice": self.number % 90 + 1,
            "revisionNumber": 1,
            "identifier": identifier,
            "parentIdentifier": f"urn:ogc:def:EOP:ESA:SENTINEL.S5P_TROP_{self.kind.type}",
        }


def validity(kind: Kind, stop: int) -> tuple[int, int]:
    """Start and end of a kind's sensing or validity that (normally) ends at `stop`."""
    if kind.open_ended:
        return stop - stop % DAY, END_OF_TIME
    return stop - kind.seconds * SECOND, stop
