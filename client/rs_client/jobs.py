"""Staging: start a job that brings items into a collection, follow it, stop it (OGC API Processes)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rs_client.addresses import in_path
from rs_client.errors import JobEnded, ServiceFailed, Unreachable

if TYPE_CHECKING:
    from pystac import Item

    from rs_client.transport import Api

ENDED = frozenset({"successful", "failed", "dismissed"})
PATIENCE = 10
"""Answers in a row that may fail while a job is watched; the job itself goes on at the server."""


@dataclass(frozen=True, slots=True)
class Job:
    """The state of a staging job, as a statusInfo tells it."""

    id: str
    status: str
    progress: int
    """Percent, by bytes."""
    message: str
    bytes_done: int
    bytes_total: int
    """0 as long as the sizes are not known."""
    document: dict[str, Any]
    """The whole statusInfo."""

    @classmethod
    def of(cls, document: dict[str, Any]) -> Job:
        """Read a statusInfo."""
        size = document.get("bytes") or {}
        return cls(
            id=str(document["jobID"]),
            status=str(document["status"]),
            progress=int(document.get("progress") or 0),
            message=str(document.get("message") or ""),
            bytes_done=int(size.get("done") or 0),
            bytes_total=int(size.get("total") or 0),
            document=document,
        )

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED

    def succeed(self) -> Job:
        """This job if it was successful; raises JobEnded otherwise."""
        if self.status == "successful":
            return self
        reason = f": {self.message}" if self.message else "."
        raise JobEnded(
            f"Job {self.id} is {self.status}{reason}",
            "Nothing of it is published that is not complete; stage again when the cause is gone.",
            dismissed=self.status == "dismissed",
        )


class Jobs:
    """The caller's staging jobs."""

    def __init__(self, api: Api, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._api = api
        self._sleep = sleep

    def stage(self, collection: str, items: Sequence[Item | dict[str, Any]] | str, **inputs: Any) -> Job:
        """Start staging `items` (STAC items, or the URL of a search) into `collection` of the catalog.

        `inputs` are further ones of the process, such as `asset_names`, `label`, `dry_run`.
        """
        source = {"href": items} if isinstance(items, str) else {"value": _feature_collection(items)}
        given = {name: value for name, value in inputs.items() if value}
        body = {"inputs": {"collection": collection, "items": source, **given}}
        return Job.of(self._api.request("POST", "/processes/staging/execution", json=body))

    def get(self, job_id: str) -> Job:
        """The job as it is now."""
        return Job.of(self._api.request("GET", f"/jobs/{in_path(job_id)}"))

    def dismiss(self, job_id: str) -> Job:
        """Stop a job; nothing that it has not published stays behind."""
        return Job.of(self._api.request("DELETE", f"/jobs/{in_path(job_id)}"))

    def find(self, *, status: str = "", limit: int = 100) -> list[Job]:
        """The newest jobs, at most `limit`, of one status if given."""
        jobs: list[Job] = []
        path, parameters = "/jobs", {"limit": limit, "status": status}
        while path and len(jobs) < limit:
            page = self._api.request("GET", path, params=parameters)
            jobs += [Job.of(document) for document in page["jobs"]]
            path = next((link["href"] for link in page.get("links", []) if link["rel"] == "next"), "")
            parameters = {}
        return jobs[:limit]

    def watch(self, job_id: str, *, seconds: float = 1.0) -> Iterator[Job]:
        """The job again and again, every `seconds`, until it has ended. A server away for a moment is waited for."""
        failures = 0
        while True:
            try:
                job = self.get(job_id)
            except (Unreachable, ServiceFailed):
                failures += 1
                if failures > PATIENCE:
                    raise
            else:
                failures = 0
                yield job
                if job.ended:
                    return
            self._sleep(seconds)

    def wait(self, job_id: str, *, seconds: float = 1.0) -> Job:
        """Wait for the end of a job; raises JobEnded unless it is successful."""
        [last] = deque(self.watch(job_id, seconds=seconds), maxlen=1)
        return last.succeed()


def _feature_collection(items: Sequence[Item | dict[str, Any]]) -> dict[str, Any]:
    features = [item if isinstance(item, dict) else item.to_dict(transform_hrefs=False) for item in items]
    return {"type": "FeatureCollection", "features": features}
