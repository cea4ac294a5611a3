"""`rs collections`: collections of the catalog and of the stations."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_change, print_json, print_table, tell
from rs_client.criteria import Service
from rs_client.errors import Refused

commands = typer.Typer(no_args_is_help=True, help="Collections: yours, those shared with you, those of stations.")

Name = Annotated[str, typer.Argument(help="NAME of your own collection, or OWNER:NAME.")]


@commands.command("list")
def list_collections(
    ctx: typer.Context,
    service: Annotated[Service, typer.Argument(help="Whose collections.")] = "catalog",
    as_json: AsJson = False,
) -> None:
    """List the collections that you see."""
    collections = client_of(ctx).catalog.collections(service)
    if as_json:
        print_json([collection.to_dict(transform_hrefs=False) for collection in collections])
        return
    print_table(("id", "title"), ((collection.id, collection.title or "") for collection in collections))


@commands.command("create")
def create(
    ctx: typer.Context,
    name: Name,
    title: Annotated[str, typer.Option(help="A title for people.")] = "",
    description: Annotated[str, typer.Option(help="What the collection holds.")] = "",
    exist_ok: Annotated[bool, typer.Option(help="Be content when it is there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Create a collection."""
    client = client_of(ctx)
    try:
        created = client.catalog.create(name, title=title, description=description)
    except Refused as refused:
        if not (exist_ok and refused.status == HTTPStatus.CONFLICT):
            raise
        tell(f"Collection {name} exists already.")
        if as_json:
            print_json(client.catalog.collection(name))
    else:
        print_change(as_json, f"Collection {created['id']} created.", **created)


@commands.command("delete")
def delete(
    ctx: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a collection with its items and files."""
    if not yes:
        typer.confirm(f"Delete {name}, its items and their files?", abort=True, err=True)
    client_of(ctx).catalog.delete(name)
    print_change(as_json, f"Collection {name} deleted.", deleted=name)
