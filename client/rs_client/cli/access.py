"""`rs me` and `rs share`: who the caller is, and whom they let in."""

from __future__ import annotations

from typing import Annotated

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import print_json
from rs_client.grants import resource_of, subject_of


def me(ctx: typer.Context) -> None:
    """Show who you are and what you may do, as JSON."""
    print_json(client_of(ctx).me())


def share(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="NAME of your own collection, or OWNER:NAME.")],
    subject: Annotated[str, typer.Argument(help="A user, group:NAME, authenticated or public.")],
    actions: Annotated[
        list[str] | None, typer.Argument(help="read (if none is given), download, write, manage.")
    ] = None,
    expires: Annotated[str, typer.Option(help="When this ends, as 2027-01-31T00:00:00Z.")] = "",
) -> None:
    """Let others use a collection. No action implies another."""
    client = client_of(ctx)
    owner = "" if ":" in collection else str(client.me()["user"])
    grant = client.grants.give(
        subject_of(subject), resource_of(collection, owner), actions or ["read"], expires=expires
    )
    until = f" until {grant.expires}" if grant.expires else ""
    typer.echo(f"{grant.subject} may {', '.join(grant.actions)} {grant.resource}{until} (grant {grant.id}).")
