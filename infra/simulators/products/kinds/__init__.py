"""The kinds of products of each mission, declared in YAML: names, sizes, delays, constant attributes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from simulators.documents import LOADER


class Kind(BaseModel):
    """A kind of product."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    """Its productType."""
    name: str
    """Form of its names; the fields are those of `scenes.Scene.facts`."""
    sizes: tuple[int, ...]
    """Sizes in bytes around which its products' sizes lie."""
    share: int
    """How many there are, relative to the other kinds."""
    units: tuple[str, ...] = ()
    """The satellites that have it; empty: those of the station."""
    seconds: int = 0
    """How long the sensing, or the validity, lasts."""
    open_ended: bool = False
    """Whether its validity never ends."""
    latency_minutes: tuple[float, float]
    """From OriginDate to PublicationDate, least and most."""
    kept_days: float
    """From PublicationDate to EvictionDate."""
    footprint: Literal["swath", "tile", "none"] = "swath"
    quicklook: bool = False
    content_type: str = "application/octet-stream"
    attributes: dict[str, str] = {}


@cache
def kinds_of(mission: str) -> tuple[Kind, ...]:
    """The kinds of a mission (`S1`, `S2`, `S3`, `S5P`, or `AUX`), each with the mission's constant attributes."""
    text = files("simulators.products.kinds").joinpath(f"{mission.lower()}.yaml").read_text(encoding="utf-8")
    declared: dict[str, Any] = yaml.load(text, LOADER)
    common = declared["attributes"]
    default = {"content_type": declared.get("content_type", "application/octet-stream")}
    if mission == "AUX":
        default["footprint"] = "none"
    return tuple(
        Kind.model_validate(default | each | {"attributes": common | each["attributes"]}) for each in declared["kinds"]
    )
