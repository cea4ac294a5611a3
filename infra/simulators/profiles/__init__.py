"""Station profiles: in what a real station differs from the others, as YAML."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from simulators.documents import LOADER
from simulators.profiles.model import Profile

INTERFACES = ("cadip", "auxip", "prip", "lta")


class UnknownProfile(Exception):
    """No station has this name; the message lists those there are."""


@cache
def profile_names(interface: str) -> tuple[str, ...]:
    """The stations of an interface for which there is a profile."""
    folder = files("simulators.profiles").joinpath(interface)
    return tuple(sorted(each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml")))


@cache
def load_profile(interface: str, name: str) -> Profile:
    """The profile of a station; raises UnknownProfile."""
    if name not in profile_names(interface):
        known = ", ".join(profile_names(interface))
        raise UnknownProfile(f"There is no {interface} station {name!r}; there are {known}.")
    text = files("simulators.profiles").joinpath(interface, f"{name}.yaml").read_text(encoding="utf-8")
    settings: dict[str, Any] = yaml.load(text, LOADER)
    return Profile.model_validate({"interface": interface, "name": name} | settings)
