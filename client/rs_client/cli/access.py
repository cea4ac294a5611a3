"""`rs me` and `rs share`: who the caller is, and whom they let in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_json, print_record, print_table
from rs_client.grants import resource_of, subject_of


def me(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show who you are and what you may do."""
    document = client_of(ctx).me()
    if as_json:
        print_json(document)
        return
    key = document.get("key") or {}
    about_key = {"key": key.get("name"), "key id": key.get("id"), "key expires": key.get("expires")}
    print_record({name: document.get(name) for name in ("user", "groups", "admin", "owns")} | about_key)
    grants = document.get("grants") or []
    if grants:
        typer.echo()
        rows = ((g["resource"], " ".join(g["actions"]), g["subject"], g.get("expires") or "") for g in grants)
        print_table(("resource", "actions", "granted to", "expires"), rows)


def share(
    ctx: typer.Context,
    collection: Annotated[str, typer.Argument(help="NAME of your own collection, or OWNER:NAME.")],
    subject: Annotated[str, typer.Argument(help="A user, group:NAME, authenticated or public.")],
    actions: Annotated[
        list[str] | None, typer.Argument(help="read (if none is given), download, write, manage.")
    ] = None,
    expires: Annotated[str, typer.Option(help="When this ends, as 2027-01-31T00:00:00Z.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let others use a collection. No action implies another."""
    client = client_of(ctx)
    owner = "" if ":" in collection else str(client.me()["user"])
    grant = client.grants.give(
        subject_of(subject), resource_of(collection, owner), actions or ["read"], expires=expires
    )
    if as_json:
        print_json(asdict(grant))
        return
    until = f" until {grant.expires}" if grant.expires else ""
    typer.echo(f"{grant.subject} may {', '.join(grant.actions)} {grant.resource}{until} (grant {grant.id}).")
