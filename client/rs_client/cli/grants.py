"""`rs grants`: who may do what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_change, print_json, print_table
from rs_client.grants import subject_of

commands = typer.Typer(no_args_is_help=True, help="Who may do what with your collections. `rs share` adds to it.")


@commands.command("list")
def list_grants(
    ctx: typer.Context,
    resource: Annotated[str, typer.Option(help="Only on this resource, such as catalog:alice:s1-l0.")] = "",
    subject: Annotated[str, typer.Option(help="Only of this user, group:NAME, public or authenticated.")] = "",
    as_json: AsJson = False,
) -> None:
    """List grants."""
    subject = subject_of(subject) if subject else ""
    grants = client_of(ctx).grants.find(resource=resource, subject=subject)
    if as_json:
        print_json([asdict(grant) for grant in grants])
        return
    rows = ((grant.id, grant.subject, grant.resource, " ".join(grant.actions), grant.expires) for grant in grants)
    print_table(("id", "subject", "resource", "actions", "expires"), rows)


@commands.command("revoke")
def revoke(
    ctx: typer.Context, grant_id: Annotated[str, typer.Argument(help="Id of the grant.")], as_json: AsJson = False
) -> None:
    """Take a grant back."""
    client_of(ctx).grants.withdraw(grant_id)
    print_change(as_json, f"Grant {grant_id} revoked; it stops working within 30 seconds.", revoked=grant_id)
