"""`rs search`: items of the catalog and of the stations."""

from __future__ import annotations

from typing import Annotated, Any

import typer

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
    items = list(found.items_as_dicts())
    if as_json:
        print_json({"type": "FeatureCollection", "features": items})
    elif items:
        print_table(("id", "collection", "datetime", "assets", "size"), map(_row, items))
    else:
        tell("Nothing found.")


def _row(item: dict[str, Any]) -> tuple[Any, ...]:
    moment = item["properties"].get("datetime") or item["properties"].get("start_datetime") or ""
    assets = item.get("assets", {})
    sizes = [asset["file:size"] for asset in assets.values() if asset.get("file:size")]
    return item["id"], item.get("collection", ""), moment, len(assets), size_text(sum(sizes) if sizes else None)
