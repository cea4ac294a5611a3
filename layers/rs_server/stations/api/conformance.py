"""What a station service advertises: what its tests show, and nothing else."""

from __future__ import annotations

STAC = "https://api.stacspec.org/v1.0.0"
OGC = "http://www.opengis.net/spec"

CONFORMANCE = sorted(
    [
        *(f"{STAC}/{part}" for part in ("core", "collections", "ogcapi-features", "item-search")),
        *(f"{STAC}/item-search#{extension}" for extension in ("fields", "sort", "query")),
        *(f"{STAC}/ogcapi-features#{extension}" for extension in ("fields", "sort", "query")),
        "https://api.stacspec.org/v1.1.0/item-search#sort",
        "https://api.stacspec.org/v1.1.0/item-search#sortables",
        "https://api.stacspec.org/v1.1.0/ogcapi-features#sort",
        "https://api.stacspec.org/v1.0.0-rc.2/item-search#filter",
        *(f"{OGC}/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "geojson", "oas30")),
        *(f"{OGC}/ogcapi-features-3/1.0/conf/{part}" for part in ("filter", "features-filter")),
        f"{OGC}/ogcapi-features-5/1.0/conf/sortables",
        *(f"{OGC}/cql2/1.0/conf/{part}" for part in ("basic-cql2", "cql2-text", "cql2-json")),
        f"{OGC}/cql2/1.0/conf/advanced-comparison-operators",
        f"{OGC}/cql2/1.0/conf/case-insensitive-comparison",
    ]
)
