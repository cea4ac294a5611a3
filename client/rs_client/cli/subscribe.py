"""`rs subscribe`: standing orders."""

from __future__ import annotations

from typing import Annotated

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_change, print_json, print_table, tell
from rs_client.subscriptions import Subscription

commands = typer.Typer(no_args_is_help=True, help="Standing orders: stage what stations publish from now on.")

SubscriptionId = Annotated[str, typer.Argument(help="Id of the standing order.")]


@commands.command("add")
def add(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="cadip, auxip, prip or lta.")],
    to: Annotated[str, typer.Option("--to", "-t", help="Collection that gets the items: NAME or OWNER:NAME.")],
    collection: Annotated[list[str], typer.Option("--collection", "-c", help="Collection of the station; repeat.")],
    cql2: Annotated[str, typer.Option("--filter", help="CQL2 text that chooses the items.")] = "",
    asset: Annotated[list[str] | None, typer.Option("--asset", "-a", help="Only this asset; may be repeated.")] = None,
    pattern: Annotated[list[str] | None, typer.Option(help="Only assets like '*.raw'; may be repeated.")] = None,
    label: Annotated[str, typer.Option(help="A name for it, and for its jobs.")] = "",
    since: Annotated[str, typer.Option(help="Also what was published from then on, as 2024-11-14T14:00:00Z.")] = "",
    as_json: AsJson = False,
) -> None:
    """Stage by itself whatever a station publishes and the filter accepts; prints the id."""
    added = client_of(ctx).subscriptions.add(
        service,
        collection,
        to,
        filter=cql2,
        asset_names=asset or [],
        asset_patterns=pattern or [],
        label=label,
        since=since,
    )
    if as_json:
        print_json(added.document)
        return
    tell(f"What {', '.join(collection)} shows from now on is staged into {added.collection}.")
    typer.echo(added.id)


@commands.command("list")
def list_subscriptions(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List your standing orders."""
    found = client_of(ctx).subscriptions.all()
    if as_json:
        print_json([one.document for one in found])
        return
    rows = (
        (one.id, one.status, " ".join(one.collections), one.collection, *_figures(one), one.label, one.error)
        for one in found
    )
    print_table(("id", "status", "from", "to", "found", "staged", "failed", "label", "error"), rows)


def _figures(one: Subscription) -> tuple[int, int, int]:
    return one.found, one.staged, one.failed


@commands.command("show")
def show(ctx: typer.Context, subscription_id: SubscriptionId, as_json: AsJson = False) -> None:  # noqa: ARG001  # it is JSON in any case
    """Show all that is known of one, its items under way and its failures included, as JSON."""
    print_json(client_of(ctx).subscriptions.get(subscription_id).document)


@commands.command("pause")
def pause(ctx: typer.Context, subscription_id: SubscriptionId, as_json: AsJson = False) -> None:
    """Look for nothing more, until it is resumed."""
    paused = client_of(ctx).subscriptions.pause(subscription_id).id
    print_change(as_json, f"Standing order {paused} is paused.", paused=paused)


@commands.command("resume")
def resume(ctx: typer.Context, subscription_id: SubscriptionId, as_json: AsJson = False) -> None:
    """Go on, with what was published meanwhile."""
    resumed = client_of(ctx).subscriptions.resume(subscription_id).id
    print_change(as_json, f"Standing order {resumed} is active.", resumed=resumed)


@commands.command("remove")
def remove(ctx: typer.Context, subscription_id: SubscriptionId, as_json: AsJson = False) -> None:
    """End it; jobs that it has started go on."""
    client_of(ctx).subscriptions.remove(subscription_id)
    print_change(as_json, f"Standing order {subscription_id} removed.", removed=subscription_id)
