"""`rs download`: the files of items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.items import read_items
from rs_client.cli.output import AsJson, print_json, tell
from rs_client.cli.transfers import bars
from rs_client.client import Client
from rs_client.downloads import Downloaded, safe_name
from rs_client.errors import Incomplete, RsClientError, Unauthenticated
from rs_client.parallel import Stop, in_parallel

if TYPE_CHECKING:
    from pystac import Asset, Item

STDIN = "-"


@dataclass(frozen=True, slots=True)
class File:
    """An asset, and where it goes."""

    asset: Asset
    name: str
    folder: Path

    @property
    def size(self) -> int | None:
        """Bytes, where the item says."""
        size: int | None = self.asset.extra_fields.get("file:size")
        return size


def download(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="NAME of your own collection, or OWNER:NAME; - reads stdin.")],
    item_ids: Annotated[list[str] | None, typer.Argument(help="Ids of the items.", show_default=False)] = None,
    asset: Annotated[list[str] | None, typer.Option("--asset", "-a", help="Only this asset; may be repeated.")] = None,
    to: Annotated[Path, typer.Option("--to", "-t", help="Folder for the files.", file_okay=False)] = Path(),
    parallel: Annotated[int, typer.Option(min=1, max=32, help="Files at the same time.")] = 4,
    as_json: AsJson = False,
) -> None:
    """Download the assets of items. Files of several items go to a folder for each.

    What was interrupted goes on where it stopped, when the same command runs again. Sizes and checksums are verified.
    """
    client = client_of(ctx)
    files = list(_files(_items(client, collection, item_ids or []), asset or [], to))
    done = _fetch(client, files, parallel, quiet=as_json)
    if as_json:
        print_json([{"path": str(d.path), "size": d.size, "checked": d.checked} for d in done])
    if len(done) < len(files):
        raise Incomplete(f"{len(files) - len(done)} of {len(files)} files could not be downloaded.")


def _items(client: Client, collection: str, item_ids: Sequence[str]) -> list[Item]:
    if collection == STDIN:
        from pystac import Item

        return [Item.from_dict(document, preserve_dict=False) for document in read_items("COLLECTION")]
    if not item_ids:
        raise typer.BadParameter("Say which items, or - to read them from stdin.", param_hint="ITEM_IDS")
    return [client.catalog.item(collection, item_id) for item_id in item_ids]


def _files(items: Sequence[Item], names: Sequence[str], to: Path) -> Iterator[File]:
    """What is to be downloaded, each to a place of its own."""
    again = [item_id for item_id, count in Counter(item.id for item in items).items() if count > 1]
    if again:
        raise typer.BadParameter(f"There are several items {again[0]!r}; download them one by one.")
    for item in items:
        folder = to / safe_name(item.id) if len(items) > 1 else to
        yield from (File(found, name, folder) for name, found in _chosen(item, names).items())


def _chosen(item: Item, names: Sequence[str]) -> dict[str, Asset]:
    """The assets of `item` with these names, or all."""
    unknown = [name for name in names if name not in item.assets]
    if unknown:
        raise typer.BadParameter(
            f"{item.id} has no asset {unknown[0]!r}; it has {', '.join(sorted(item.assets)) or 'none'}.",
            param_hint="--asset",
        )
    return {name: found for name, found in item.assets.items() if not names or name in names}


def _fetch(client: Client, files: Sequence[File], parallel: int, *, quiet: bool) -> list[Downloaded]:
    """Download all files, and tell of each; those that fail are told of and left out."""
    sizes = [file.size for file in files]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    done: list[Downloaded] = []
    with bars(len(files), total) as shown:

        def fetch(file: File, stop: Stop) -> Downloaded:
            with shown.file(file.name, file.size) as bar:

                def received(count: int) -> None:
                    stop.check()
                    bar.reach(count)

                return client.downloads.fetch(file.asset, file.name, file.folder, received)

        try:
            with closing(in_parallel(fetch, files, parallel)) as ended:
                for file, result in ended:
                    error = result.exception()
                    if len(files) > 1 and isinstance(error, RsClientError) and not isinstance(error, Unauthenticated):
                        tell(f"{file.name}: {error.message} {error.hint}", style="red")
                    else:
                        done.append(result.result())
                        _tell(done[-1], quiet=quiet)
        except KeyboardInterrupt:
            tell("What has come is kept: run the same command again, and it goes on from there.")
            raise
    return done


def _tell(file: Downloaded, *, quiet: bool) -> None:
    if not quiet:
        verified = f"{' and '.join(file.checked)} verified" if file.checked else "nothing to verify it by"
        typer.echo(f"{file.path}  {file.size} bytes, {verified}")
