"""`rs upload`: files of one's own into the catalog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rs_client.cli.bbox import parse_bbox
from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_json, size_text, tell
from rs_client.cli.transfers import Bars, bars
from rs_client.publication import Progress, local_files, new_item
from rs_client.uploads import Sent


def upload(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="NAME of your own collection, or OWNER:NAME.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files; each becomes an asset.", exists=True, dir_okay=False)
    ] = None,
    item_id: Annotated[str, typer.Option("--id", help="Id of the item that gets them; it may be there.")] = "",
    item: Annotated[
        Path | None,
        typer.Option(help="A STAC item as JSON: its assets that are files are uploaded, too.", exists=True),
    ] = None,
    asset: Annotated[str, typer.Option("--asset", "-a", help="Name of the asset, if not the file's.")] = "",
    datetime: Annotated[str, typer.Option(help="Time of a new item, as 2024-11-14T12:00:00Z.")] = "",
    bbox: Annotated[str, typer.Option(help="Place of a new item: WEST,SOUTH,EAST,NORTH in degrees.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Replace assets that the item has.")] = False,
    as_json: AsJson = False,
) -> None:
    """Upload files and publish them as an item, new or there already. Large files go in parts, some at a time."""
    document = _document(item, item_id, datetime, parse_bbox(bbox))
    chosen = _named(files or [], asset) | (local_files(document, item.parent) if item else {})
    missing = [path for path in chosen.values() if not path.is_file()]
    if missing or not chosen:
        raise typer.BadParameter(
            f"There is no file {missing[0]}." if missing else "Give files to upload.", param_hint="FILES"
        )
    client = client_of(ctx)
    sizes = {name: path.stat().st_size for name, path in chosen.items()}
    with bars(len(chosen), sum(sizes.values())) as shown:
        made = client.publish(collection, document, chosen, replace=replace, progress=_showing(shown, sizes))
    if as_json:
        print_json(made)
        return
    for name, size in sizes.items():
        typer.echo(f"{name}  {size_text(size)} uploaded")
    tell(f"Item {made['id']} is in {made['collection']}.")


def _document(item: Path | None, item_id: str, datetime: str, bbox: list[float]) -> dict[str, Any]:
    """The item to publish: the one in a file, or a new one."""
    if item is None:
        if not item_id:
            raise typer.BadParameter("Say which item gets the files: --id, or --item FILE.", param_hint="--id")
        return new_item(item_id, datetime, bbox)
    try:
        document: dict[str, Any] = json.loads(item.read_text(encoding="utf-8"))
        named = {"assets": {}} | document | ({"id": item_id} if item_id else {})
        assert named["id"]
    except (ValueError, TypeError, KeyError, AssertionError) as error:
        raise typer.BadParameter(f"{item} is no STAC item: {error}.", param_hint="--item") from error
    return named


def _named(files: list[Path], asset: str) -> dict[str, Path]:
    if asset and len(files) != 1:
        raise typer.BadParameter("One name is for one file.", param_hint="--asset")
    named = {asset or file.name: file for file in files}
    if len(named) < len(files):
        raise typer.BadParameter("Two files have the same name.", param_hint="FILES")
    return named


def _showing(shown: Bars, sizes: dict[str, int]) -> Progress:
    def progress(name: str) -> Sent:
        return shown.start(name, sizes[name]).add

    return progress
