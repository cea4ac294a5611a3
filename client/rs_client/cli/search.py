"""`rs search`: items of the catalog and of the stations."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from pystac import Item

from rs_client.cli.connection import client_of
from rs_client.cli.output import print_json, print_table, size_text, tell
from rs_client.search import Service

Collections = Annotated[list[str] | None, typer.Option("--collection", "-c", help="Collection; may be repeated.")]
Datetime = Annotated[str, typer.Option(help="Time or interval: 2024-11-14, FROM/TO, FROM/..")]


def search(
    ctx: typer.Context,
    service: Annotated[Service, typer.Argument(help="Where to search.")],
    collection: Collections = None,
    item_id: Annotated[list[str] | None, typer.Option("--id", help="Item id; may be repeated.")] = None,
    datetime: Datetime = "",
    cql2: Annotated[str, typer.Option("--filter", help="CQL2 text, such as \"platform = 'sentinel-1a'\".")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most items to show.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print a GeoJSON FeatureCollection.")] = False,
) -> None:
    """Search the catalog or a station."""
    found = client_of(ctx).search(
        service,
        limit=limit,
        collections=collection or (),
        ids=item_id or (),
        datetime=datetime,
        filter=cql2,
    )
    items = list(found)
    if as_json:
        features = [item.to_dict(transform_hrefs=False) for item in items]
        print_json({"type": "FeatureCollection", "features": features})
    elif items:
        print_table(("id", "collection", "datetime", "assets", "size"), map(_row, items))
    else:
        tell("Nothing found.")


def _row(item: Item) -> tuple[Any, ...]:
    moment = item.properties.get("datetime") or item.properties.get("start_datetime") or ""
    sizes = [asset.extra_fields.get("file:size") for asset in item.assets.values()]
    size = sum(size for size in sizes if size) if any(sizes) else None
    return item.id, item.collection_id, moment, len(item.assets), size_text(size)
