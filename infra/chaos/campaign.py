"""A campaign: its jobs, sent and waited for. What failed under faults is sent once more when there are none."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from chaos import work
from chaos.work import Order, Work
from rs_client import Client
from rs_client.errors import RsClientError

ENDED = frozenset({"successful", "failed", "dismissed"})
POLL_SECONDS = 5.0
ATTEMPTS = 6
"""How often something is asked for while what is behind the service fails, or takes too long."""


def patiently[Answer](ask: Callable[[], Answer], say: Callable[[str], None]) -> Answer:
    """The answer, after several attempts if need be."""
    for attempt in range(1, ATTEMPTS):
        try:
            return ask()
        except RsClientError as error:
            say(f"asked again: {error}")
            time.sleep(2**attempt)
    return ask()


@dataclass
class Campaign:
    """The jobs of a campaign into a collection of their own."""

    client: Client
    collection: str
    work: Work
    say: Callable[[str], None]
    jobs: dict[str, Order] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    """What each job was when it was last looked at."""
    messages: dict[str, str] = field(default_factory=dict)

    @classmethod
    def planned(cls, client: Client, files: int, chance: random.Random, say: Callable[[str], None]) -> Campaign:
        """A campaign of at least `files` files, and its collection."""
        planned = patiently(lambda: work.plan(client, files, chance), say)
        owner, name = patiently(client.me, say)["user"], f"chaos-{time.time_ns():x}"
        patiently(lambda: client.catalog.create(name), say)
        say(f"{planned.files} files in {len(planned.orders)} jobs, into {owner}:{name}")
        return cls(client, f"{owner}:{name}", planned, say)

    def submit_all(self) -> None:
        """Send every job."""
        for order in self.work.orders:
            self._submit(order)

    def submit_again(self) -> None:
        """Send those that failed once more."""
        again = [
            order
            for job, order in self.jobs.items()
            if self.statuses[job] != "successful" or order.publication == "partial"
        ]
        self.say(f"again, without faults: {len(again)} jobs that failed or may have published a part only")
        for order in again:
            self._submit(order)

    def wait(self, seconds: float) -> None:
        """Wait for the end of all jobs, at most so long."""
        until = time.monotonic() + seconds
        said = 0.0
        while (left := self._look()) and time.monotonic() < until:
            if time.monotonic() - said > 30:
                said = time.monotonic()
                self.say(f"{len(self.jobs) - len(left)} of {len(self.jobs)} jobs have ended")
            time.sleep(POLL_SECONDS)

    def reasons(self) -> Iterable[str]:
        """Why jobs failed, the names of files left out."""
        return (self.messages[job].rpartition(": ")[2] for job, status in self.statuses.items() if status == "failed")

    def remove(self) -> None:
        """Delete the collection with what is in it."""
        self.client.catalog.delete(self.collection)

    def _submit(self, order: Order) -> None:
        job = patiently(
            lambda: self.client.jobs.stage(
                self.collection, list(order.items), publication=order.publication, priority=order.priority
            ),
            self.say,
        )
        self.jobs[job.id] = order
        self.statuses[job.id] = job.status

    def _look(self) -> list[str]:
        for job in [job for job, status in self.statuses.items() if status not in ENDED]:
            try:
                seen = self.client.jobs.get(job)
            except RsClientError:  # it is asked again in a moment
                continue
            self.statuses[job], self.messages[job] = seen.status, seen.message
        return [job for job, status in self.statuses.items() if status not in ENDED]
