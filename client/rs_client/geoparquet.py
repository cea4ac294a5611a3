"""Items as a GeoParquet file, in the layout of the stac-geoparquet specification."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rs_client.errors import InvalidCriteria, NotConfigured

NOWHERE = {"type": "GeometryCollection", "geometries": []}
"""GeoParquet files hold a geometry for each item; those without one get an empty one."""


def write_geoparquet(items: Sequence[dict[str, Any]], file: Path) -> None:
    """Write STAC items to `file`; raises NotConfigured where the optional package for it is not installed.

    Raises InvalidCriteria for items none of which has a geometry, such as downlink sessions: a GeoParquet file says
    what area it covers.
    """
    if not any(item.get("geometry") for item in items):
        raise InvalidCriteria("None of these items has a geometry, and GeoParquet needs one.", "Use --json.")
    import asyncio

    try:
        import rustac
    except ImportError as error:
        raise NotConfigured(
            "Writing GeoParquet needs the package rustac.", "Install it: pip install 'rs-server[client,geoparquet]'."
        ) from error

    async def write() -> None:
        await rustac.write(str(file), [item | {"geometry": item.get("geometry") or NOWHERE} for item in items])

    asyncio.run(write())
