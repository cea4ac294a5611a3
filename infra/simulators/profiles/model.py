"""What a station profile says, section by section."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from simulators.cadip.generator import Antenna, Passes
from simulators.odata.instants import read_instant
from simulators.odata.options import Limits
from simulators.odata.paths import KeyForm
from simulators.odata.wire import WireFormat
from simulators.products.attributes import attributes_of
from simulators.products.catalogue import Holdings
from simulators.products.jobs import Pace
from simulators.products.view import ProductStyle
from simulators.timeline import DATA_END


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Auth(_Section):
    """How a client gets in."""

    token_path: str = "/oauth2/token"  # a URL path
    grants: tuple[Literal["password", "client_credentials"], ...] = ("password",)
    client: Literal["body", "basic", "either"] = "either"
    """Where the token call carries client id and secret."""
    scope: str | None = None
    """The scope that the token call must ask for."""
    access_seconds: int = 600
    refresh_seconds: int = 1800
    """Life of the refresh token; 0 gives none."""
    header: Literal["bearer", "OAUTH2-ACCESS-TOKEN"] = "bearer"
    basic: bool = False
    """Whether user and password are also accepted as HTTP Basic on every call."""
    max_sessions: int | None = None
    """Sessions (password logins) a user may have open at a time."""


class FilterRules(_Section):
    """What of the grammar the station refuses."""

    refuses: tuple[str, ...] = ()
    """What `operators.refuse_unsupported` names: operators, functions, and these of one property or of attributes."""


class Wire(_Section):
    """Habits of the station's JSON."""

    fraction_digits: int | None = 3
    numbers_as_strings: bool = False
    omit_null: bool = False

    def format(self) -> WireFormat:
        """The same as what rendering uses."""
        return WireFormat(self.fraction_digits, self.numbers_as_strings, self.omit_null)


class Paging(_Section):
    """Limits on a page."""

    default_top: int = 1000
    max_top: int = 1000
    max_skip: int | None = None
    max_result: int | None = None
    """Products a filter may find; more is answered 429."""
    next_link: bool = False

    def limits(self) -> Limits:
        """The same as what query options are checked against."""
        return Limits(self.default_top, self.max_top, self.max_skip, self.max_result)


class Redirect(_Section):
    """Downloads are answered with 307 to another host."""

    presigned: bool = False
    """To a URL signed beforehand, which refuses an Authorization header; else the token is wanted there again."""


class AntennaSection(_Section):
    """An antenna and what stands behind it."""

    unit: str
    antenna: str
    front_end: str
    site: str | None = None


class PassesSection(_Section):
    """Which passes a CADIP station receives."""

    satellites: tuple[str, ...]
    acquisition: str
    antennas: tuple[AntennaSection, ...]
    recorded: bool = False
    """Whether the recorded session is among them."""
    final_block_unknown: bool = False
    known_when_over: tuple[Literal["FinalBlock", "NumChannels"], ...] = ()
    """What is null as long as a session goes on."""
    renamed_in_files: dict[str, str] = {}
    """Properties of File that this station spells differently."""

    def passes(self) -> Passes:
        """The same as what the generator takes."""
        antennas = tuple(Antenna(**each.model_dump()) for each in self.antennas)
        return Passes(self.satellites, antennas, self.acquisition, final_block_unknown=self.final_block_unknown)


class ProductsSection(_Section):
    """What products a station holds, and how it shows them."""

    missions: tuple[Literal["S1", "S2", "S3", "S5P", "AUX"], ...]
    units: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    """The missions this service root shows, where an archive has several roots."""
    days: float = 14
    eviction: str | None = None
    """EvictionDate of every product, instead of as long as its kind is kept; `none` for no EvictionDate."""
    online_share: float = 1.0
    """The share of products that an archive always has online."""
    online_days: float | None = None
    """How long after its publication every product is online."""
    checksum_missing_every: int | None = None
    extra_properties: tuple[Literal["ModificationDate", "Online"], ...] = ()
    attribute_types: dict[str, str] = {}
    """Attributes that this station sends with another type."""
    footprint_text: str = "POLYGON(("
    upper_case_md5: bool = False
    offline_status: Literal[202, 403, 404] = 202
    recorded: bool = False
    """Whether the recorded products are among them."""

    def holdings(self, archive: str, *, removed_at_eviction: bool) -> Holdings:
        """The same as what the generator takes."""
        dated = self.eviction not in {None, "none"}
        return Holdings(
            archive=archive,
            missions=self.missions,
            units=self.units,
            end=DATA_END,
            days=self.days,
            eviction=read_instant(self.eviction) if self.eviction and dated else None,
            no_eviction_date=self.eviction == "none",
            removed_at_eviction=removed_at_eviction,
            online_share=self.online_share,
            online_days=self.online_days,
            checksum_missing_every=self.checksum_missing_every,
            recorded=self.recorded,
            attributes=attributes_of(self.missions, self.attribute_types),
        )

    def style(self, *, footprints: bool) -> ProductStyle:
        """The same as what rendering uses."""
        return ProductStyle(footprints, self.footprint_text, self.upper_case_md5, self.offline_status)


class OrdersSection(_Section):
    """How a station works off orders, in its own time."""

    queued_seconds: float = 1.0
    least_seconds: float = 3.0
    most_seconds: float = 8.0
    kept_days: float = 3.0
    fail_every: int | None = None
    duplicates: Literal["existing", "new"] = "existing"
    """What ordering a product again gives: the order there is, or another."""

    def pace(self) -> Pace:
        """The same as what orders take."""
        return Pace(**self.model_dump(exclude={"duplicates"}))


class Profile(_Section):
    """A station."""

    interface: Literal["cadip", "auxip", "prip", "lta"]
    name: str
    title: str
    context: str = "/odata/v1"
    keys: KeyForm = "either"
    auth: Auth = Auth()
    filter: FilterRules = FilterRules()
    wire: Wire = Wire()
    paging: Paging = Paging()
    redirect: Redirect | None = None
    max_downloads: int | None = None
    """Downloads a client may have at once; one more is answered 429."""
    passes: PassesSection | None = None
    """CADIP only."""
    products: ProductsSection | None = None
    """AUXIP, PRIP and LTA."""
    orders: OrdersSection = OrdersSection()
    on_demand: bool = False
    """PRIP: whether there are workflows and production orders."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.passes is None) != (self.products is not None):
            raise ValueError("a station has either passes or products")
        return self
