"""`rs download`: the files of an item."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pystac import Asset, Item
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from rs_client.cli.connection import client_of
from rs_client.cli.output import console, plain
from rs_client.downloads import Received


def download(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="NAME of your own collection, or OWNER:NAME.")],
    item_id: Annotated[str, typer.Argument(help="Id of the item.")],
    asset: Annotated[list[str] | None, typer.Option("--asset", "-a", help="Only this asset; may be repeated.")] = None,
    to: Annotated[Path, typer.Option("--to", "-t", help="Folder for the files.", file_okay=False)] = Path(),
) -> None:
    """Download an item's assets. What was interrupted is gone on with; size and checksum are verified."""
    client = client_of(ctx)
    assets = _chosen(client.catalog.item(collection, item_id), asset or [])
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    err = console(errors=True)
    with Progress(*columns, console=err, disable=not err.is_terminal) as progress:
        for name, found in assets.items():
            task = progress.add_task(plain(name), total=found.extra_fields.get("file:size"))
            file = client.downloads.fetch(found, name, to, _showing(progress, task))
            verified = f"{' and '.join(file.checked)} verified" if file.checked else "nothing to verify it by"
            typer.echo(f"{file.path}  {file.size} bytes, {verified}")


def _showing(progress: Progress, task: TaskID) -> Received:
    def show(received: int) -> None:
        progress.update(task, completed=received)

    return show


def _chosen(item: Item, names: list[str]) -> dict[str, Asset]:
    """The assets of `item` with these names, or all."""
    unknown = [name for name in names if name not in item.assets]
    if unknown:
        raise typer.BadParameter(
            f"{item.id} has no asset {unknown[0]!r}; it has {', '.join(sorted(item.assets)) or 'none'}.",
            param_hint="--asset",
        )
    return {name: found for name, found in item.assets.items() if not names or name in names}
