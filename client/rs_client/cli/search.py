"""`rs search`: items of the catalog and of the stations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rs_client.cli.bbox import parse_bbox
from rs_client.cli.connection import client_of
from rs_client.cli.output import print_json, print_table, size_text, tell
from rs_client.criteria import Service
from rs_client.geoparquet import write_geoparquet

Collections = Annotated[list[str] | None, typer.Option("--collection", "-c", help="Collection; may be repeated.")]
Datetime = Annotated[str, typer.Option(help="Time or interval: 2024-11-14, FROM/TO, FROM/..")]


def search(
    ctx: typer.Context,
    service: Annotated[Service, typer.Argument(help="Where to search.")],
    collection: Collections = None,
    item_id: Annotated[list[str] | None, typer.Option("--id", help="Item id; may be repeated.")] = None,
    datetime: Datetime = "",
    cql2: Annotated[str, typer.Option("--filter", help="CQL2 text, such as \"platform = 'sentinel-1a'\".")] = "",
    bbox: Annotated[str, typer.Option(help="Only what touches WEST,SOUTH,EAST,NORTH (degrees).")] = "",
    sort: Annotated[str, typer.Option(help="Order, such as -datetime,id; - puts the largest first.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="Most items to show; 0 shows all.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print a GeoJSON FeatureCollection.")] = False,
    parquet: Annotated[Path | None, typer.Option(help="Write a GeoParquet file.", dir_okay=False)] = None,
) -> None:
    """Search the catalog or a station."""
    found = client_of(ctx).search(
        service,
        limit=limit or None,
        bbox=parse_bbox(bbox),
        sortby=sort,
        collections=collection or (),
        ids=item_id or (),
        datetime=datetime,
        filter=cql2,
    )
    items = list(found.items_as_dicts())
    if parquet and items:
        write_geoparquet(items, parquet)
        tell(f"{len(items)} items are in {parquet}.")
    if as_json:
        print_json({"type": "FeatureCollection", "features": items})
    elif items and not parquet:
        print_table(("id", "collection", "datetime", "assets", "size"), map(_row, items))
    elif not items:
        tell("Nothing found.")


def _row(item: dict[str, Any]) -> tuple[Any, ...]:
    moment = item["properties"].get("datetime") or item["properties"].get("start_datetime") or ""
    assets = item.get("assets", {})
    sizes = [asset["file:size"] for asset in assets.values() if asset.get("file:size")]
    return item["id"], item.get("collection", ""), moment, len(assets), size_text(sum(sizes) if sizes else None)
