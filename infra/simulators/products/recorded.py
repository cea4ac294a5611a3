"""The products of a recorded page of CDSE, as rows of the table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from simulators.odata.instants import read_instant
from simulators.odata.types import Attribute, Edm
from simulators.storage import Row
from simulators.timeline import FOREVER

RECORD = "odata_cdse_products.json"
MISSION = "S2"
SEED = 1

type Ring = tuple[tuple[float, float], ...]


@cache
def _products() -> list[dict[str, Any]]:
    text = files("simulators").joinpath("data", RECORD).read_text(encoding="utf-8")
    products: list[dict[str, Any]] = json.loads(text)["value"]
    return products


def recorded_rings() -> list[Ring]:
    """The rings of the recorded footprints."""
    return [_ring(product) for product in _products()]


def recorded_lengths(size_scale: float) -> list[int]:
    """The lengths of the recorded products at a scale."""
    return [_length(product, size_scale) for product in _products()]


def recorded_rows(
    attributes: Mapping[str, Attribute], footprints: Mapping[Ring, int], size_scale: float
) -> Iterator[Row]:
    """The rows, with the columns of `model.COLUMNS` and then those of `attributes`.

    Their bytes are not recorded, so their checksums are those of made-up ones.
    """
    for product in _products():
        values = {each["Name"]: _value(each) for each in product["Attributes"]}
        yield (
            product["Id"],
            product["Name"],
            product["ContentType"],
            _length(product, size_scale),
            *(read_instant(product[name]) for name in ("OriginDate", "PublicationDate", "EvictionDate")),
            read_instant(product["ModificationDate"]),
            product["Online"],
            0,
            *(read_instant(product["ContentDate"][name]) for name in ("Start", "End")),
            MISSION,
            SEED,
            footprints[_ring(product)],
            True,
            False,
            FOREVER,
            None,
            *map(values.get, attributes),
        )


def _ring(product: Mapping[str, Any]) -> Ring:
    return tuple((longitude, latitude) for longitude, latitude in product["GeoFootprint"]["coordinates"][0])


def _length(product: Mapping[str, Any], size_scale: float) -> int:
    length: int = product["ContentLength"]
    return max(1, round(length * size_scale))


def _value(attribute: Mapping[str, Any]) -> Any:
    return read_instant(attribute["Value"]) if attribute["ValueType"] == Edm.INSTANT else attribute["Value"]
