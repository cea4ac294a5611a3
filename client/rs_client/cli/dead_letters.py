"""`rs admin dead-letters`: work that the server's workers could not end."""

from __future__ import annotations

from typing import Annotated

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_change, print_json, print_table

commands = typer.Typer(no_args_is_help=True, help="Work that could not be ended, to be seen and sent again.")

LetterId = Annotated[str, typer.Argument(help="Id of the dead letter.")]


@commands.command("list")
def list_dead_letters(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List dead letters, the oldest first."""
    letters = client_of(ctx).dead_letters.all()
    if as_json:
        print_json(letters)
        return
    columns = ("id", "sent", "kind", "job", "owner", "status", "message")
    print_table(columns, ([letter.get(column) or "" for column in columns] for letter in letters))


@commands.command("replay")
def replay(
    ctx: typer.Context,
    letter_id: Annotated[str, typer.Argument(help="Only this one; else all.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send the work again."""
    count = client_of(ctx).dead_letters.replay(letter_id)
    print_change(as_json, f"{count} sent again.", replayed=count)


@commands.command("delete")
def delete(ctx: typer.Context, letter_id: LetterId, as_json: AsJson = False) -> None:
    """Throw one away."""
    client_of(ctx).dead_letters.delete(letter_id)
    print_change(as_json, f"Dead letter {letter_id} deleted.", deleted=letter_id)
