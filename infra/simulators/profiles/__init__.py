"""Station profiles: in what a real station differs from the others, as YAML."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from simulators.cadip.generator import Antenna, Passes
from simulators.odata.options import Limits
from simulators.odata.paths import KeyForm
from simulators.odata.wire import WireFormat

INTERFACES = ("cadip", "auxip", "prip", "lta")


class UnknownProfile(Exception):
    """No station has this name; the message lists those there are."""


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
    """Operators and functions, and `not_unspaced` for `not(x)` without a space."""


class Wire(_Section):
    """Habits of the station's JSON."""

    fraction_digits: int | None = 3
    numbers_as_strings: bool = False
    renamed: dict[str, str] = {}
    omit_null: bool = False

    def format(self) -> WireFormat:
        """The same as what rendering uses."""
        return WireFormat(self.fraction_digits, self.numbers_as_strings, self.renamed, self.omit_null)


class Paging(_Section):
    """Limits on a page."""

    default_top: int = 1000
    max_top: int = 1000
    max_skip: int | None = None
    next_link: bool = False

    def limits(self) -> Limits:
        """The same as what query options are checked against."""
        return Limits(self.default_top, self.max_top, self.max_skip)


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

    def passes(self) -> Passes:
        """The same as what the generator takes."""
        antennas = tuple(Antenna(**each.model_dump()) for each in self.antennas)
        return Passes(self.satellites, antennas, self.acquisition, final_block_unknown=self.final_block_unknown)


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


@cache
def profile_names(interface: str) -> tuple[str, ...]:
    """The stations of an interface for which there is a profile."""
    folder = files("simulators.profiles").joinpath(interface)
    return tuple(sorted(each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml")))


def load_profile(interface: str, name: str) -> Profile:
    """The profile of a station; raises UnknownProfile."""
    if name not in profile_names(interface):
        known = ", ".join(profile_names(interface))
        raise UnknownProfile(f"There is no {interface} station {name!r}; there are {known}.")
    text = files("simulators.profiles").joinpath(interface, f"{name}.yaml").read_text(encoding="utf-8")
    settings: dict[str, Any] = yaml.safe_load(text)
    return Profile.model_validate({"interface": interface, "name": name} | settings)
