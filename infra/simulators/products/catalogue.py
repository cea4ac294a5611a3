"""The seeded generator of products: rows for the table, a million in well under two minutes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, chain
from random import Random

from simulators.odata.instants import DAY, SECOND
from simulators.odata.types import Attribute
from simulators.products.bodies import SEEDS, lengths_of
from simulators.products.footprints import FootprintPool
from simulators.products.kinds import Kind, kinds_of
from simulators.products.model import COLUMNS, indexes, schema
from simulators.products.recorded import recorded_rows
from simulators.products.scenes import Scene, validity
from simulators.storage import Database, Row
from simulators.timeline import FOREVER

MINUTE = 60 * SECOND
LEAST_STEP = 1_200 * 1000
"""Microseconds from one product to the next: at most what an S2 unit produces."""
MILLISECOND = SECOND // 1000
ACQUISITION = 20 * MINUTE
"""From the end of sensing to OriginDate at least: downlink and delivery."""
PUBLICATION = MINUTE // 2
"""From a product's making to its publication."""
SYSTEMATIC, ON_DEMAND = 0, 1
BURST_EVERY, BURST = 50, 4
"""Of every 50 products, 4 are published at one instant."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a station holds."""

    archive: str
    """Whose Ids these are: the same product has other Ids elsewhere."""
    missions: tuple[str, ...]
    units: tuple[str, ...]
    end: int
    """When the newest product was published."""
    days: float = 14
    """How far the products reach back, at least."""
    eviction: int | None = None
    """EvictionDate of all products; None: as long after publication as their kind is kept."""
    no_eviction_date: bool = False
    removed_at_eviction: bool = True
    """Whether a product disappears at its EvictionDate."""
    online_share: float = 1.0
    online_days: float | None = None
    checksum_missing_every: int | None = None
    recorded: bool = False
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def fill(database: Database, holdings: Holdings, count: int, seed: int, size_scale: float, pool: FootprintPool) -> None:
    """Create the table with `count` products, then its indexes."""
    with database.writing() as connection:
        for statement in schema(holdings.attributes):
            connection.execute(statement)
    columns = (*COLUMNS, *(each.column.strip('"') for each in holdings.attributes.values()))
    rows = _Generator(holdings, count, seed, size_scale, pool).rows()
    if holdings.recorded:
        rows = chain(recorded_rows(holdings.attributes, pool.numbers(), size_scale), rows)
    database.insert("products", columns, rows)
    with database.writing() as connection:
        for statement in indexes(holdings.attributes):
            connection.execute(statement)
        connection.execute("PRAGMA analysis_limit = 4000")
        connection.execute("ANALYZE")


def product_id(archive: str, name: str) -> str:
    """The Guid of a product in an archive."""
    digits = hashlib.md5(f"{archive}/{name}".encode(), usedforsecurity=False).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


@dataclass(frozen=True, slots=True)
class HeldKind:
    """A kind that a station holds: of which units, and the lengths of its bodies."""

    mission: str
    kind: Kind
    units: tuple[str, ...]
    lengths: tuple[int, ...]


def kinds_held(holdings: Holdings, size_scale: float) -> list[HeldKind]:
    """The kinds a station holds."""
    found = []
    for mission in holdings.missions:
        of_mission = tuple(unit for unit in holdings.units if unit.startswith(mission))
        for kind in kinds_of(mission):
            units = tuple(unit for unit in kind.units if mission == "AUX" or unit in of_mission)
            if not kind.units:
                units = of_mission
            if units:
                found.append(HeldKind(mission, kind, units, lengths_of(kind, size_scale)))
    return found


class _Generator:
    """Makes the rows, one after another."""

    def __init__(self, holdings: Holdings, count: int, seed: int, size_scale: float, pool: FootprintPool) -> None:
        self._holdings = holdings
        self._count = count
        self._pool = pool
        self._random = Random(f"products {'+'.join(holdings.missions)} {seed}")
        self._held = kinds_held(holdings, size_scale)
        self._shares = list(accumulate(each.kind.share for each in self._held))
        self._names = list(holdings.attributes)
        self._step = max(LEAST_STEP, int(holdings.days * DAY) // max(count, 1) // MILLISECOND * MILLISECOND)
        self._begin = holdings.end - self._step * count
        # More products than fit into the station's days reach further back; none of them is to be evicted already.
        stretched = self._step * count > holdings.days * DAY
        self._kept_at_least = self._step * count + DAY if stretched else 0

    def rows(self) -> Iterator[Row]:
        """The rows, oldest publication first; the order of columns is that of COLUMNS, then the attributes."""
        for number in range(self._count):
            (held,) = self._random.choices(self._held, cum_weights=self._shares)
            yield self._row(held, number)

    def _row(self, held: HeldKind, number: int) -> Row:
        holdings, kind = self._holdings, held.kind
        published = self._published(number)
        scene, origin = self._scene(held, number)
        place = scene.place
        footprint = scene.footprint(place, self._pool)
        facts = scene.facts(place, footprint, self._pool)
        name = kind.name.format_map(facts)
        evicted = holdings.eviction or published + max(int(kind.kept_days * DAY), self._kept_at_least)
        missing = holdings.checksum_missing_every
        return (
            product_id(holdings.archive, name),
            name,
            kind.content_type,
            held.lengths[number % len(held.lengths)],
            origin,
            published,
            None if holdings.no_eviction_date else evicted,
            published,
            number * 7919 % 100 < holdings.online_share * 100,
            ON_DEMAND if number % 100 == 99 else SYSTEMATIC,
            scene.start,
            scene.stop,
            held.mission,
            SEEDS[number % len(SEEDS)],
            footprint,
            not (missing and number % missing == missing - 1),
            kind.quicklook,
            evicted if holdings.removed_at_eviction else FOREVER,
            published + int(holdings.online_days * DAY) if holdings.online_days else None,
            *map(facts.get, self._names),
        )

    def _published(self, number: int) -> int:
        """Evenly spread, but for the bursts, which share an instant."""
        place = number % BURST_EVERY
        return self._begin + self._step * (number - place if place < BURST else number)

    def _scene(self, held: HeldKind, number: int) -> tuple[Scene, int]:
        """The scene, and its OriginDate. Its instants grow with `number` in each kind, so that names do not meet."""
        kind, regular = held.kind, self._begin + self._step * number
        least, most = kind.latency_minutes
        origin = regular - int(self._random.uniform(least, most) * MINUTE)
        origin -= origin % MILLISECOND
        start, stop = validity(kind, regular - int(max(most, 0) * MINUTE) - ACQUISITION)
        unit = held.units[number % len(held.units)]
        return Scene(kind, held.mission, unit, number, start, stop, created=regular - PUBLICATION), origin
