"""`rs keys`: the caller's API keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_change, print_json, print_table, tell
from rs_client.keys import Key

commands = typer.Typer(no_args_is_help=True, help="Your API keys.")


Name = Annotated[str, typer.Argument(help="What the key is for.")]
Days = Annotated[int | None, typer.Option(min=1, help="Days until it expires.")]
Actions = Annotated[list[str] | None, typer.Option("--action", help="Only this action; may be repeated.")]
Resources = Annotated[list[str] | None, typer.Option("--resource", help="Only on this resource; may be repeated.")]
KeyId = Annotated[str, typer.Argument(help="Id of the key.")]


@commands.command("create")
def create(
    ctx: typer.Context,
    name: Name,
    days: Days = None,
    action: Actions = None,
    resource: Resources = None,
    as_json: AsJson = False,
) -> None:
    """Create a key and print it, this once."""
    key = client_of(ctx).keys.create(name, expires_in_days=days, actions=action or (), resources=resource or ())
    show_new(key, as_json=as_json)


@commands.command("list")
def list_keys(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List your keys."""
    show_all(client_of(ctx).keys.all(), as_json=as_json)


@commands.command("revoke")
def revoke(ctx: typer.Context, key_id: KeyId, as_json: AsJson = False) -> None:
    """End a key."""
    client_of(ctx).keys.revoke(key_id)
    print_change(as_json, f"Key {key_id} revoked; it stops working within 30 seconds.", revoked=key_id)


def show_new(key: Key, *, as_json: bool) -> None:
    """Print a new key, alone on standard output so that a script can take it up."""
    tell(f"Key {key.id} works until {key.expires}. Keep it safe: it is not shown again.")
    print_change(as_json, key.secret, **_shown(key), key=key.secret)


def show_all(keys: Iterable[Key], *, as_json: bool) -> None:
    """Print a list of keys."""
    if as_json:
        print_json([_shown(key) for key in keys])
        return
    rows = (
        (key.id, key.name, key.created, key.expires, key.last_used, "revoked" if key.revoked else "") for key in keys
    )
    print_table(("id", "name", "created", "expires", "last used", "state"), rows)


def _shown(key: Key) -> dict[str, Any]:
    return {name: value for name, value in asdict(key).items() if name != "secret"}
