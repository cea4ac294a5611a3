"""Several transfers at the same time, which all stop when the person interrupts."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future

from rs_client.errors import Interrupted


class Stop:
    """Asked by a transfer at each piece of its bytes."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Have all transfers stop."""
        self._event.set()

    def check(self) -> None:
        """Raise Interrupted once all are to stop."""
        if self._event.is_set():
            raise Interrupted("The transfer was interrupted.")


def in_parallel[Task, Result](
    work: Callable[[Task, Stop], Result], tasks: Sequence[Task], threads: int
) -> Generator[tuple[Task, Future[Result]]]:
    """Do `work` for each task, `threads` at a time; gives each task with its ended future, in the order of their ends.

    An exception of one task ends no other. When the generator is closed, no task begins any more and those under way
    stop. The threads are daemons: one that waits for a silent server never keeps the program from ending.
    """
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    ended: queue.SimpleQueue[tuple[Task, Future[Result]]] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    stop = Stop()

    def take_turns() -> None:
        while True:
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                return
            future: Future[Result] = Future()
            try:
                stop.check()
                future.set_result(work(task, stop))
            except Exception as error:
                future.set_exception(error)
            ended.put((task, future))

    for _ in range(min(threads, len(tasks))):
        threading.Thread(target=take_turns, daemon=True).start()
    try:
        for _ in tasks:
            yield ended.get()
    finally:
        stop.set()
