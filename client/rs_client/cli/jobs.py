"""`rs jobs`: the caller's staging jobs."""

from __future__ import annotations

from typing import Annotated

import typer

from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_change, print_json, print_record, print_table
from rs_client.cli.stage import finish

commands = typer.Typer(no_args_is_help=True, help="Your staging jobs.")

JobId = Annotated[str, typer.Argument(help="Id of the job.")]


@commands.command("list")
def list_jobs(
    ctx: typer.Context,
    status: Annotated[str, typer.Option(help="Only jobs of this status.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most jobs to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List jobs, the newest first."""
    jobs = client_of(ctx).jobs.find(status=status, limit=limit)
    if as_json:
        print_json([job.document for job in jobs])
        return
    rows = ((job.id, job.status, f"{job.progress} %", job.document.get("created", ""), job.message) for job in jobs)
    print_table(("id", "status", "progress", "created", "message"), rows)


@commands.command("show")
def show(ctx: typer.Context, job_id: JobId, as_json: AsJson = False) -> None:
    """Show all that is known of a job."""
    document = client_of(ctx).jobs.get(job_id).document
    if as_json:
        print_json(document)
    else:
        print_record({name: value for name, value in document.items() if name != "links"})


@commands.command("watch")
def watch(ctx: typer.Context, job_id: JobId, as_json: AsJson = False) -> None:
    """Follow a job to its end. Ends with 0 when it is successful, 1 failed, 6 dismissed."""
    client = client_of(ctx)
    finish(client, client.jobs.get(job_id), wait=True, as_json=as_json)


@commands.command("cancel")
def cancel(ctx: typer.Context, job_id: JobId, as_json: AsJson = False) -> None:
    """Stop a job."""
    job = client_of(ctx).jobs.dismiss(job_id)
    print_change(as_json, f"Job {job.id} is {job.status}.", **job.document)
