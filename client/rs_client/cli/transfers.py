"""Bars of bytes on their way: one for each file that is under way, and one for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rs_client.cli.output import console, plain

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bars:
    """Shows the bytes of files; says nothing where there is no terminal. May be told from several threads."""

    def __init__(self, progress: Progress, files: int, total: int | None) -> None:
        self._progress = progress
        self._all = progress.add_task(f"{files} files", total=total) if files > 1 else None

    def start(self, name: str, size: int | None) -> Bar:
        """A bar that stays."""
        return Bar(self._progress, name, size, self._all)

    @contextmanager
    def file(self, name: str, size: int | None) -> Iterator[Bar]:
        """The bar of one file, gone when the file is done where there are others."""
        bar = self.start(name, size)
        try:
            yield bar
        finally:
            if self._all is not None:
                bar.remove()


class Bar:
    """Shows the bytes of one file."""

    def __init__(self, progress: Progress, name: str, size: int | None, everything: TaskID | None) -> None:
        self._progress, self._all = progress, everything
        self._task = progress.add_task(plain(name), total=size)
        self._done = 0

    def reach(self, done: int) -> None:
        """There are `done` bytes now."""
        self.add(done - self._done)

    def add(self, count: int) -> None:
        """There are `count` bytes more."""
        self._done += count
        self._progress.update(self._task, advance=count)
        if self._all is not None:
            self._progress.update(self._all, advance=count)

    def remove(self) -> None:
        """Take the bar away."""
        self._progress.remove_task(self._task)


@contextmanager
def bars(files: int, total: int | None) -> Iterator[Bars]:
    """Bars for so many files of `total` bytes, as far as that is known."""
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    err = console(errors=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal) as progress:
        yield Bars(progress, files, total)
