"""What the catalog advertises: what its tests show, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

STAC = "https://api.stacspec.org"

SORT_1_0 = tuple(f"{STAC}/v1.0.0/{part}#sort" for part in ("item-search", "ogcapi-features"))
"""Clients look for the sort extension at this version, which v1.1.0 only adds to."""

ADDED = (
    *SORT_1_0,
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
)


def conformance(of_extensions: Iterable[str]) -> list[str]:
    """All classes: those of stac-fastapi and its extensions as they are assembled, and those that we add."""
    return sorted({str(name) for name in of_extensions} | set(ADDED))
