"""Aggregations (extension v0.3.0): counts and ranges over what a search finds of what its caller may read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rs_server.catalog.caller import Caller
from rs_server.catalog.engine.client import Engine
from rs_server.catalog.engine.indices import Indices
from rs_server.catalog.engine.mappings import INTERVAL
from rs_server.catalog.searches import ItemSearch, readable_items
from rs_server.errors import InvalidRequest

MAX_BUCKETS = 1000
"""How many values a frequency lists; what is beyond is summed up as `overflow`."""

INTERVALS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
COUNT = "total_count"
MOMENT = f"{INTERVAL}.moment"


@dataclass(frozen=True, slots=True)
class Options:
    """How finely frequencies are divided."""

    geohash_precision: int = 1
    geotile_precision: int = 1
    interval: str = "month"

    def __post_init__(self) -> None:
        if not 1 <= self.geohash_precision <= 12:
            raise InvalidRequest("geometry_geohash_grid_frequency_precision: it must be 1 to 12.")
        if not 0 <= self.geotile_precision <= 29:
            raise InvalidRequest("geometry_geotile_grid_frequency_precision: it must be 0 to 29.")
        if self.interval not in INTERVALS:
            raise InvalidRequest(f"datetime_frequency_interval: it must be one of {', '.join(INTERVALS)}.")


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One aggregation: what it is called, what it gives, and how the engine makes it."""

    name: str
    data_type: str
    body: Callable[[Options], dict[str, Any]]
    bucket_type: str = ""
    """What the keys of a frequency are; empty for a single value."""

    @property
    def description(self) -> dict[str, str]:
        """How it is advertised."""
        kind = {"frequency_distribution_data_type": self.bucket_type} if self.bucket_type else {}
        return {"name": self.name, "data_type": self.data_type, **kind}


def _value(name: str, kind: str) -> Aggregation:
    return Aggregation(name, "datetime", lambda _: {kind: {"field": MOMENT}})


def _terms(name: str, path: str) -> Aggregation:
    return Aggregation(
        name, "frequency_distribution", lambda _: {"terms": {"field": path, "size": MAX_BUCKETS}}, "string"
    )


def _grid(name: str, kind: str, precision: Callable[[Options], int]) -> Aggregation:
    return Aggregation(
        name,
        "frequency_distribution",
        lambda options: {kind: {"field": "geometry", "precision": precision(options), "size": MAX_BUCKETS}},
        "string",
    )


AGGREGATIONS = (
    Aggregation(COUNT, "integer", lambda _: {}),
    _value("datetime_max", "max"),
    _value("datetime_min", "min"),
    Aggregation(
        "datetime_frequency",
        "frequency_distribution",
        lambda options: {
            "date_histogram": {"field": MOMENT, "calendar_interval": options.interval, "min_doc_count": 1}
        },
        "datetime",
    ),
    _terms("collection_frequency", "collection"),
    _terms("platform_frequency", "properties.platform"),
    _terms("product_type_frequency", "properties.product:type"),
    _terms("grid_code_frequency", "properties.grid:code"),
    _grid("geometry_geohash_grid_frequency", "geohash_grid", lambda options: options.geohash_precision),
    _grid("geometry_geotile_grid_frequency", "geotile_grid", lambda options: options.geotile_precision),
)
BY_NAME: Mapping[str, Aggregation] = {aggregation.name: aggregation for aggregation in AGGREGATIONS}


async def aggregate(
    engine: Engine, indices: Indices, search: ItemSearch, caller: Caller, names: Sequence[str], options: Options
) -> list[dict[str, Any]]:
    """The aggregations of these names over what `search` finds; raises InvalidRequest for a name that is none."""
    unknown = [name for name in names if name not in BY_NAME]
    if unknown or not names:
        raise InvalidRequest(
            f"aggregations: {', '.join(map(repr, unknown)) or 'none'} asked for; there are {', '.join(BY_NAME)}."
        )
    wanted = [BY_NAME[name] for name in dict.fromkeys(names)]
    body = {
        "query": await readable_items(engine, indices, search, caller),
        "size": 0,
        "track_total_hits": COUNT in names,
        "aggs": {aggregation.name: aggregation.body(options) for aggregation in wanted if aggregation.name != COUNT},
    }
    found = await engine.search(indices.items, body)
    results = found.get("aggregations", {})
    return [_count(found) if item.name == COUNT else _result(item, results[item.name]) for item in wanted]


def _count(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": COUNT, "data_type": "integer", "value": found["hits"]["total"]["value"]}


def _result(aggregation: Aggregation, result: Mapping[str, Any]) -> dict[str, Any]:
    head = {"name": aggregation.name, "data_type": aggregation.data_type}
    if not aggregation.bucket_type:
        return head | {"value": result.get("value_as_string")}
    buckets = [
        {
            "key": bucket.get("key_as_string", bucket["key"]),
            "data_type": aggregation.bucket_type,
            "frequency": bucket["doc_count"],
        }
        for bucket in result["buckets"]
    ]
    return head | {"buckets": buckets, "overflow": result.get("sum_other_doc_count", 0)}
