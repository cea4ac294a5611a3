"""A job's progress: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from rs_client.cli.output import console, plain, size_text, tell
from rs_client.jobs import Job

STEP = 10
"""Percent between two lines where there is no terminal."""


def follow(jobs: Iterable[Job]) -> Job:
    """Show the states of a job as they come, and give the last one."""
    return _bar(jobs) if console(errors=True).is_terminal else _lines(jobs)


def _bar(jobs: Iterable[Job]) -> Job:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[status]:<10}"),
        BarColumn(40),
        TaskProgressColumn(),
        TextColumn("{task.fields[size]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[message]}", markup=False),
    )
    with Progress(*columns, console=console(errors=True)) as progress:
        task = progress.add_task("", total=100, status="accepted", size="", message="")
        for job in jobs:
            message = plain(job.message)
            progress.update(task, completed=job.progress, status=job.status, size=_size(job), message=message)
    return job


def _lines(jobs: Iterable[Job]) -> Job:
    shown = ("", -STEP)
    for job in jobs:
        if job.status != shown[0] or job.progress >= shown[1] + STEP:
            shown = (job.status, job.progress)
            bar = "#" * (job.progress // 4)
            tell(f"{job.status:<10} [{bar:<25}] {job.progress:>3} %  {_size(job):<19}  {job.message}")
    return job


def _size(job: Job) -> str:
    """How much of how much is there, once that is known."""
    return f"{size_text(job.bytes_done)} of {size_text(job.bytes_total)}" if job.bytes_total else ""
