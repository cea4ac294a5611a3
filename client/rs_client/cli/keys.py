"""`rs keys`: the caller's API keys."""

from __future__ import annotations

from typing import Annotated

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import print_table, tell

commands = typer.Typer(no_args_is_help=True, help="Your API keys.")


@commands.command("create")
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires.")] = None,
    action: Annotated[list[str] | None, typer.Option(help="Only this action; may be repeated.")] = None,
    resource: Annotated[list[str] | None, typer.Option(help="Only on this resource; may be repeated.")] = None,
) -> None:
    """Create a key and print it, this once."""
    key = client_of(ctx).keys.create(name, expires_in_days=days, actions=action or (), resources=resource or ())
    tell(f"Key {key.id} works until {key.expires}. Keep it safe: it is not shown again.")
    typer.echo(key.secret)


@commands.command("list")
def list_keys(ctx: typer.Context) -> None:
    """List your keys."""
    rows = (
        (key.id, key.name, key.created, key.expires, "revoked" if key.revoked else "")
        for key in client_of(ctx).keys.all()
    )
    print_table(("id", "name", "created", "expires", "state"), rows)


@commands.command("revoke")
def revoke(ctx: typer.Context, key_id: Annotated[str, typer.Argument(help="Id of the key.")]) -> None:
    """End a key."""
    client_of(ctx).keys.revoke(key_id)
    typer.echo(f"Key {key_id} revoked; it stops working within 30 seconds.")
