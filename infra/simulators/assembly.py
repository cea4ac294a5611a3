"""From options to a station that is ready to serve."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from simulators.auxip.station import auxip_service
from simulators.cadip.station import DEFAULT_SESSIONS, cadip_service, fill
from simulators.clock import Clock
from simulators.lta.station import lta_service
from simulators.odata.service import Dialect
from simulators.prip.station import prip_service
from simulators.products.shelf import Shelf
from simulators.profiles import load_profile
from simulators.profiles.model import Profile
from simulators.root import ServiceRoot
from simulators.service.station import Station
from simulators.service.tokens import Credentials, TokenStore
from simulators.storage import Database
from simulators.timeline import DATA_END

DEFAULT_PRODUCTS = 500
DATA_FORMAT = 1
"""Counts up when tables or made-up data change, so that no kept file of another format is taken for its like."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a station is started with; None leaves it to the profile or the data."""

    interface: str
    profile: str
    count: int | None = None
    seed: int = 1
    size_scale: float = 0.001
    now: int | None = None
    speed: float = 1.0
    access_seconds: int | None = None
    refresh_seconds: int | None = None
    database: Path | None = None
    credentials: Credentials = field(default_factory=Credentials)


def build_station(options: Options) -> Station:
    """Make up the data and wire the station; raises UnknownProfile, and ValueError for options that make no sense."""
    if options.size_scale <= 0:
        raise ValueError("--size-scale must be greater than 0.")
    profile = _with_token_life(load_profile(options.interface, options.profile), options)
    database = Database(options.database)
    try:
        made_of = (options.interface, options.profile, options.count, options.seed, options.size_scale, DATA_FORMAT)
        database.claim(" ".join(map(str, made_of)))
        return _station(profile, options, database)
    except BaseException:
        database.close()
        raise


def _station(profile: Profile, options: Options, database: Database) -> Station:
    return Station(
        profile=profile,
        database=database,
        root=_cadip(profile, options, database) if profile.passes else _products(profile, options, database),
        clock=Clock(DATA_END if options.now is None else options.now, options.speed),
        tokens=TokenStore(profile.auth, options.credentials),
    )


def _cadip(profile: Profile, options: Options, database: Database) -> ServiceRoot:
    assert profile.passes is not None
    passes = profile.passes.passes()
    fill(
        database,
        passes,
        recorded=profile.passes.recorded,
        count=DEFAULT_SESSIONS if options.count is None else options.count,
        seed=options.seed,
        size_scale=options.size_scale,
    )
    return cadip_service(
        database,
        dialect_of(profile),
        several_sites=any(each.site for each in passes.antennas),
        renamed_in_files=profile.passes.renamed_in_files,
        known_when_over=profile.passes.known_when_over,
    )


def _products(profile: Profile, options: Options, database: Database) -> ServiceRoot:
    held = profile.products
    assert held is not None
    dialect = dialect_of(profile)
    pace = profile.orders.pace()
    shelf = Shelf.filled(
        database,
        held.holdings(f"{profile.interface}/{profile.name}", removed_at_eviction=profile.interface != "lta"),
        count=DEFAULT_PRODUCTS if options.count is None else options.count,
        seed=options.seed,
        size_scale=options.size_scale,
        dialect=dialect,
        style=held.style(footprints=profile.interface != "auxip"),
    )
    match profile.interface:
        case "auxip":
            return auxip_service(shelf, dialect)
        case "prip":
            extra = held.extra_properties
            return prip_service(shelf, dialect, extra_properties=extra, on_demand=profile.on_demand, pace=pace)
        case _:
            duplicates = profile.orders.duplicates
            return lta_service(shelf, dialect, missions=held.shown, pace=pace, duplicates=duplicates)


def dialect_of(profile: Profile) -> Dialect:
    """The OData dialect of a station."""
    return Dialect(
        wire=profile.wire.format(),
        limits=profile.paging.limits(),
        keys=profile.keys,
        refuses=frozenset(profile.filter.refuses),
        next_link=profile.paging.next_link,
    )


def _with_token_life(profile: Profile, options: Options) -> Profile:
    lives = {"access_seconds": options.access_seconds, "refresh_seconds": options.refresh_seconds}
    given = {name: seconds for name, seconds in lives.items() if seconds is not None}
    return profile.model_copy(update={"auth": profile.auth.model_copy(update=given)})
