"""Made-up STAC items as large and as varied as those of Sentinel products; the same for the same number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(seconds=97)
MODES = ("IW", "EW", "SM", "WV")
BANDS = ("B02", "B03", "B04", "B08", "SCL")


def items(count: int, collections: list[str]) -> Iterator[dict[str, Any]]:
    """`count` items, in turn of one collection after the other, each of its own moment."""
    random = Random(1)
    for number in range(count):
        yield item(number, collections[number % len(collections)], random)


def item(number: int, collection: str, random: Random) -> dict[str, Any]:
    """One item of about 3 kB."""
    start = FIRST + number * STEP
    west, south = random.uniform(-179, 176), random.uniform(-80, 78)
    east, north = west + 2.5, south + 1.7
    platform = random.choice(("sentinel-1a", "sentinel-1c", "sentinel-2a", "sentinel-2c"))
    name = f"{platform[-2:].upper()}_{start:%Y%m%dT%H%M%S}_{number:06}"
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [
            "https://stac-extensions.github.io/file/v2.1.0/schema.json",
            "https://stac-extensions.github.io/sat/v1.2.0/schema.json",
        ],
        "id": name,
        "collection": collection,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
        },
        "bbox": [west, south, east, north],
        "properties": {
            "datetime": _text(start),
            "start_datetime": _text(start),
            "end_datetime": _text(start + timedelta(seconds=25)),
            "created": _text(start + timedelta(hours=3)),
            "updated": _text(start + timedelta(hours=3)),
            "platform": platform,
            "constellation": platform[:-1],
            "instruments": ["c-sar"],
            "sar:instrument_mode": random.choice(MODES),
            "sat:absolute_orbit": 50_000 + number // 15,
            "sat:relative_orbit": number % 175 + 1,
            "sat:orbit_state": random.choice(("ascending", "descending")),
            "eo:cloud_cover": round(random.uniform(0, 100), 2),
            "processing:level": "L1",
        },
        "links": [],
        "assets": {band: _asset(name, band, random) for band in BANDS},
    }


def _asset(name: str, band: str, random: Random) -> dict[str, Any]:
    return {
        "href": f"https://data.example.org/products/{name}/GRANULE/IMG_DATA/{name}_{band}.jp2",
        "title": f"Band {band} of {name}",
        "type": "image/jp2",
        "roles": ["data", "reflectance"],
        "file:size": random.randrange(10_000_000, 900_000_000),
        "file:checksum": f"1220{random.getrandbits(256):064x}",
    }


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
