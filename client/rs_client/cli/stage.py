"""`rs stage`: bring items into a collection of the catalog."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.items import read_items
from rs_client.cli.output import AsJson, print_json, tell
from rs_client.cli.progress import follow
from rs_client.cli.search import Collections, Datetime
from rs_client.client import Client
from rs_client.criteria import Service
from rs_client.jobs import Job


def stage(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(help="cadip, auxip, prip, lta or catalog; - reads items from stdin.")],
    to: Annotated[str, typer.Option("--to", "-t", help="Collection that gets them: NAME or OWNER:NAME.")],
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of the items.")] = None,
    collection: Collections = None,
    datetime: Datetime = "",
    cql2: Annotated[str, typer.Option("--filter", help="CQL2 text that chooses the items.")] = "",
    asset: Annotated[list[str] | None, typer.Option("--asset", "-a", help="Only this asset; may be repeated.")] = None,
    label: Annotated[str, typer.Option(help="A name for the job.")] = "",
    wait: Annotated[bool, typer.Option(help="Show the progress until the job has ended.")] = True,
    as_json: AsJson = False,
) -> None:
    """Stage items into a collection. Ends with 0 when the job is successful, 1 failed, 6 dismissed."""
    client = client_of(ctx)
    criteria = {"collections": collection or (), "ids": ids or (), "datetime": datetime, "filter": cql2}
    job = client.jobs.stage(to, _items(client, source, criteria), asset_names=asset or [], label=label)
    tell(f"Job {job.id} stages into {to}.")
    finish(client, job, wait=wait, as_json=as_json)


def finish(client: Client, job: Job, *, wait: bool, as_json: bool) -> None:
    """Follow `job` to its end if asked to, show it as JSON if asked to; raises JobEnded for one that failed."""
    last = follow(client.jobs.watch(job.id)) if wait else job
    if as_json:
        print_json(last.document)
    elif not wait:
        typer.echo(last.id)
    if wait:
        last.succeed()


def _items(client: Client, source: str, criteria: dict[str, Any]) -> str | list[dict[str, Any]]:
    """What to stage: the URL of a search that the server does, or the items that stdin brings."""
    if source == "-":
        return read_items("SOURCE")
    if source not in get_args(Service):
        raise typer.BadParameter(f"{source!r} is none of {', '.join(get_args(Service))} or -.", param_hint="SOURCE")
    if not any(criteria.values()):
        raise typer.BadParameter("Say which items: ids, --collection, --datetime or --filter.", param_hint="IDS")
    return client.search_url(source, **criteria)
