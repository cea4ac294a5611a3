"""`rs show`: all about one collection or item."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_json, print_record, print_table, size_text
from rs_client.criteria import Service


def show(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="Collection; in the catalog NAME of your own, or OWNER:NAME.")],
    item_id: Annotated[str, typer.Argument(help="Id of an item of it.", show_default=False)] = "",
    service: Annotated[Service, typer.Option("--service", "-s", help="Where it is.")] = "catalog",
    as_json: AsJson = False,
) -> None:
    """Show a collection, or an item with its properties and assets."""
    catalog = client_of(ctx).catalog
    if not item_id:
        _show_collection(catalog.collection(collection, service), as_json)
        return
    item = catalog.item(collection, item_id, service).to_dict(include_self_link=False, transform_hrefs=False)
    if as_json:
        print_json(item)
        return
    print_record({name: item.get(name) for name in ("id", "collection", "bbox")} | item["properties"])
    typer.echo()
    print_table(("asset", "size", "type", "href"), map(_asset_row, item["assets"].items()))


def _show_collection(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        print_record({name: value for name, value in found.items() if name not in {"links", "type", "stac_version"}})


def _asset_row(named: tuple[str, dict[str, Any]]) -> tuple[Any, ...]:
    name, asset = named
    return name, size_text(asset.get("file:size")), asset.get("type", ""), asset["href"]
